#!lua
-- Keeps a snapshot unless a newer one is kept already: a node that slept must not turn back time. One of the same
-- position is left as it is; whoever reads back sees whether it says the same.
-- KEYS: snapshot. ARGV: epoch, number, data. Returns 0 where a newer one is kept.
local function split(at)
  local epoch, number = string.match(at, '^(%d+)-(%d+)$')
  return tonumber(epoch), tonumber(number)
end
local kept = redis.call('HGET', KEYS[1], 'at')
if kept then
  local epoch, number = split(kept)
  local new_epoch, new_number = tonumber(ARGV[1]), tonumber(ARGV[2])
  if epoch > new_epoch or (epoch == new_epoch and number > new_number) then return 0 end
  if epoch == new_epoch and number == new_number then return 1 end
end
redis.call('HSET', KEYS[1], 'at', ARGV[1] .. '-' .. ARGV[2], 'data', ARGV[3])
return 1
