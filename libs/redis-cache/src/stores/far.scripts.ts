import { FORMAT } from '../codec/entry-layout.js';
import { MARK_AT, MARK_DIGITS } from '../codec/entry-mark.js';
import { BETWEEN_MESSAGES } from '../invalidation/bus-message.js';
import { all, each } from './batch-script.js';
import { FINAL } from './far-store.interface.js';

// The first key is the entry, the second its lease: one hash tag, so one slot in a cluster.

/**
 * Of an item: token, lease in ms, known first bytes of the entry ('' for none), how many ms a lease of
 * somebody else has left at least, or it is taken over. Replies the entry, or whether the lease was
 * given, 1 or 0; and behind all of them the server's time. A client may send it anew that has lost the
 * reply: then the lease is given already.
 */
export const ACQUIRE = all(
  'acquire',
  2,
  `
local function isThere(entry, known)
  if known == '' then return call('EXISTS', entry) == 1 end
  local head = try('GETRANGE', entry, 0, #known - 1)
  return head ~= '' and head ~= known
end

local function takeOver(lease, token, leaseMs)
  local holder = try('GET', lease)
  if type(holder) == 'table' then return holder end
  if string.sub(holder, -1) == '${FINAL}' then return 0 end
  call('SET', lease, token, 'PX', leaseMs)
  return 1
end

local isNoneThere = step3 == 0 and ARGV[from3] == '' and call('EXISTS', keys(1)) == 0
local replies = {}
for i = 1, items do
  if not isNoneThere and isThere(key(1), arg(3)) then
    replies[i] = try('GET', key(1))
  else
    local taken = try('SET', key(2), arg(1), 'NX', 'PX', arg(2))
    if taken then
      replies[i] = taken.err and taken or 1
    elseif try('GET', key(2)) == arg(1) then
      replies[i] = 1
    elseif arg(4) ~= '0' and call('PTTL', key(2)) < tonumber(arg(4)) then
      replies[i] = takeOver(key(2), arg(1), arg(2))
    else
      replies[i] = 0
    end
  end
end
local time = call('TIME')
replies[items + 1] = time[1] * 1000 + math.floor(time[2] / 1000)
return replies
`,
);

// The others are told once it is all done, by one message. A refused PUBLISH must not undo the rest: without it
// the bus is not proven, and no near tier trusted.

const TELL = `if #told > 0 then try('PUBLISH', channel, table.concat(told, ${JSON.stringify(BETWEEN_MESSAGES)})) end`;

/** Of an item: token, lease in ms, message ('' for none), the channel. Replies whether the entry went. */
export const CLAIM = all(
  'claim',
  2,
  `
local told, channel = {}, nil
local byte = string.byte
-- Who has the leases, once that is asked, and who has claimed them since.
local holders, since = nil, {}
local replies = {}
for i = 1, items do
  local holder
  if byte(arg(1), -1) ~= ${FINAL.charCodeAt(0)} then
    holders = holders or call('MGET', keys(2))
    holder = since[key(2)] or holders[i]
  end
  local set = try('SET', key(2), arg(1), 'PX', arg(2))
  if set.err then
    replies[i] = set
  else
    replies[i] = 0
    if holders then since[key(2)] = arg(1) end
    if holder and byte(holder, -1) == ${FINAL.charCodeAt(0)} then
      replies[i] = 1
      call('UNLINK', key(1))
      if arg(3) ~= '' then told[#told + 1], channel = arg(3), arg(4) end
    end
  end
end
${TELL}
return replies
`,
);

// Of items whose first argument says whether they are stored, followed by entry, ttl in ms, message ('' for none), the
// channel, and whether the entry is told as a successor of the one that it takes the place of, 1 or 0.

const STORING = `
local told, channel = {}, nil
local replies, leases = {}, {}
local sub, find = string.sub, string.find
local function successor(i)
  local former = try('GETRANGE', key(1), 0, ${MARK_AT + MARK_DIGITS - 1})
  if type(former) ~= 'string' or sub(former, 1, ${FORMAT.length}) ~= sub(arg(2), 1, ${FORMAT.length}) then return '' end
  local mark = sub(former, ${MARK_AT + 1})
  if #mark < ${MARK_DIGITS} or find(mark, '[^%w_-]') then return '' end
  return ' ' .. mark .. ' ' .. arg(2)
end`.trim();

const STORE_ITEM = `
    local message = arg(4)
    if message ~= '' and arg(6) == '1' then message = message .. successor(i) end
    local set = try('SET', key(1), arg(2), 'PX', arg(3))
    if set.err then
      replies[i] = set
    else
      replies[i] = 1
      leases[#leases + 1] = key(2)
      if message ~= '' then told[#told + 1], channel = message, arg(5) end
    end`.trim();

const STORED = `${TELL}
if #leases > 0 then call('DEL', unpack(leases)) end`;

/** Of an item: token, and what is stored and told. Replies whether it was stored. */
export const FILL = all(
  'fill',
  2,
  `
${STORING}
local tokens = call('MGET', keys(2))
for i = 1, items do
  replies[i] = 0
  if tokens[i] == arg(1) then
    ${STORE_ITEM}
  end
end
${STORED}
return replies
`,
);

/**
 * Of an item: until when, by the server's clock in ms since 1970, and what is stored and told. Replies whether it was
 * stored; and behind all of them the server's time.
 */
export const STORE = all(
  'store',
  2,
  `
${STORING}
local time = call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 1, items do
  replies[i] = 0
  if nowMs <= tonumber(arg(1)) then
    ${STORE_ITEM}
  end
end
${STORED}
replies[items + 1] = nowMs
return replies
`,
);

/** Of an item: token. */
export const RELEASE = all(
  'release',
  2,
  `
local tokens = call('MGET', keys(2))
local replies, leases = {}, {}
for i = 1, items do
  replies[i] = 0
  if tokens[i] == arg(1) then
    replies[i] = 1
    leases[#leases + 1] = key(2)
  end
end
if #leases > 0 then call('DEL', unpack(leases)) end
return replies
`,
);

/** Of an item: message ('' for none), the channel. */
export const EVICT = all(
  'evict',
  2,
  `
local told, channel = {}, nil
call('DEL', keys(2))
local replies = {}
for i = 1, items do
  replies[i] = call('UNLINK', key(1))
  if arg(1) ~= '' then told[#told + 1], channel = arg(1), arg(2) end
end
${TELL}
return replies
`,
);

/** Of an item: token, lease in ms. */
export const RENEW = each(
  'renew',
  2,
  `
if redis.call('GET', key(2)) ~= arg(1) then return 0 end
return redis.call('PEXPIRE', key(2), arg(2))
`,
);

/** Of an item: id to make it with if there is none, how long it has to live in ms. */
export const STAMP = each(
  'stamp',
  1,
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

/** Of an item: id, how long it lives in ms, beginning of the message ('' for none), the channel. */
export const RENEW_STAMP = each(
  'renew-stamp',
  1,
  `
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local stamp = arg(1) .. ':' .. now
redis.call('SET', key(1), stamp, 'PX', arg(2))
if arg(3) ~= '' then redis.pcall('PUBLISH', arg(4), arg(3) .. stamp) end
return stamp
`,
);

/** Of an item: known first bytes of the entry. */
export const DISCARD = each(
  'discard',
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
  `
local owed = redis.call('GET', key(1)) or ''
if owed == arg(1) then return redis.call('DEL', key(1)) end
if string.sub(owed, 1, #arg(1)) ~= arg(1) then return 0 end
redis.call('SET', key(1), string.sub(owed, #arg(1) + 1))
return 1
`,
);

/** Of an item: what is expected to stand there, what is to stand there, message, the channel. */
export const REPLACE = each(
  'replace',
  1,
  `
local there = redis.pcall('GET', key(1))
if type(there) ~= 'string' then there = '' end
if there ~= arg(1) then return 0 end
redis.call('SET', key(1), arg(2))
if arg(3) ~= '' then redis.pcall('PUBLISH', arg(4), arg(3)) end
return 1
`,
);
