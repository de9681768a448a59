import { Cacheable, DefaultStrategy } from '@type-cacheable/core';
import { IoRedisAdapter } from '@type-cacheable/ioredis-adapter';
import type { NodeOptions, PeerCache, PeerNode } from '../peer-cache.js';
import { IOREDIS_SETTINGS, openIoredis, openIoredisCluster } from './connections.js';
import { installed } from './installed-version.js';

type Load = () => Promise<unknown>;

export const peers: readonly PeerCache[] = [
  {
    name: 'type-cacheable',
    version: [installed('@type-cacheable/core'), installed('@type-cacheable/ioredis-adapter')].join(
      ', ',
    ),
    settings: `@Cacheable on a method, Redis alone, as it has no second tier; ${IOREDIS_SETTINGS}. With an offline queue the error at boot is another one, and nobody catches it either.`,
    strengths:
      'Decorators without a framework, @CacheUpdate and @CacheClear, adapters for ioredis, node-redis, lru-cache and node-cache, a fallback client.',
    clusters: true,
    create,
  },
];

async function create(
  redisUrl: string,
  { prefix, ttlSeconds, cluster }: NodeOptions,
): Promise<PeerNode> {
  const redis = await (cluster ? openIoredisCluster(cluster) : openIoredis(redisUrl));
  const client = new IoRedisAdapter(redis);
  const keyOf = (key: string): string => `${prefix}:${key}`;

  class Loads {
    @Cacheable({
      client,
      strategy: new DefaultStrategy(),
      ttlSeconds,
      cacheKey: ([key]: unknown[]) => keyOf(key as string),
    })
    run(_key: string, load: Load): Promise<unknown> {
      return load();
    }
  }
  const loads = new Loads();

  return {
    get: async (key) => ((await client.get(keyOf(key))) as unknown) ?? undefined,
    set: (key, value) => client.set(keyOf(key), value, ttlSeconds),
    wrap: <T>(key: string, load: () => Promise<T>) => loads.run(key, load) as Promise<T>,
    evict: (key) => client.del(keyOf(key)),
    clear: async () => (await client.del(await client.keys(`${prefix}:*`))) as unknown,
    close: () => {
      redis.disconnect();
    },
  };
}
