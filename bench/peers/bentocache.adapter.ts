import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { redisBusDriver, redisDriver } from 'bentocache/drivers/redis';
import type { EntryOptions, NodeOptions, PeerCache, PeerNode } from '../peer-cache.js';
import { IOREDIS_SETTINGS, openIoredis, openIoredisCluster, SUBSCRIBER } from './connections.js';
import { installed } from './installed-version.js';

/** The part of BentoCache that a namespace has too. */
type Store = Pick<
  ReturnType<BentoCache<never>['namespace']>,
  'get' | 'set' | 'getOrSet' | 'delete' | 'deleteByTag' | 'clear' | 'namespace'
>;

export const peers: readonly PeerCache[] = [
  {
    name: 'bentocache',
    version: installed('bentocache'),
    settings: `Two tiers and the Redis bus with its retry queue; suppressL2Errors, l2CircuitBreakerDuration 1 s; ${IOREDIS_SETTINGS}.`,
    strengths:
      'Many far tiers (DynamoDB, SQL databases, files), grace periods with soft and hard timeouts, adaptive ttl, named stores, works without NestJS, plugins for Prometheus.',
    clusters: true,
    create,
  },
];

async function create(redisUrl: string, options: NodeOptions): Promise<PeerNode> {
  const { prefix, ttlSeconds, waitMs, cluster } = options;
  const connection = await (cluster ? openIoredisCluster(cluster) : openIoredis(redisUrl));
  const bus = await (cluster ? openIoredisCluster(cluster) : openIoredis(redisUrl, SUBSCRIBER));
  const store = bentostore()
    .useL1Layer(memoryDriver({ maxItems: 10_000 }))
    .useL2Layer(redisDriver({ connection }))
    .useBus(redisBusDriver({ connection: bus, retryQueue: { enabled: true } }));
  const bento = new BentoCache({
    default: 'store',
    stores: { store },
    prefix,
    ttl: ttlSeconds * 1_000,
    lockTimeout: waitMs,
    suppressL2Errors: true,
    l2CircuitBreakerDuration: '1s',
  });
  return nodeOver(bento.use('store'), async () => {
    await bento.disconnect();
    connection.disconnect();
    bus.disconnect();
  });
}

function nodeOver(store: Store, close: () => Promise<void>): PeerNode {
  return {
    get: (key) => store.get({ key }),
    set: (key, value, options) => store.set({ key, value, ...tagsOf(options) }),
    wrap: (key, load, options) => store.getOrSet({ key, factory: load, ...tagsOf(options) }),
    evict: (key) => store.delete({ key }),
    evictTags: (tags) => store.deleteByTag({ tags: [...tags] }),
    clear: () => store.clear(),
    tenant: (id) => nodeOver(store.namespace(id), close),
    close,
  };
}

function tagsOf({ tags }: EntryOptions = {}): { tags?: string[] } {
  return tags ? { tags: [...tags] } : {};
}
