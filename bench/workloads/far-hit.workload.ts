import { openNode } from '../contenders/caches.js';
import { OWN, RAW, SKETCH } from '../contenders/names.js';
import { peersByNearKind } from '../contenders/near-kind.js';
import { OwnApp } from '../contenders/own.js';
import { RawCache, rawClients } from '../contenders/raw.js';
import { SketchCache } from '../contenders/sketch.js';
import { copyOfLead, leadOf, leadsOf, type Lead } from '../data/leads.js';
import type { Bench } from '../measure/bench.js';
import { hold, type Contestant, type Prepared } from '../measure/contest.js';
import { inFlight } from '../measure/loops.js';
import type { Case } from '../measure/outcome.js';
import type { Workload } from '../measure/workload.js';
import type { PeerCache } from '../peer-cache.js';

type Value = Lead | Lead[];

/** What is read, and by how many at the same time. */
interface Reading {
  readonly id: string;
  readonly title: string;
  readonly callers: number;
  readonly keys: number;
  readonly valueOf: (number: number) => Value;
  /** Whether the entries are kept in the process too. @default false */
  readonly nearFill?: boolean;
  /**
   * See `onCores` of a contest. A large value takes longer to be read than to be woken for, and its garbage
   * is collected on other cores, too.
   */
  readonly onCores?: boolean;
  /** Whether other ways to do it by hand are measured as well. @default false */
  readonly otherClients?: boolean;
}

/** What ours keeps; of a loop that much longer it finds less than 1 % there. */
const NEAR_ENTRIES = 250;
/** More than the peers keep, which find none of a longer loop. */
const LOOP = 30_000;

const READINGS: readonly Reading[] = [
  ...[1, 64, 512].map((callers) => ({
    id: `far-hit/${String(callers)}`,
    title: `200 bytes, ${String(callers)} in flight`,
    callers,
    keys: 1_000,
    valueOf: leadOf,
    onCores: callers === 1,
    otherClients: true,
  })),
  {
    id: 'far-hit/near-fill',
    title: '200 bytes, 64 in flight, kept in the process too',
    callers: 64,
    keys: LOOP,
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
  apart: true,
  title: 'Far hit',
  method:
    'Entries that are in Redis and not in the process. Callers read one key after the other in a ' +
    'loop, so many of them at the same time. By hand is `JSON.parse(await redis.get(key))`; the sketch ' +
    'is what the commands of ours cost by themselves. With one small value in flight Redis and the ' +
    'caller keep to a core each, as one of them always waits for the other to be woken. Where entries are kept in the process too, the loop is so much longer than what is kept that more than ' +
    '99 % of the reads go to Redis, fill the near tier and push another entry out.',
  chart: {
    measure: 'ratio',
    inverse: true,
    scale: 'linear',
    note: 'speed, by hand with ioredis 6 is 1; more is better',
  },
  measure: async (bench) => {
    const { copies, shares, none } = peersByNearKind(bench);
    const cases: Case[] = [];
    for (const reading of READINGS) {
      const peers = reading.nearFill ? [...copies, ...shares] : none;
      cases.push(await compare(bench, reading, bench.quick ? [] : peers));
    }
    return cases;
  },
};

function compare(bench: Bench, reading: Reading, peers: readonly PeerCache[]): Promise<Case> {
  const { id, title, callers, valueOf, onCores = false, otherClients = false } = reading;
  const byHand = [...rawClients(bench)].filter(([name]) => otherClients || name === RAW);
  const contestants = [
    ...byHand.map(([name, connect]) =>
      contestant(name, reading, async () => {
        const cache = new RawCache<Value>(await connect());
        return {
          wrap: (key, load) => cache.getOrLoad(`${id}:${key}`, load),
          close: () => cache.close(),
        };
      }),
    ),
    contestant(SKETCH, reading, async () => {
      const kept = { entries: NEAR_ENTRIES, copy: (value: Value) => copyOfLead(value as Lead) };
      const cache = await SketchCache.connect<Value>(
        bench.redisUrl,
        reading.nearFill ? kept : undefined,
      );
      return {
        wrap: (key, load) => cache.getOrLoad(`${id}:sketch:${key}`, load),
        close: () => cache.close(),
      };
    }),
    contestant(OWN, reading, () => ownReader(bench, reading)),
    ...peers
      .filter(({ memoryOnly = false }) => !memoryOnly)
      .map((cache) => contestant(cache.name, reading, () => openNode(cache, bench.redisUrl))),
  ];
  const countedOperations = callers === 1 ? 64 : 2_048;
  const expected = valueOf(1);
  const terms = { id, title, reference: RAW, onCores, countedOperations };
  return hold(bench, { ...terms, contestants, expected });
}

/** As far as everybody is alike. */
interface Reader {
  wrap(key: string, load: () => Promise<Value>): Promise<Value>;
  close(): unknown;
}

async function ownReader(bench: Bench, { nearFill = false }: Reading): Promise<Reader> {
  const app = await OwnApp.withRedis(
    bench,
    { near: nearFill && { ttl: '1h' } },
    { near: { maxEntries: NEAR_ENTRIES, tenantShare: 1 } },
  );
  const cache = app.cache<Value>();
  return { wrap: (key, load) => cache.wrap(key, load), close: () => app.close() };
}

function contestant(
  name: string,
  { keys, valueOf, callers }: Reading,
  open: () => Promise<Reader>,
): Contestant {
  return {
    name,
    async prepare(): Promise<Prepared> {
      const reader = await open();
      let loads = 0;
      const load = (number: number) => (): Promise<Value> => {
        loads += 1;
        return Promise.resolve(valueOf(number));
      };
      await inFlight(16, (index) => reader.wrap(String(index), load(index)))(keys);
      const none = load(-1);
      return {
        run: inFlight(callers, (index) => reader.wrap(String(index % keys), none)),
        answer: () => reader.wrap('1', none),
        loads: () => loads,
        close: () => reader.close(),
      };
    },
  };
}
