#!lua
-- A room as one atomic read sees it.
-- KEYS: log, snapshot. ARGV: position to read from, "1" to read from the snapshot instead and return it.
-- Returns {exists, end of the log, snapshot's position, snapshot, {entry at the start}, {entries after it}}.
local from = ARGV[1]
local snapshot_at = redis.call('HGET', KEYS[2], 'at') or ''
local snapshot = ''
if ARGV[2] == '1' then
  snapshot = redis.call('HGET', KEYS[2], 'data') or ''
  from = snapshot_at ~= '' and snapshot_at or '0-0'
end
if redis.call('EXISTS', KEYS[1]) == 0 then
  return {0, '', snapshot_at, snapshot, {}, {}}
end
-- Not the newest entry's id: it stays right when every entry was trimmed.
local log_end = ''
local info = redis.call('XINFO', 'STREAM', KEYS[1])
for i = 1, #info, 2 do
  if info[i] == 'last-generated-id' then log_end = info[i + 1] end
end
return {1, log_end, snapshot_at, snapshot,
  redis.call('XRANGE', KEYS[1], from, from),
  redis.call('XRANGE', KEYS[1], '(' .. from, '+')}
