import { openNode } from '../contenders/caches.js';
import { MapCache } from '../contenders/map.js';
import { MAP, MAP_CLONED, OWN } from '../contenders/names.js';
import { peersByNearKind } from '../contenders/near-kind.js';
import { OwnApp } from '../contenders/own.js';
import { leadOf, leadsOf, type Lead } from '../data/leads.js';
import type { Bench } from '../measure/bench.js';
import { hold, type Contestant } from '../measure/contest.js';
import { oneByOne } from '../measure/loops.js';
import type { Case } from '../measure/outcome.js';
import type { Workload } from '../measure/workload.js';
import type { NearKind, PeerCache } from '../peer-cache.js';

export const nearHit: Workload = {
  name: 'near-hit',
  title: 'Near hit',
  method:
    'One key that is in the process, read again and again, each read awaited before the next; by the ' +
    'CPU time of the process. `Map` is an async function over a Map, without bounds, ends or copies. ' +
    'In Node 20 every promise of a process costs more once an AsyncLocalStorage was used in it, ours ' +
    'or that of another library; so the first case shows the Map without, and in all others it pays ' +
    'what an application with a context pays.',
  chart: {
    measure: 'timeNs',
    scale: 'log',
    note: 'time of a hit, less is better',
  },
  measure: async (bench) => {
    // First: once there has been a context in a process, it stays slower.
    const first = await hold(bench, {
      id: 'near-hit/no-context',
      title: 'a Map, in a process that has never used an AsyncLocalStorage',
      reference: MAP,
      clock: 'cpu',
      contestants: [mapOf(leadOf(1))],
    });
    const peers = peersByNearKind(bench);
    const cases = [first];
    for (const reading of READINGS) cases.push(await compare(bench, reading, peers));
    return cases;
  },
};

interface Reading {
  readonly id: string;
  readonly title: string;
  readonly value: Lead | Lead[];
  readonly kind: Exclude<NearKind, 'none'>;
}

const READINGS: readonly Reading[] = [
  {
    id: 'near-hit/copy',
    title: 'a copy for each caller, 200 bytes',
    value: leadOf(1),
    kind: 'copies',
  },
  { id: 'near-hit/share', title: 'one shared object, 200 bytes', value: leadOf(1), kind: 'shares' },
  {
    id: 'near-hit/copy-10k',
    title: 'a copy for each caller, 10 KB',
    value: leadsOf(10_000),
    kind: 'copies',
  },
  {
    id: 'near-hit/share-1m',
    title: 'one shared object, 1 MB',
    value: leadsOf(1_000_000),
    kind: 'shares',
  },
];

function compare(
  bench: Bench,
  { id, title, value, kind }: Reading,
  peers: Readonly<Record<NearKind, readonly PeerCache[]>>,
): Promise<Case> {
  const others = peers[kind].map((cache) => peerOf(bench, cache, value));
  const contestants = [mapOf(value), ownOf(bench, value, kind === 'shares'), ...others];
  if (kind === 'copies') contestants.splice(1, 0, clonedMap(value));
  return hold(bench, { id, title, reference: MAP, clock: 'cpu', expected: value, contestants });
}

function mapOf(value: unknown): Contestant {
  return {
    name: MAP,
    prepare() {
      const cache = new MapCache();
      const load = (): Promise<unknown> => Promise.resolve(value);
      const answer = (): Promise<unknown> => cache.getOrLoad('acme:lead:1', load);
      return { run: oneByOne(answer), answer };
    },
  };
}

function clonedMap(value: unknown): Contestant {
  return {
    name: MAP_CLONED,
    prepare() {
      const cache = new MapCache();
      const load = (): Promise<unknown> => Promise.resolve(value);
      const answer = async (): Promise<unknown> =>
        structuredClone(await cache.getOrLoad('acme:lead:1', load));
      return { run: oneByOne(answer), answer };
    },
  };
}

function ownOf(bench: Bench, value: unknown, share: boolean): Contestant {
  return {
    name: OWN,
    async prepare() {
      const app = await OwnApp.withRedis(bench, { near: { share, ttl: '1h' } });
      const cache = app.cache();
      const load = (): Promise<unknown> => Promise.resolve(value);
      const answer = (): Promise<unknown> => cache.wrap('1', load);
      return { run: oneByOne(answer), answer, close: () => app.close() };
    },
  };
}

function peerOf(bench: Bench, cache: PeerCache, value: unknown): Contestant {
  return {
    name: cache.name,
    async prepare() {
      const node = await openNode(cache, bench.redisUrl);
      const load = (): Promise<unknown> => Promise.resolve(value);
      const answer = (): Promise<unknown> => node.wrap('1', load);
      return {
        run: oneByOne(answer),
        answer,
        close: () => node.close(),
      };
    },
  };
}
