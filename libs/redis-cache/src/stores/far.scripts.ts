import { Script } from '../connection/script-runner.js';

// KEYS[1] is the entry, KEYS[2] its lease: one hash tag, so one slot in a cluster.

/** ARGV: token, lease in ms, known first bytes of the entry ('' for none). */
export const ACQUIRE = new Script(
  'acquire',
  `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = ARGV[3]
local present
if known == '' then
  present = redis.call('EXISTS', KEYS[1]) == 1
else
  local head = redis.call('GETRANGE', KEYS[1], 0, #known - 1)
  present = head ~= '' and head ~= known
end
if present then return { 'entry', now, redis.call('GET', KEYS[1]) } end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return { 'lease', now } end
return { 'wait', now }
`,
  2,
);

/** ARGV: token, entry, ttl in ms, channel, message ('' for none). */
export const FILL = new Script(
  'fill',
  `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[2])
if ARGV[5] ~= '' then redis.pcall('PUBLISH', ARGV[4], ARGV[5]) end
return 1
`,
  2,
);

/** ARGV: token, lease in ms. */
export const RENEW = new Script(
  'renew',
  `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[2], ARGV[2])
`,
  2,
);

/** ARGV: token. */
export const RELEASE = new Script(
  'release',
  `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[2])
`,
  2,
);

// A refused PUBLISH must not undo the rest: without it the bus is not proven, and no near tier trusted.

/** ARGV: channel, message. */
export const EVICT = new Script(
  'evict',
  `
local existed = redis.call('UNLINK', KEYS[1])
redis.call('DEL', KEYS[2])
redis.pcall('PUBLISH', ARGV[1], ARGV[2])
return existed
`,
  2,
);

/** ARGV: id to make it with if there is none, how long it has to live in ms. */
export const STAMP = new Script(
  'stamp',
  `
local stamp = redis.call('GET', KEYS[1])
if not stamp or not string.match(stamp, '^%x+:%d+$') then
  stamp = ARGV[1] .. ':0'
  redis.call('SET', KEYS[1], stamp, 'PX', 2 * ARGV[2])
elseif redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
  redis.call('PEXPIRE', KEYS[1], 2 * ARGV[2])
end
return stamp
`,
  1,
);

/** ARGV: id, how long it lives in ms, channel, beginning of the message. */
export const RENEW_STAMP = new Script(
  'renew-stamp',
  `
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local stamp = ARGV[1] .. ':' .. now
redis.call('SET', KEYS[1], stamp, 'PX', ARGV[2])
redis.pcall('PUBLISH', ARGV[3], ARGV[4] .. stamp)
return stamp
`,
  1,
);

/** ARGV: known first bytes of the entry. */
export const DISCARD = new Script(
  'discard',
  `
if redis.call('GETRANGE', KEYS[1], 0, #ARGV[1] - 1) ~= ARGV[1] then return 0 end
return redis.call('UNLINK', KEYS[1])
`,
  1,
);
