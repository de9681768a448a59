import { Redis } from 'ioredis';
import { ClockMap } from './clock-map.js';
import { Gathering } from './gathering.js';

const TTL_MS = '3600000';
const LEASE_MS = '10000';
const CHANNEL = 'sketch';

interface Step {
  readonly key: string;
  readonly token: string;
  readonly text: string;
}

/** What the near tier keeps. */
interface Kept<T> {
  readonly entries: number;
  /** Copies a value for a caller, or gives it as it is. */
  readonly copy: (value: T) => T;
}

type Script = (keys: number, ...args: string[]) => Promise<number[]>;

// Of each item: its key; then of each: token, text; and who tells.

const ACQUIRE = `
local replies = {}
for i, key in ipairs(KEYS) do
  replies[i] = redis.call('SET', key .. ':lease', ARGV[i], 'NX', 'PX', ${LEASE_MS}) and 1 or 0
end
return replies`;

const FILL = `
local replies = {}
for i, key in ipairs(KEYS) do
  local lease = key .. ':lease'
  replies[i] = redis.call('GET', lease) == ARGV[i] and 1 or 0
  if replies[i] == 1 then
    redis.call('SET', key, ARGV[#KEYS + i], 'PX', ${TTL_MS})
    redis.call('DEL', lease)
  end
end
return replies`;

const STORE = `
local replies, told = {}, {}
for i, key in ipairs(KEYS) do
  redis.call('SET', key, ARGV[#KEYS + i], 'PX', ${TTL_MS})
  redis.call('DEL', key .. ':lease')
  told[i] = ARGV[#ARGV] .. key
  replies[i] = 1
end
redis.call('PUBLISH', '${CHANNEL}', table.concat(told, ' '))
return replies`;

/**
 * The commands of our cache and nothing else, to see what they cost by themselves: reads, leases and fills of
 * a tick gathered, a near tier, a channel on which writes are told. It has no tenants, no stamps, no ends in
 * the process, no bounds in bytes, no flights, no outages, no statistics, nobody waits for the
 * lease of another, and what it keeps may be overtaken.
 */
export class SketchCache<T> {
  private readonly reads: Gathering<string, string | null>;
  private readonly acquires: Gathering<Step, number>;
  private readonly fills: Gathering<Step, number>;
  private readonly stores: Gathering<Step, number>;
  private readonly near: ClockMap<T> | undefined;
  private readonly origin = `${Math.random().toString(36).slice(2, 10).padEnd(8, '0')}:`;
  private tokens = 0;

  private constructor(
    private readonly redis: Redis,
    private readonly listening: Redis,
    private readonly kept: Kept<T> | undefined,
  ) {
    this.near = kept && new ClockMap(kept.entries);
    this.reads = new Gathering((keys) => redis.mget(...keys));
    this.acquires = new Gathering(this.running('sketchAcquire', ACQUIRE));
    this.fills = new Gathering(this.running('sketchFill', FILL));
    this.stores = new Gathering(this.running('sketchStore', STORE));
  }

  /** @param kept undefined for no near tier */
  static async connect<T>(url: string, kept?: Kept<T>): Promise<SketchCache<T>> {
    const [redis, listening] = [new Redis(url), new Redis(url)];
    const sketch = new SketchCache<T>(redis, listening, kept);
    listening.on('message', (_channel, message) => {
      sketch.hear(message);
    });
    await listening.subscribe(CHANNEL);
    return sketch;
  }

  async getOrLoad(key: string, load: () => Promise<T>): Promise<T> {
    const hit = this.near?.get(key);
    if (hit !== undefined) return this.copyOf(hit);
    const text = await this.reads.put(key);
    if (text !== null) return this.keep(key, JSON.parse(text) as T);
    const token = this.newToken();
    const step = { key, token, text: '' };
    const isOurs = (await this.acquires.put(step)) === 1;
    const value = await load();
    if (!isOurs) return value;
    await this.fills.put({ ...step, text: JSON.stringify(value) });
    return this.keep(key, value);
  }

  async set(key: string, value: T): Promise<void> {
    await this.stores.put({ key, token: '', text: JSON.stringify(value) });
    this.keep(key, value);
  }

  close(): void {
    this.redis.disconnect();
    this.listening.disconnect();
  }

  private keep(key: string, value: T): T {
    this.near?.set(key, value);
    return this.copyOf(value);
  }

  private copyOf(value: T): T {
    return this.kept ? this.kept.copy(value) : value;
  }

  private hear(message: string): void {
    if (message.startsWith(this.origin)) return;
    for (const told of message.split(' ')) this.near?.delete(told.slice(this.origin.length));
  }

  private newToken(): string {
    this.tokens += 1;
    return this.origin + this.tokens.toString(36);
  }

  private running(name: string, lua: string): (steps: readonly Step[]) => Promise<number[]> {
    this.redis.defineCommand(name, { lua });
    const run = (this.redis as unknown as Record<string, Script>)[name] as Script;
    return (steps) =>
      run.call(
        this.redis,
        steps.length,
        ...steps.map(({ key }) => key),
        ...steps.map(({ token }) => token),
        ...steps.map(({ text }) => text),
        this.origin,
      );
  }
}
