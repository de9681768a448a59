import { Script } from '../connection/script-runner.js';

/** Keys outlive what they hold by this: a server may reckon the end of a key from an older time. */
const SLACK_MS = 1_000;

/** What the script runs beside what those of the cache run, as rules for the user of Redis. */
export const LIMIT_COMMANDS = '+lindex +llen +lrange +ltrim +rpush';

/**
 * Counts one call, or only looks. KEYS[1] is the list of the calls within the window, oldest first, as
 * microseconds of the server's clock; KEYS[2] stands while the caller is shut out.
 *
 * ARGV: 1 to count and 0 to look; limit; window, block, and how long a block made elsewhere still
 * lasts, in ms; then the ages in µs of calls that were allowed elsewhere. Replies kind, calls within
 * the window, and ms until one more is allowed.
 *
 * Where the newest call lies in the future the clock was set back, or another server with another clock
 * has taken over. All calls are moved back by that then, so that the window still ends.
 */
export const LIMIT = new Script(
  'limit',
  `
local calls, block = KEYS[1], KEYS[2]
local counts = ARGV[1] == '1'
local limit, windowMs = tonumber(ARGV[2]), tonumber(ARGV[3])
local blockMs, knownBlockMs = tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local window = windowMs * 1000

local function at(index) return tonumber(redis.call('LINDEX', calls, index)) end
local function add(us) redis.call('RPUSH', calls, string.format('%.0f', us)) end
local function expire() redis.call('PEXPIRE', calls, windowMs + ${SLACK_MS}) end
local function msUntil(us) return math.ceil((us - now) / 1000) end

local count = redis.call('LLEN', calls)
local ahead = count > 0 and math.max(0, at(-1) - now) or 0
if ahead > 0 or #ARGV > 5 then
  local times = redis.call('LRANGE', calls, 0, -1)
  for i = 1, count do times[i] = times[i] - ahead end
  for i = 6, #ARGV do times[#times + 1] = now - ARGV[i] end
  table.sort(times)
  redis.call('DEL', calls)
  for _, us in ipairs(times) do add(us) end
  expire()
  count = #times
end

local first = 0
if count > 0 and at(0) <= now - window then
  local last = count
  while first < last do
    local middle = math.floor((first + last) / 2)
    if at(middle) <= now - window then first = middle + 1 else last = middle end
  end
end
local used = count - first

local blockedMs = math.max(0, redis.call('PTTL', block))
if knownBlockMs > blockedMs then
  redis.call('SET', block, '', 'PX', knownBlockMs)
  blockedMs = knownBlockMs
end
if blockedMs > 0 then return { 'blocked', used, blockedMs } end

if used < limit then
  if counts then
    if first > 0 then redis.call('LTRIM', calls, first, -1) first = 0 end
    add(now)
    expire()
    used = used + 1
  end
  local oldest = at(first)
  return { 'allowed', used, oldest and msUntil(oldest + window) or 0 }
end

-- A limit may have been lowered: then more than one call has to leave.
local holding = at(first + used - limit)
local waitMs = holding and msUntil(holding + window) or windowMs
if blockMs == 0 or not counts then return { 'limited', used, waitMs } end
blockedMs = math.max(blockMs, waitMs)
redis.call('SET', block, '', 'PX', blockedMs)
return { 'blocked', used, blockedMs }
`,
  2,
);
