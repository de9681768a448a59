import { OWN, OwnApp } from '../contenders/own.js';
import { RAW, RawCache, rawClients } from '../contenders/raw.js';
import { leadOf, type Lead } from '../data/leads.js';
import type { Bench } from '../measure/bench.js';
import { hold, type Contestant } from '../measure/contest.js';
import { inFlight } from '../measure/loops.js';
import type { Case, Workload } from '../measure/workload.js';

const lead = leadOf(1);

export const miss: Workload = {
  name: 'miss',
  title: 'Miss',
  method:
    'Every operation reads a key that is nowhere, loads, and stores. The load answers at once, so ' +
    'what is measured is the caching. By hand is GET, load, SET, without a lease: several processes ' +
    'load the same key several times.',
  async measure(bench) {
    const cases: Case[] = [];
    for (const callers of [1, 64]) cases.push(await compare(bench, callers));
    return cases;
  },
};

function compare(bench: Bench, callers: number): Promise<Case> {
  const raw = [...rawClients(bench.redisUrl)].map(([name, connect]): Contestant => ({
    name,
    prepare() {
      const cache = new RawCache<Lead>(connect());
      const load = (): Promise<Lead> => Promise.resolve(lead);
      const run = inFlight(callers, (index) =>
        cache.getOrLoad(`${name}:${String(callers)}:${String(index)}`, load),
      );
      return { run, loads: () => cache.loads, close: () => cache.close() };
    },
  }));
  return hold(bench, {
    id: `miss/${String(callers)}`,
    title: `${String(callers)} in flight`,
    reference: RAW,
    contestants: [...raw, own(bench, callers)],
    countedOperations: 1_024,
  });
}

function own(bench: Bench, callers: number): Contestant {
  return {
    name: OWN,
    async prepare() {
      const app = await OwnApp.withRedis(bench);
      const cache = app.cache<Lead>();
      let loads = 0;
      const load = (): Promise<Lead> => {
        loads += 1;
        return Promise.resolve(lead);
      };
      const run = inFlight(callers, (index) => cache.wrap(String(index), load));
      return { run, loads: () => loads, close: () => app.close() };
    },
  };
}
