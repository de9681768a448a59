import KeyvRedis, { createKeyvNonBlocking, Keyv } from '@keyv/redis';
import {
  CACHE_MANAGER,
  CacheModule,
  type Cache,
  type CacheModuleOptions,
} from '@nestjs/cache-manager';
import { NestFactory } from '@nestjs/core';
import { createKeyv } from 'cacheable';
import type { NodeOptions, PeerCache, PeerNode } from '../peer-cache.js';
import {
  ignore,
  KEYV_REDIS,
  KEYV_REDIS_SETTINGS,
  NODE_REDIS_SETTINGS,
  nodeRedis,
  nodeRedisClusterOptions,
  nodeRedisOptions,
} from './connections.js';
import { installed } from './installed-version.js';

const VERSION = [
  installed('@nestjs/cache-manager'),
  installed('cache-manager'),
  installed('@keyv/redis'),
].join(', ');
const STRENGTHS =
  'NestJS’ own module: CacheInterceptor for HTTP responses, any of the many stores of Keyv.';

export const peers: readonly PeerCache[] = [
  {
    name: 'cache-manager',
    version: VERSION,
    settings: `CacheModule with memory (createKeyv of cacheable) and @keyv/redis; ${KEYV_REDIS_SETTINGS}.`,
    strengths: STRENGTHS,
    clusters: true,
    create: (redisUrl: string, options: NodeOptions): Promise<PeerNode> => {
      const { cluster } = options;
      const client = cluster ? nodeRedisClusterOptions(cluster) : nodeRedis(redisUrl);
      const store = new KeyvRedis(client, {
        ...KEYV_REDIS,
        namespace: options.prefix,
      });
      const far = new Keyv({ store, namespace: options.prefix, useKeyPrefix: false });
      return create(far, options, false);
    },
  },
  {
    name: 'cache-manager, nonBlocking',
    version: VERSION,
    settings: `CacheModule with memory (createKeyv of cacheable) and createKeyvNonBlocking of @keyv/redis; nonBlocking: true; ${NODE_REDIS_SETTINGS}.`,
    strengths: STRENGTHS,
    create: (redisUrl: string, options: NodeOptions): Promise<PeerNode> => {
      const far = createKeyvNonBlocking(nodeRedisOptions(redisUrl), { namespace: options.prefix });
      return create(far, options, true);
    },
  },
];

async function create(
  far: Keyv,
  { prefix, ttlSeconds, cluster }: NodeOptions,
  nonBlocking: boolean,
): Promise<PeerNode> {
  far.on('error', ignore);
  const ttl = ttlSeconds * 1_000;
  const stores = [createKeyv({ lruSize: 10_000 }), far];
  // The module is ESM, so its Keyv is of other type declarations than ours.
  const module = CacheModule.register({
    stores,
    ttl,
    nonBlocking,
  } as unknown as CacheModuleOptions);
  const app = await NestFactory.createApplicationContext(module, { logger: false });
  const cache = app.get<Cache>(CACHE_MANAGER);
  // It connects on first use, which takes longer than a case waits, and must not be judged by that.
  if (cluster) await cache.get(`${prefix}-probe`);
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    wrap: (key, load) => cache.wrap(key, load),
    evict: (key) => cache.del(key),
    clear: () => cache.clear(),
    close: () => app.close(),
  };
}
