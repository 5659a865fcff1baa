#!lua
-- Appends entries to a stream where its last id is the one the caller knows; all of them or none.
-- KEYS[1]  the stream
-- ARGV     the expected last id, the epoch (the ids become "<epoch>-*"), then for each entry
--          the count of its pairs and the pairs: field, value, ...
-- Answers {1, id, id, ...}, or {0, the actual last id}, which is '' where there is no stream.
-- The first line without flags makes Redis refuse it before it starts when it is out of memory, is a
-- read-only replica, or cannot write its append-only file.

local stream, expected, epoch = KEYS[1], ARGV[1], ARGV[2]

-- The last id ever given: also right when all entries were trimmed, unlike XREVRANGE.
local function last_id()
    local info = redis.pcall('XINFO', 'STREAM', stream)
    if info.err then
        if string.find(info.err, 'no such key', 1, true) then return '' end
        return nil, info
    end
    for i = 1, #info, 2 do
        if info[i] == 'last-generated-id' then return info[i + 1] end
    end
end

-- Where each entry's pairs begin and end in ARGV; nil where the counts do not add up.
local function entries()
    local found, at = {}, 3
    while at <= #ARGV do
        local pairs_count = tonumber(ARGV[at])
        if not pairs_count or pairs_count < 1 or pairs_count % 1 ~= 0 then return nil end
        local last = at + 2 * pairs_count
        if last > #ARGV then return nil end
        found[#found + 1] = { at + 1, last }
        at = last + 1
    end
    return found
end

local to_append = entries()
if not to_append or #KEYS ~= 1 or #ARGV < 2 then
    return redis.error_reply('ERR compare_and_append: malformed arguments')
end

local actual, failure = last_id()
if failure then return failure end
if actual == '' or actual ~= expected then return { 0, actual } end

local answer = { 1 }
for _, span in ipairs(to_append) do
    answer[#answer + 1] = redis.call('XADD', stream, 'NOMKSTREAM', epoch .. '-*', unpack(ARGV, span[1], span[2]))
end
return answer
