import { asBuffer } from '../codec/binary.js';
import { Script, type ScriptArgument } from '../connection/script-runner.js';

/** What a script does to one item. */
export interface ScriptItem {
  readonly keys: readonly string[];
  readonly args: readonly ScriptArgument[];
}

/** Bytes as they can be sent; text is sent as it is. */
export function argumentOf(bytes: string | Uint8Array): string | Buffer {
  return typeof bytes === 'string' ? bytes : asBuffer(bytes);
}

/** What a command is made of. */
interface Columns {
  readonly keys: string[];
  readonly args: ScriptArgument[];
}

// Keys and arguments are sent by columns: first those that are the first ones of their items. So a script
// can name a column of keys as a whole, and an argument that all items have in common is sent once.

/** Marks a column in which every item has a value of its own, before all columns. */
export const EACH = '*';
const COMMON = '1';

/** Keys and arguments of a script for several items. */
export function columnsOf(items: readonly ScriptItem[]): Columns {
  const [first] = items;
  const keys: string[] = [];
  const args: ScriptArgument[] = [''];
  if (!first) return { keys, args };
  for (let n = 0; n < first.keys.length; n += 1) {
    for (const item of items) keys.push(item.keys[n] as string);
  }
  let kinds = '';
  for (let n = 0; n < first.args.length; n += 1) {
    const common = first.args[n] as ScriptArgument;
    const isCommon = items.every((item) => item.args[n] === common);
    kinds += isCommon ? COMMON : EACH;
    if (isCommon) args.push(common);
    else for (const item of items) args.push(item.args[n] as ScriptArgument);
  }
  args[0] = kinds;
  return { keys, args };
}

/**
 * A script that does the same to several items.
 *
 * @param lua its body, which returns a reply for each of the `items`. In a loop over `i` it has
 *   `key(1)`, … and `arg(1)`, … of item `i`, everywhere a column of keys as `keys(1)`, …. What `call`
 *   runs fails for all, so it comes before anything is changed, or cannot fail where what came before did
 *   not; `try` gives the error of one item as its reply
 */
export function all(name: string, keysPerItem: number, lua: string): Script {
  const args = Math.max(...[...lua.matchAll(/\barg\((\d)\)/g)].map(([, n]) => Number(n)));
  return new Script(
    name,
    `
local call, try, KEYS, ARGV = redis.call, redis.pcall, KEYS, ARGV
local items = #KEYS / ${keysPerItem}
local at = 2
${Array.from({ length: args }, (_, n) => columnIn(n + 1)).join('\n')}
local function keys(n) return unpack(KEYS, items * (n - 1) + 1, items * n) end
${inlined(lua.trim())}
`,
    keysPerItem,
  );
}

/** Where the nth argument of item `i` stands: at `from + step * i`. */
function columnIn(n: number): string {
  return `
local step${n} = string.byte(ARGV[1], ${n}) == ${EACH.charCodeAt(0)} and 1 or 0
local from${n} = at - step${n}
at = at + 1 + step${n} * (items - 1)`.trim();
}

/** Calls of a function for each item would take a fifth of what the whole takes. */
function inlined(lua: string): string {
  return lua
    .replaceAll('key(1)', 'KEYS[i]')
    .replaceAll(/\bkey\((\d)\)/g, (_, n) => `KEYS[items * ${Number(n) - 1} + i]`)
    .replaceAll(/\barg\((\d)\)/g, 'ARGV[from$1 + step$1 * i]');
}

/**
 * A script that does the same to several items, each by itself: what fails for one, say because
 * something else stands under its key, does not keep the others from being done.
 *
 * @param lua body of a function of one item, with `key(1)`, … its keys, `arg(1)`, … its arguments
 */
export function each(name: string, keysPerItem: number, lua: string): Script {
  return all(
    name,
    keysPerItem,
    `
local function item(i)
  ${lua.trim().replaceAll('\n', '\n  ')}
end
local replies = {}
for i = 1, items do
  local done, reply = pcall(item, i)
  if not done then reply = redis.error_reply(type(reply) == 'table' and reply.err or reply) end
  replies[i] = reply
end
return replies
`,
  );
}
