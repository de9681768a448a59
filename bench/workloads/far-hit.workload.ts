import { OWN, OwnApp } from '../contenders/own.js';
import { RAW, RawCache, rawClients } from '../contenders/raw.js';
import { leadOf, leadsOf, type Lead } from '../data/leads.js';
import type { Bench } from '../measure/bench.js';
import { hold, type Contestant } from '../measure/contest.js';
import { inFlight } from '../measure/loops.js';
import type { Case, Workload } from '../measure/workload.js';

type Value = Lead | Lead[];

/** What is read, and by how many at the same time. */
interface Reading {
  readonly id: string;
  readonly title: string;
  readonly callers: number;
  readonly keys: number;
  readonly valueOf: (number: number) => Value;
  /** @default false */
  readonly nearFill?: boolean;
}

const READINGS: readonly Reading[] = [
  ...[1, 64, 512].map((callers) => ({
    id: `far-hit/${String(callers)}`,
    title: `200 bytes, ${String(callers)} in flight`,
    callers,
    keys: 1_000,
    valueOf: leadOf,
  })),
  {
    id: 'far-hit/near-fill',
    title: '200 bytes, 64 in flight, kept in the process too',
    callers: 64,
    keys: 5_000,
    valueOf: leadOf,
    nearFill: true,
  },
  {
    id: 'far-hit/10k',
    title: '10 KB, 8 in flight',
    callers: 8,
    keys: 100,
    valueOf: () => leadsOf(10_000),
  },
  {
    id: 'far-hit/1m',
    title: '1 MB, 1 in flight',
    callers: 1,
    keys: 4,
    valueOf: () => leadsOf(1_000_000),
  },
];

export const farHit: Workload = {
  name: 'far-hit',
  title: 'Far hit',
  method:
    'Entries that are in Redis and not in the process. Callers read one key after the other in a ' +
    'loop, so many of them at the same time. By hand is `JSON.parse(await redis.get(key))`. Where ' +
    'entries are kept in the process too, the loop is longer than what is kept, so every read goes ' +
    'to Redis, fills the near tier and pushes another entry out.',
  async measure(bench) {
    const cases: Case[] = [];
    for (const reading of READINGS) cases.push(await compare(bench, reading));
    return cases;
  },
};

function compare(bench: Bench, reading: Reading): Promise<Case> {
  const { id, title, callers, valueOf } = reading;
  const raw = [...rawClients(bench.redisUrl)].map(([name, connect]) =>
    readBy(name, reading, () => new RawCache<Value>(connect())),
  );
  const contestants = [...raw, own(bench, reading)];
  const countedOperations = callers === 1 ? 64 : 2_048;
  const expected = valueOf(1);
  return hold(bench, { id, title, reference: RAW, contestants, countedOperations, expected });
}

function readBy(name: string, reading: Reading, cacheOf: () => RawCache<Value>): Contestant {
  return {
    name,
    async prepare() {
      const cache = cacheOf();
      const { keys, valueOf, callers } = reading;
      const numbers = Array.from({ length: keys }, (_, number) => number);
      await Promise.all(numbers.map((n) => cache.set(keyOf(reading, n), valueOf(n))));
      const load = (): Promise<Value> => Promise.reject(new Error('That was no hit.'));
      return {
        run: inFlight(callers, (index) => cache.getOrLoad(keyOf(reading, index % keys), load)),
        answer: () => cache.getOrLoad(keyOf(reading, 1), load),
        close: () => cache.close(),
      };
    },
  };
}

function keyOf({ id }: Reading, number: number): string {
  return `acme:${id}:${String(number)}`;
}

function own(bench: Bench, { keys, valueOf, callers, nearFill = false }: Reading): Contestant {
  return {
    name: OWN,
    async prepare() {
      const app = await OwnApp.withRedis(
        bench,
        { near: nearFill && { ttl: '1h' } },
        nearFill ? { near: { maxEntries: keys / 5 } } : {},
      );
      const cache = app.cache<Value>();
      let loads = 0;
      const load = (number: number) => (): Value => {
        loads += 1;
        return valueOf(number);
      };
      for (let number = 0; number < keys; number++) await cache.wrap(String(number), load(number));
      const none = load(0);
      return {
        run: inFlight(callers, (index) => cache.wrap(String(index % keys), none)),
        answer: () => cache.wrap('1', none),
        loads: () => loads,
        close: () => app.close(),
      };
    },
  };
}
