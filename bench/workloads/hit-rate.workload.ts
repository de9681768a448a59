import { OWN } from '../contenders/names.js';
import { OwnApp } from '../contenders/own.js';
import { lruHitRate, optimalHitRate } from '../data/eviction-policies.js';
import {
  evictionsIn,
  loop,
  shiftingHotSet,
  zipf,
  zipfWithScans,
  type Evictions,
  type KeyTrace,
} from '../data/key-traces.js';
import type { Bench } from '../measure/bench.js';
import { exactly } from '../measure/statistics.js';
import type { Case } from '../measure/outcome.js';
import type { Workload } from '../measure/workload.js';

const KEYS = 100_000;
const KEPT = 10_000;
const SKEW = 0.99;
/** So many of the requests are of somebody who changes what is behind the key, in traces with evictions. */
const EVICTED = 0.05;
/** Requests before this part of a trace fill the tier and are not counted. */
const WARM_UP = 0.2;

export const hitRate: Workload = {
  name: 'hit-rate',
  title: 'Hit rate by policy',
  method:
    '10,000 entries are kept of 100,000, and the first fifth of the requests is not counted. Ours is ' +
    'the near tier as it is, without Redis. LRU and the optimum, which knows the future, are ' +
    'calculated for the same requests.',
  chart: { measure: 'hitPercent', scale: 'linear', note: 'hits in %, more is better' },
  measure: async (bench) => {
    const length = bench.size(1_000_000, 100_000);
    const popular = zipf(length, KEYS, SKEW);
    const shifting = shiftingHotSet(length, KEYS, SKEW);
    const traces: readonly Requests[] = [
      { id: 'zipf', title: 'Zipf 0.99', trace: popular },
      {
        id: 'evictions',
        title: 'Zipf 0.99, 5 % of it evictions',
        trace: popular,
        evictions: evictionsIn(popular, EVICTED),
      },
      {
        id: 'scans',
        title: 'Zipf 0.99 with scans of 5,000 keys',
        trace: zipfWithScans(length, KEYS, SKEW),
      },
      { id: 'loop', title: 'a loop over 12,000 keys', trace: loop(length, KEPT * 1.2) },
      { id: 'shifting', title: 'Zipf 0.99, other keys popular in each tenth', trace: shifting },
      {
        id: 'shifting-evictions',
        title: 'the same, 5 % of it evictions',
        trace: shifting,
        evictions: evictionsIn(shifting, EVICTED),
      },
    ];
    const cases: Case[] = [];
    for (const requests of traces) cases.push(await compare(bench, requests));
    return cases;
  },
};

interface Requests {
  readonly id: string;
  readonly title: string;
  readonly trace: KeyTrace;
  readonly evictions?: Evictions;
}

async function compare(bench: Bench, { id, title, trace, evictions }: Requests): Promise<Case> {
  const countFrom = trace.length * WARM_UP;
  const rates: (readonly [string, number])[] = [
    ['LRU', lruHitRate(trace, KEPT, countFrom, evictions)],
    [OWN, await ownHitRate(trace, countFrom, evictions)],
    ['optimum', optimalHitRate(trace, KEPT, countFrom, evictions)],
  ];
  return {
    id: `hit-rate/${id}`,
    title,
    figures: rates
      .filter(([name]) => bench.takes(name))
      .map(([contender, rate]) => ({ contender, measures: { hitPercent: exactly(rate * 100) } })),
  };
}

async function ownHitRate(
  trace: KeyTrace,
  countFrom: number,
  evictions?: Evictions,
): Promise<number> {
  const app = await OwnApp.boot({
    defaults: { ttl: '1h', near: { share: true } },
    near: { maxEntries: KEPT, tenantShare: 1 },
  });
  const cache = app.cache<number>();
  let loads = 0;
  let requests = 0;
  for (const [index, key] of trace.entries()) {
    if (index === countFrom) loads = requests = 0;
    if (evictions?.has(index)) {
      await cache.del(key);
      continue;
    }
    requests += 1;
    await cache.wrap(key, () => {
      loads += 1;
      return key;
    });
  }
  await app.close();
  return 1 - loads / requests;
}
