import { Script, type ScriptArgument } from '../connection/script-runner.js';
import { FINAL } from './far-store.interface.js';

/**
 * A script that does the same to several items, each by itself: what fails for one, say because
 * something else stands under its key, does not keep the others from being done.
 *
 * @param lua body of a function of one item, with `key(1)`, … its keys, `arg(1)`, … its arguments,
 *   and `shared` an argument that all have in common
 */
function each(name: string, keysPerItem: number, argsPerItem: number, lua: string): Script {
  return new Script(
    name,
    `
local shared = ARGV[1]
local at = 0
local function key(n) return KEYS[at * ${keysPerItem} + n] end
local function arg(n) return ARGV[at * ${argsPerItem} + n + 1] end
local function item()
  ${lua.trim().replaceAll('\n', '\n  ')}
end
local replies = {}
for i = 1, #KEYS / ${keysPerItem} do
  at = i - 1
  local done, reply = pcall(item)
  if not done then reply = redis.error_reply(type(reply) == 'table' and reply.err or reply) end
  replies[i] = reply
end
return replies
`,
    keysPerItem,
  );
}

/** Arguments of a script made by {@link each}. */
export function argumentsOf(
  items: readonly (readonly ScriptArgument[])[],
  shared: ScriptArgument = '',
): ScriptArgument[] {
  return [shared, ...items.flat()];
}

// key(1) is the entry, key(2) its lease: one hash tag, so one slot in a cluster.

/**
 * Of an item: token, lease in ms, known first bytes of the entry ('' for none), how many ms a lease of
 * somebody else has left at least, or it is taken over. Replies the entry, or whether the lease was
 * given, 1 or 0; of the first item with the server's time before it.
 */
export const ACQUIRE = each(
  'acquire',
  2,
  4,
  `
local known = arg(3)
local present
if known == '' then
  present = redis.call('EXISTS', key(1)) == 1
else
  local head = redis.call('GETRANGE', key(1), 0, #known - 1)
  present = head ~= '' and head ~= known
end
local reply = 0
if present then
  reply = redis.call('GET', key(1))
elseif redis.call('SET', key(2), arg(1), 'NX', 'PX', arg(2)) then
  reply = 1
elseif tonumber(arg(4)) > 0 and redis.call('PTTL', key(2)) < tonumber(arg(4))
    and redis.call('GET', key(2)):sub(-1) ~= '${FINAL}' then
  redis.call('SET', key(2), arg(1), 'PX', arg(2))
  reply = 1
end
if at > 0 then return { reply } end
local time = redis.call('TIME')
return { reply, time[1] * 1000 + math.floor(time[2] / 1000) }
`,
);

/** Of an item: token, lease in ms. */
export const CLAIM = each(
  'claim',
  2,
  2,
  `redis.call('SET', key(2), arg(1), 'PX', arg(2)) return 1`,
);

/** Of an item: token, entry, ttl in ms, message ('' for none); shared: the channel. */
export const FILL = each(
  'fill',
  2,
  4,
  `
if redis.call('GET', key(2)) ~= arg(1) then return 0 end
redis.call('SET', key(1), arg(2), 'PX', arg(3))
redis.call('DEL', key(2))
if arg(4) ~= '' then redis.pcall('PUBLISH', shared, arg(4)) end
return 1
`,
);

/** Of an item: token, lease in ms. */
export const RENEW = each(
  'renew',
  2,
  2,
  `
if redis.call('GET', key(2)) ~= arg(1) then return 0 end
return redis.call('PEXPIRE', key(2), arg(2))
`,
);

/** Of an item: token. */
export const RELEASE = each(
  'release',
  2,
  1,
  `
if redis.call('GET', key(2)) ~= arg(1) then return 0 end
return redis.call('DEL', key(2))
`,
);

// A refused PUBLISH must not undo the rest: without it the bus is not proven, and no near tier trusted.

/** Of an item: message ('' for none); shared: the channel. */
export const EVICT = each(
  'evict',
  2,
  1,
  `
local existed = redis.call('UNLINK', key(1))
redis.call('DEL', key(2))
if arg(1) ~= '' then redis.pcall('PUBLISH', shared, arg(1)) end
return existed
`,
);

/** Of an item: id to make it with if there is none, how long it has to live in ms. */
export const STAMP = each(
  'stamp',
  1,
  2,
  `
local stamp = redis.call('GET', key(1))
if not stamp or not string.match(stamp, '^%x+:%d+$') then
  stamp = arg(1) .. ':0'
  redis.call('SET', key(1), stamp, 'PX', 2 * arg(2))
elseif redis.call('PTTL', key(1)) < tonumber(arg(2)) then
  redis.call('PEXPIRE', key(1), 2 * arg(2))
end
return stamp
`,
);

/** Of an item: id, how long it lives in ms, beginning of the message ('' for none); shared: the channel. */
export const RENEW_STAMP = each(
  'renew-stamp',
  1,
  3,
  `
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local stamp = arg(1) .. ':' .. now
redis.call('SET', key(1), stamp, 'PX', arg(2))
if arg(3) ~= '' then redis.pcall('PUBLISH', shared, arg(3) .. stamp) end
return stamp
`,
);

/** Of an item: known first bytes of the entry. */
export const DISCARD = each(
  'discard',
  1,
  1,
  `
if redis.call('GETRANGE', key(1), 0, #arg(1) - 1) ~= arg(1) then return 0 end
return redis.call('UNLINK', key(1))
`,
);

// What the persistent store lacks is text, one name to a line, and is only ever added to at its end.

/** Of an item: what to add, what to begin anew with if it grows too long, how many bytes are too many. */
export const OWE = each(
  'owe',
  1,
  3,
  `
local bytes = redis.call('APPEND', key(1), arg(1))
if bytes > tonumber(arg(3)) then redis.call('SET', key(1), arg(2) .. arg(1)) end
return 1
`,
);

/** Of an item: what was read and is done. */
export const SETTLE = each(
  'settle',
  1,
  1,
  `
local owed = redis.call('GET', key(1)) or ''
if owed == arg(1) then return redis.call('DEL', key(1)) end
if string.sub(owed, 1, #arg(1)) ~= arg(1) then return 0 end
redis.call('SET', key(1), string.sub(owed, #arg(1) + 1))
return 1
`,
);

/** Of an item: what is expected to stand there, what is to stand there, message; shared: the channel. */
export const REPLACE = each(
  'replace',
  1,
  3,
  `
local there = redis.pcall('GET', key(1))
if type(there) ~= 'string' then there = '' end
if there ~= arg(1) then return 0 end
redis.call('SET', key(1), arg(2))
if arg(3) ~= '' then redis.pcall('PUBLISH', shared, arg(3)) end
return 1
`,
);
