import type { CacheEvents, CacheService, RedisCacheModuleOptions } from 'nestjs-redis-cache';
import { RedisCacheMetricsModule } from 'nestjs-redis-cache/metrics';
import { WITH_METRICS } from '../contenders/names.js';
import { OwnApp, type OwnAppParts } from '../contenders/own.js';
import { leadOf, type Lead } from '../data/leads.js';
import type { Bench } from '../measure/bench.js';
import { hold, type Contestant } from '../measure/contest.js';
import { inFlight, oneByOne, type Loop } from '../measure/loops.js';
import type { Case } from '../measure/outcome.js';
import type { Workload } from '../measure/workload.js';

const KEYS = 1_000;
const LEFT_OUT = 'bus, no listeners';
const EVENTS: readonly (keyof CacheEvents)[] = [
  'load',
  'loadError',
  'stale',
  'fillRefused',
  'evict',
  'invalidate',
  'remoteInvalidation',
  'farError',
  'state',
];

/** What an application may or may not have beside the cache itself. */
interface Variant {
  readonly name: string;
  readonly options?: RedisCacheModuleOptions;
  readonly observe?: (caches: CacheService) => void;
  readonly parts?: () => OwnAppParts;
}

const VARIANTS: readonly Variant[] = [
  { name: LEFT_OUT },
  {
    name: 'bus, a listener of each event',
    observe: (caches) => {
      for (const event of EVENTS) caches.on(event, () => undefined);
    },
  },
  {
    name: WITH_METRICS,
    parts: () => ({ imports: [RedisCacheMetricsModule.forRoot()] }),
  },
  {
    name: "tracking instead of the bus (coherence: 'tracking')",
    options: { coherence: 'tracking' },
  },
  { name: "no bus (coherence: 'ttl')", options: { coherence: 'ttl' } },
];

export const observation: Workload = {
  name: 'observation',
  title: 'What listeners, metrics and the bus cost',
  method:
    'The same work by applications that differ in one thing. Without the bus, every read of Redis ' +
    'asks for the stamps too.',
  measure: async (bench) => [
    await compare(bench, 'near-hit', 'near hit, share', 'cpu', (cache) => {
      return oneByOne(() => cache('1'));
    }),
    await compare(bench, 'miss', 'miss, 64 in flight', 'wall', (cache) => {
      return inFlight(64, (index) => cache(`new-${String(index)}`));
    }),
    await compare(bench, 'evict', 'evict of an entry, 64 in flight', 'wall', (_cache, evict) => {
      return inFlight(64, (index) => evict(String(index % KEYS)));
    }),
  ],
};

type Call = (key: string) => Promise<unknown>;

function compare(
  bench: Bench,
  id: string,
  title: string,
  clock: 'cpu' | 'wall',
  loopOf: (wrap: Call, evict: Call) => Loop,
): Promise<Case> {
  const contestants = VARIANTS.map(({ name, options, observe, parts }): Contestant => ({
    name,
    prepare: async () => {
      const app = await OwnApp.withRedis(
        bench,
        { near: { share: true, ttl: '1h' } },
        options,
        parts?.(),
      );
      observe?.(app.caches);
      const cache = app.cache<Lead>();
      const load = (): Lead => leadOf(1);
      return {
        run: loopOf(
          (key) => cache.wrap(key, load),
          (key) => cache.del(key),
        ),
        close: () => app.close(),
      };
    },
  }));
  const settings = { id: `observation/${id}`, title, reference: LEFT_OUT, clock, contestants };
  return hold(bench, settings);
}
