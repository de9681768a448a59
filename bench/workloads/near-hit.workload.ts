import { leadOf, leadsOf, type Lead } from '../data/leads.js';
import { hold, type Contestant } from '../measure/contest.js';
import { oneByOne } from '../measure/loops.js';
import type { Bench } from '../measure/bench.js';
import type { Case, Workload } from '../measure/workload.js';
import { MAP, MAP_CLONED, MapCache } from '../contenders/map.js';
import { OWN, OwnApp } from '../contenders/own.js';

export const nearHit: Workload = {
  name: 'near-hit',
  title: 'Near hit',
  method:
    'One key that is in the process, read again and again, each read awaited before the next. ' +
    '`Map` is an async function over a Map, without bounds, ends or copies. A contender that copies ' +
    'hands each caller an object of its own. In Node 20 every promise of a process costs more once ' +
    'an AsyncLocalStorage was used in it, ours or that of another library; so the first case shows ' +
    'the Map without, and in all others it pays what an application with a context pays.',
  async measure(bench) {
    const lead = leadOf(1);
    const load = (): Promise<unknown> => Promise.resolve(lead);
    return [
      // First: once there has been a context in a process, it stays slower.
      await hold(bench, {
        id: 'near-hit/no-context',
        title: 'a Map in a process without any AsyncLocalStorage',
        reference: MAP,
        clock: 'cpu',
        contestants: [mapOf(load)],
      }),
      await compare(bench, 'near-hit/copy', 'a copy for each caller, 200 bytes', lead, false),
      await compare(bench, 'near-hit/share', 'one shared object, 200 bytes', lead, true),
      await compare(bench, 'near-hit/copy-10k', 'a copy, 10 KB', leadsOf(10_000), false),
      await compare(
        bench,
        'near-hit/share-1m',
        'one shared object, 1 MB',
        leadsOf(1_000_000),
        true,
      ),
    ];
  },
};

function compare(
  bench: Bench,
  id: string,
  title: string,
  value: Lead | Lead[],
  share: boolean,
): Promise<Case> {
  const load = (): Promise<unknown> => Promise.resolve(value);
  const contestants = [mapOf(load), own(bench, load, share)];
  if (!share) contestants.push(clonedMap(load));
  return hold(bench, { id, title, reference: MAP, clock: 'cpu', expected: value, contestants });
}

function mapOf(load: () => Promise<unknown>): Contestant {
  return {
    name: MAP,
    prepare() {
      const cache = new MapCache();
      const answer = (): Promise<unknown> => cache.getOrLoad('acme:lead:1', load);
      return { run: oneByOne(answer), answer };
    },
  };
}

function clonedMap(load: () => Promise<unknown>): Contestant {
  return {
    name: MAP_CLONED,
    prepare() {
      const cache = new MapCache();
      const answer = async (): Promise<unknown> =>
        structuredClone(await cache.getOrLoad('acme:lead:1', load));
      return { run: oneByOne(answer), answer };
    },
  };
}

function own(bench: Bench, load: () => Promise<unknown>, share: boolean): Contestant {
  return {
    name: OWN,
    async prepare() {
      const app = await OwnApp.withRedis(bench, { near: { share, ttl: '1h' } });
      const cache = app.cache();
      const answer = (): Promise<unknown> => cache.wrap('1', load);
      return { run: oneByOne(answer), answer, close: () => app.close() };
    },
  };
}
