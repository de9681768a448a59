import { MARK_AT, MARK_DIGITS, markOf, NO_MARK } from '../codec/entry-mark.js';
import { EACH } from '../stores/batch-script.js';
import { FINAL } from '../stores/far-store.interface.js';
import type { RedisMemory } from './redis-memory.js';
import type { TestRedisCommand } from './test-redis.command.js';

/** What a script is given for one item, as it arrives. */
interface Item {
  readonly memory: RedisMemory;
  readonly keys: readonly string[];
  readonly args: readonly Buffer[];
}

interface MemoryScript {
  readonly keysPerItem: number;
  readonly run: (item: Item) => unknown;
}

/**
 * What the scripts of the far store do, by their names; see `stores/far.scripts.ts`. The contract of
 * far stores is tested on both.
 */
const SCRIPTS = {
  acquire: { keysPerItem: 2, run: acquire },
  claim: { keysPerItem: 2, run: claim },
  fill: { keysPerItem: 2, run: fill },
  store: { keysPerItem: 2, run: store },
  renew: { keysPerItem: 2, run: renew },
  release: { keysPerItem: 2, run: release },
  evict: { keysPerItem: 2, run: evict },
  stamp: { keysPerItem: 1, run: stamp },
  'renew-stamp': { keysPerItem: 1, run: renewStamp },
  discard: { keysPerItem: 1, run: discard },
  owe: { keysPerItem: 1, run: owe },
  settle: { keysPerItem: 1, run: settle },
  replace: { keysPerItem: 1, run: replace },
} satisfies Partial<Record<TestRedisCommand, MemoryScript>>;

/** The scripts of the far store. */
type ScriptName = keyof typeof SCRIPTS;

export function isScriptName(name: string): name is ScriptName {
  return Object.hasOwn(SCRIPTS, name);
}

/** These have the time behind their replies. */
const TELLS_TIME: ReadonlySet<ScriptName> = new Set(['acquire', 'store']);

/** @returns the replies, one for each item */
export function runScript(
  name: ScriptName,
  memory: RedisMemory,
  keys: readonly string[],
  args: readonly Buffer[],
): unknown[] {
  const { keysPerItem, run } = SCRIPTS[name];
  const count = keys.length / keysPerItem;
  const replies = itemsOf(count, keys, args).map((item) => run({ memory, ...item }));
  return TELLS_TIME.has(name) ? [...replies, Math.floor(memory.clock.nowMs())] : replies;
}

/** Keys and arguments come by columns; see `stores/batch-script.ts`. */
function itemsOf(
  count: number,
  keys: readonly string[],
  [kinds = NONE, ...args]: readonly Buffer[],
): Omit<Item, 'memory'>[] {
  let at = 0;
  const columns = Array.from(kinds, (kind) => {
    const values = args.slice(at, at + (String.fromCharCode(kind) === EACH ? count : 1));
    at += values.length;
    return values;
  });
  return Array.from({ length: count }, (_, i) => ({
    keys: keys.filter((_key, n) => n % count === i),
    args: columns.map((values) => values[i] ?? values[0] ?? NONE),
  }));
}

function acquire(item: Item): Buffer | 0 | 1 {
  const { memory, keys, args } = item;
  const [entry = '', lease = ''] = keys;
  const [token = NONE, leaseMs, known = NONE, takeOverBelowMs] = args;
  const bytes = memory.get(entry);
  if (bytes && !(known.length > 0 && beginsWith(bytes, known))) return bytes;
  if (isOurs(item)) return 1;
  const isStaying = memory.leftMs(lease) >= Number(takeOverBelowMs);
  if (memory.get(lease) && (isStaying || memory.text(lease).endsWith(FINAL))) return 0;
  memory.set(lease, token, Number(leaseMs));
  return 1;
}

function claim({ memory, keys: [entry = '', lease = ''], args }: Item): 0 | 1 {
  const [token = NONE, leaseMs, ...telling] = args;
  const takesEntry = memory.text(lease).endsWith(FINAL) && !token.toString().endsWith(FINAL);
  memory.set(lease, token, Number(leaseMs));
  if (!takesEntry) return 0;
  memory.delete(entry);
  tell(memory, telling);
  return 1;
}

function renew(item: Item): 0 | 1 {
  const { memory, keys, args } = item;
  const [token = NONE, leaseMs] = args;
  if (!isOurs(item)) return 0;
  memory.set(keys[1] ?? '', token, Number(leaseMs));
  return 1;
}

function fill(item: Item): 0 | 1 {
  return isOurs(item) ? storeEntry(item) : 0;
}

function store(item: Item): 0 | 1 {
  const { memory, args } = item;
  return Math.floor(memory.clock.nowMs()) <= Number(args[0]) ? storeEntry(item) : 0;
}

function storeEntry({ memory, keys: [entry = '', lease = ''], args }: Item): 1 {
  const [, bytes = NONE, ttlMs, message = NONE, channel = NONE, isTold] = args;
  const ending = String(isTold) === '1' ? successor(memory.get(entry), bytes) : '';
  memory.set(entry, bytes, Number(ttlMs));
  memory.delete(lease);
  tell(memory, [message.length > 0 ? `${String(message)}${ending}` : '', channel]);
  return 1;
}

/** What is added to a message that tells of an entry which takes the place of another one. */
function successor(former: Buffer | undefined, bytes: Buffer): string {
  if (!former || markOf(former) === NO_MARK) return '';
  return ` ${former.toString('latin1', MARK_AT, MARK_AT + MARK_DIGITS)} ${bytes.toString()}`;
}

function release(item: Item): 0 | 1 {
  return isOurs(item) ? item.memory.delete(item.keys[1] ?? '') : 0;
}

function evict({ memory, keys, args }: Item): 0 | 1 {
  const existed = memory.delete(keys[0] ?? '');
  memory.delete(keys[1] ?? '');
  tell(memory, args);
  return existed;
}

function stamp({ memory, keys: [key = ''], args: [id, lifeMs] }: Item): string {
  const known = memory.text(key);
  const text = /^[0-9a-f]+:\d+$/.test(known) ? known : `${String(id)}:0`;
  if (memory.leftMs(key) < Number(lifeMs)) memory.set(key, text, 2 * Number(lifeMs));
  return text;
}

function renewStamp({ memory, keys, args }: Item): string {
  const [id, lifeMs, message = '', channel = ''] = args.map(String);
  const text = `${id}:${Math.floor(memory.clock.nowMs())}`;
  memory.set(keys[0] ?? '', text, Number(lifeMs));
  if (message !== '') tell(memory, [message + text, channel]);
  return text;
}

function discard({ memory, keys: [key = ''], args: [known = NONE] }: Item): 0 | 1 {
  const bytes = memory.get(key);
  const first = known.length > 0 ? bytes?.subarray(0, known.length) : bytes;
  return first?.equals(known) ? memory.delete(key) : 0;
}

function owe({ memory, keys: [key = ''], args }: Item): 1 {
  const [names = '', everything = '', maxBytes] = args.map(String);
  const owed = memory.text(key) + names;
  memory.set(key, owed.length > Number(maxBytes) ? everything + names : owed, Infinity);
  return 1;
}

function settle({ memory, keys: [key = ''], args }: Item): 0 | 1 {
  const owed = memory.text(key);
  const done = String(args[0]);
  if (owed === done) return memory.delete(key);
  if (!owed.startsWith(done)) return 0;
  memory.set(key, owed.slice(done.length), Infinity);
  return 1;
}

function replace({ memory, keys: [key = ''], args }: Item): 0 | 1 {
  const [expected, text = '', ...telling] = args.map(String);
  if (memory.text(key) !== expected) return 0;
  memory.set(key, text, Infinity);
  tell(memory, telling);
  return 1;
}

const NONE = Buffer.alloc(0);

function isOurs({ memory, keys: [, lease = ''], args: [token = NONE] }: Item): boolean {
  return memory.get(lease)?.equals(token) ?? false;
}

function beginsWith(bytes: Buffer, first: Buffer): boolean {
  return bytes.subarray(0, first.length).equals(first);
}

/** @param telling message, '' for none, and channel */
function tell(
  memory: RedisMemory,
  [message = '', channel = '']: readonly (string | Buffer)[],
): void {
  if (message.length > 0) memory.publish(String(channel), String(message));
}
