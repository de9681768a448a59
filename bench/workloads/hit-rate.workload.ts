import { OWN } from '../contenders/names.js';
import { OwnApp } from '../contenders/own.js';
import { lruHitRate, optimalHitRate } from '../data/eviction-policies.js';
import { loop, shiftingHotSet, zipf, zipfWithScans, type KeyTrace } from '../data/key-traces.js';
import type { Bench } from '../measure/bench.js';
import { exactly } from '../measure/statistics.js';
import type { Case, Workload } from '../measure/workload.js';

const KEYS = 100_000;
const KEPT = 10_000;
const SKEW = 0.99;
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
    const length = bench.size(2_000_000, 200_000);
    const traces: readonly (readonly [string, string, KeyTrace])[] = [
      ['zipf', 'Zipf 0.99', zipf(length, KEYS, SKEW)],
      ['scans', 'Zipf 0.99 with scans of 5,000 keys', zipfWithScans(length, KEYS, SKEW)],
      ['loop', 'a loop over 12,000 keys', loop(length, KEPT * 1.2)],
      [
        'shifting',
        'Zipf 0.99, other keys popular in each tenth',
        shiftingHotSet(length, KEYS, SKEW),
      ],
    ];
    const cases: Case[] = [];
    for (const [id, title, trace] of traces) cases.push(await compare(bench, id, title, trace));
    return cases;
  },
};

async function compare(bench: Bench, id: string, title: string, trace: KeyTrace): Promise<Case> {
  const countFrom = trace.length * WARM_UP;
  const rates: (readonly [string, number])[] = [
    ['LRU', lruHitRate(trace, KEPT, countFrom)],
    [OWN, await ownHitRate(trace, countFrom)],
    ['optimum', optimalHitRate(trace, KEPT, countFrom)],
  ];
  return {
    id: `hit-rate/${id}`,
    title,
    figures: rates
      .filter(([name]) => bench.takes(name))
      .map(([contender, rate]) => ({ contender, measures: { hitPercent: exactly(rate * 100) } })),
  };
}

async function ownHitRate(trace: KeyTrace, countFrom: number): Promise<number> {
  const app = await OwnApp.boot({
    defaults: { ttl: '1h', near: { share: true } },
    near: { maxEntries: KEPT, tenantShare: 1 },
  });
  const cache = app.cache<number>();
  let loads = 0;
  for (const [index, key] of trace.entries()) {
    if (index === countFrom) loads = 0;
    await cache.wrap(key, () => {
      loads += 1;
      return key;
    });
  }
  await app.close();
  return 1 - loads / (trace.length - countFrom);
}
