import KeyvRedis, { createKeyvNonBlocking, Keyv } from '@keyv/redis';
import { RedisMessageProvider } from '@qified/redis';
import { Cacheable, createKeyv, type CacheableOptions } from 'cacheable';
import type { EntryOptions, NodeOptions, PeerCache, PeerNode } from '../peer-cache.js';
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

const STRENGTHS =
  'Any of the many stores of Keyv as either tier, tags by version counters, hooks, statistics, different ttl for each tier, works without NestJS.';

export const peers: readonly PeerCache[] = [
  {
    name: 'cacheable',
    version: [installed('cacheable'), installed('@keyv/redis'), installed('@qified/redis')].join(
      ', ',
    ),
    settings: `Memory and @keyv/redis, CacheableSync over @qified/redis (whose client takes an address and no limits), tags: true, throwErrors: function; ${KEYV_REDIS_SETTINGS}.`,
    strengths: STRENGTHS,
    clusters: true,
    create: (redisUrl: string, options: NodeOptions): Promise<PeerNode> => {
      const { cluster } = options;
      const client = cluster ? nodeRedisClusterOptions(cluster) : nodeRedis(redisUrl);
      const store = new KeyvRedis(client, {
        ...KEYV_REDIS,
        namespace: options.prefix,
      });
      const secondary = new Keyv({ store, namespace: options.prefix, useKeyPrefix: false });
      // What is published on one node of a cluster is heard on all of them.
      const [first] = cluster ?? [];
      const uri = first ? `redis://${first.host}:${first.port}` : redisUrl;
      const provider = new RedisMessageProvider({ uri });
      return create(options, { secondary, tags: true, sync: { qified: provider } }, provider);
    },
  },
  {
    name: 'cacheable, nonBlocking',
    version: [installed('cacheable'), installed('@keyv/redis')].join(', '),
    settings: `Memory and createKeyvNonBlocking of @keyv/redis, nonBlocking: true, throwErrors: function, neither sync nor tags: as documented for a Redis that may be away. ${NODE_REDIS_SETTINGS}.`,
    strengths: STRENGTHS,
    create: (redisUrl: string, options: NodeOptions): Promise<PeerNode> => {
      const secondary = createKeyvNonBlocking(nodeRedisOptions(redisUrl), {
        namespace: options.prefix,
      });
      return create(options, { secondary, nonBlocking: true });
    },
  },
];

async function create(
  { prefix, ttlSeconds }: NodeOptions,
  settings: CacheableOptions & { secondary: Keyv },
  provider?: RedisMessageProvider,
): Promise<PeerNode> {
  settings.secondary.on('error', ignore);
  const cache = new Cacheable({
    primary: createKeyv({ lruSize: 10_000 }),
    namespace: prefix,
    ttl: ttlSeconds * 1_000,
    ...settings,
  });
  cache.on('error', ignore);
  await connected(cache, `${prefix}-probe`);
  return {
    get: (key) => cache.get(key),
    set: (key, value, options) => cache.set(key, value, { ...tagsOf(options) }),
    wrap: <T>(key: string, load: () => Promise<T>, options?: EntryOptions) =>
      options?.tags
        ? getOrSetTagged(cache, key, load, options)
        : (cache.getOrSet(key, load, { throwErrors: 'function' }) as Promise<T>),
    evict: (key) => cache.delete(key),
    ...(settings.tags && {
      evictTags: (tags: readonly string[]) => cache.tags.invalidateTags([...tags]),
    }),
    clear: () => cache.clear(),
    close: () => Promise.allSettled([cache.disconnect(), provider?.disconnect()]),
  };
}

/** Its getOrSet takes no tags; its set does. */
async function getOrSetTagged<T>(
  cache: Cacheable,
  key: string,
  load: () => Promise<T>,
  options: EntryOptions,
): Promise<T> {
  const found = await cache.get<T>(key);
  if (found !== undefined) return found;
  const value = await load();
  await cache.set(key, value, { ...tagsOf(options) });
  return value;
}

function tagsOf({ tags }: EntryOptions = {}): { tags?: string[] } {
  return tags ? { tags: [...tags] } : {};
}

/** It connects on first use, and must not be judged by that. */
async function connected(cache: Cacheable, key: string): Promise<void> {
  const bound = new Promise((resolve) => setTimeout(resolve, 1_500).unref());
  await Promise.race([cache.get(key), bound]);
}
