import { FINAL } from '../stores/far-store.interface.js';
import type { RedisMemory } from './redis-memory.js';
import type { TestRedisCommand } from './test-redis.command.js';

/** What a script is given, as it arrives: the keys and arguments of one item, and what all have in common. */
interface Item {
  readonly memory: RedisMemory;
  readonly keys: readonly string[];
  readonly args: readonly Buffer[];
  readonly shared: string;
  readonly isFirst: boolean;
}

interface MemoryScript {
  readonly keysPerItem: number;
  readonly argsPerItem: number;
  readonly run: (item: Item) => unknown;
}

/**
 * What the scripts of the far store do, by their names; see `stores/far.scripts.ts`. The contract of
 * far stores is tested on both.
 */
const SCRIPTS = {
  acquire: { keysPerItem: 2, argsPerItem: 4, run: acquire },
  claim: { keysPerItem: 2, argsPerItem: 2, run: claim },
  fill: { keysPerItem: 2, argsPerItem: 4, run: fill },
  renew: { keysPerItem: 2, argsPerItem: 2, run: (item) => (isOurs(item) ? claim(item) : 0) },
  release: { keysPerItem: 2, argsPerItem: 1, run: release },
  evict: { keysPerItem: 2, argsPerItem: 1, run: evict },
  stamp: { keysPerItem: 1, argsPerItem: 2, run: stamp },
  'renew-stamp': { keysPerItem: 1, argsPerItem: 3, run: renewStamp },
  discard: { keysPerItem: 1, argsPerItem: 1, run: discard },
  owe: { keysPerItem: 1, argsPerItem: 3, run: owe },
  settle: { keysPerItem: 1, argsPerItem: 1, run: settle },
  replace: { keysPerItem: 1, argsPerItem: 3, run: replace },
} satisfies Partial<Record<TestRedisCommand, MemoryScript>>;

/** The scripts of the far store. */
type ScriptName = keyof typeof SCRIPTS;

export function isScriptName(name: string): name is ScriptName {
  return Object.hasOwn(SCRIPTS, name);
}

/** @returns the replies, one for each item */
export function runScript(
  name: ScriptName,
  memory: RedisMemory,
  keys: readonly string[],
  [shared, ...args]: readonly Buffer[],
): unknown[] {
  const { keysPerItem, argsPerItem, run } = SCRIPTS[name];
  return Array.from({ length: keys.length / keysPerItem }, (_, at) =>
    run({
      memory,
      keys: keys.slice(at * keysPerItem, (at + 1) * keysPerItem),
      args: args.slice(at * argsPerItem, (at + 1) * argsPerItem),
      shared: String(shared),
      isFirst: at === 0,
    }),
  );
}

function acquire(item: Item): unknown[] {
  const { memory, isFirst } = item;
  const reply = leaseOrEntry(item);
  return isFirst ? [reply, Math.floor(memory.clock.nowMs())] : [reply];
}

function leaseOrEntry({ memory, keys: [entry = '', lease = ''], args }: Item): Buffer | 0 | 1 {
  const [token = NONE, leaseMs, known = NONE, takeOverBelowMs] = args;
  const bytes = memory.get(entry);
  if (bytes && !(known.length > 0 && beginsWith(bytes, known))) return bytes;
  const isStaying = memory.leftMs(lease) >= Number(takeOverBelowMs);
  if (memory.get(lease) && (isStaying || memory.text(lease).endsWith(FINAL))) return 0;
  memory.set(lease, token, Number(leaseMs));
  return 1;
}

function claim({ memory, keys: [, lease = ''], args: [token = NONE, leaseMs] }: Item): 1 {
  memory.set(lease, token, Number(leaseMs));
  return 1;
}

function fill(item: Item): 0 | 1 {
  const { memory, keys, args } = item;
  const [entry = '', lease = ''] = keys;
  const [, bytes = NONE, ttlMs, message] = args;
  if (!isOurs(item)) return 0;
  memory.set(entry, bytes, Number(ttlMs));
  memory.delete(lease);
  tell(item, String(message));
  return 1;
}

function release(item: Item): 0 | 1 {
  return isOurs(item) ? item.memory.delete(item.keys[1] ?? '') : 0;
}

function evict(item: Item): 0 | 1 {
  const { memory, keys, args } = item;
  const existed = memory.delete(keys[0] ?? '');
  memory.delete(keys[1] ?? '');
  tell(item, String(args[0]));
  return existed;
}

function stamp({ memory, keys: [key = ''], args: [id, lifeMs] }: Item): string {
  const known = memory.text(key);
  const text = /^[0-9a-f]+:\d+$/.test(known) ? known : `${String(id)}:0`;
  if (memory.leftMs(key) < Number(lifeMs)) memory.set(key, text, 2 * Number(lifeMs));
  return text;
}

function renewStamp(item: Item): string {
  const { memory, keys, args } = item;
  const [id, lifeMs, message] = args.map(String);
  const text = `${id}:${Math.floor(memory.clock.nowMs())}`;
  memory.set(keys[0] ?? '', text, Number(lifeMs));
  if (message) tell(item, message + text);
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

function replace(item: Item): 0 | 1 {
  const { memory, keys, args } = item;
  const [key = ''] = keys;
  const [expected, text = '', message = ''] = args.map(String);
  if (memory.text(key) !== expected) return 0;
  memory.set(key, text, Infinity);
  tell(item, message);
  return 1;
}

const NONE = Buffer.alloc(0);

function isOurs({ memory, keys: [, lease = ''], args: [token = NONE] }: Item): boolean {
  return memory.get(lease)?.equals(token) ?? false;
}

function beginsWith(bytes: Buffer, first: Buffer): boolean {
  return bytes.subarray(0, first.length).equals(first);
}

function tell({ memory, shared }: Item, message: string): void {
  if (message !== '') memory.publish(shared, message);
}
