import { cachesOf, openNode, ownCache, ownFarOnly } from '../contenders/caches.js';
import { RAW, SKETCH } from '../contenders/names.js';
import { RawCache, rawClients } from '../contenders/raw.js';
import { SketchCache } from '../contenders/sketch.js';
import { copyOfLead, leadOf, type Lead } from '../data/leads.js';
import type { Bench } from '../measure/bench.js';
import { hold, type Contestant } from '../measure/contest.js';
import { inFlight } from '../measure/loops.js';
import type { Case } from '../measure/outcome.js';
import type { Workload } from '../measure/workload.js';

const lead = leadOf(1);
/** As many as ours and the peers keep. */
const NEAR_ENTRIES = 10_000;

export const miss: Workload = {
  name: 'miss',
  apart: true,
  title: 'Miss',
  method:
    'Every operation reads a key that is nowhere, loads, and stores. The load answers at once, so ' +
    'what is measured is the caching. By hand is GET, load, SET, without a lease: several processes ' +
    'load the same key several times, and nothing is kept in the process. The sketch takes a lease, but ' +
    'nobody waits for it; it keeps what it stores, as ours does unless told otherwise.',
  chart: {
    measure: 'ratio',
    inverse: true,
    scale: 'linear',
    note: 'speed, by hand with ioredis 6 is 1; more is better',
  },
  measure: async (bench) => {
    const cases: Case[] = [];
    for (const callers of [1, 64]) cases.push(await compare(bench, callers));
    return cases;
  },
};

function compare(bench: Bench, callers: number): Promise<Case> {
  const raw = [...rawClients(bench)].map(([name, connect]) =>
    contestant(name, callers, async () => {
      const cache = new RawCache<Lead>(await connect());
      return {
        wrap: (key, load) => cache.getOrLoad(`${name}:${String(callers)}:${key}`, load),
        close: () => cache.close(),
      };
    }),
  );
  const sketch = contestant(SKETCH, callers, async () => {
    const cache = await SketchCache.connect<Lead>(bench.redisUrl, {
      entries: NEAR_ENTRIES,
      copy: copyOfLead,
    });
    return {
      wrap: (key, load) => cache.getOrLoad(`sketch:${String(callers)}:${key}`, load),
      close: () => cache.close(),
    };
  });
  const caches = [...(bench.quick ? [ownCache] : cachesOf(bench)), ownFarOnly]
    .filter(({ memoryOnly = false }) => !memoryOnly)
    .map((cache) => contestant(cache.name, callers, () => openNode(cache, bench.redisUrl)));
  return hold(bench, {
    id: `miss/${String(callers)}`,
    title: `${String(callers)} in flight`,
    reference: RAW,
    onCores: callers === 1,
    contestants: [...raw, sketch, ...caches],
    countedOperations: 1_024,
  });
}

interface Loading {
  wrap(key: string, load: () => Promise<Lead>): Promise<Lead>;
  close(): unknown;
}

function contestant(name: string, callers: number, open: () => Promise<Loading>): Contestant {
  return {
    name,
    async prepare() {
      const cache = await open();
      let loads = 0;
      const load = (): Promise<Lead> => {
        loads += 1;
        return Promise.resolve(lead);
      };
      return {
        run: inFlight(callers, (index) => cache.wrap(String(index), load)),
        loads: () => loads,
        close: () => cache.close(),
      };
    },
  };
}
