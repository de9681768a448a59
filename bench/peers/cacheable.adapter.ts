import KeyvRedis, { createKeyvNonBlocking, Keyv } from '@keyv/redis';
import { RedisMessageProvider } from '@qified/redis';
import { Cacheable, createKeyv } from 'cacheable';
import type { EntryOptions, NodeOptions, PeerCache, PeerNode } from '../peer-cache.js';
import { ignore, NODE_REDIS_SETTINGS, nodeRedis } from './connections.js';
import { installed } from './installed-version.js';

const VERSION = [installed('cacheable'), installed('@keyv/redis'), installed('@qified/redis')];
const BOTH =
  'memory and @keyv/redis, CacheableSync over @qified/redis, tags: true, throwErrors: function';
const STRENGTHS =
  'Any of the many stores of Keyv as either tier, tags by version counters, hooks, statistics, different ttl for each tier, works without NestJS.';

export const peers: readonly PeerCache[] = [
  {
    name: 'cacheable',
    version: VERSION.join(', '),
    settings: `${BOTH}; ${NODE_REDIS_SETTINGS}.`,
    strengths: STRENGTHS,
    create: (redisUrl: string, options: NodeOptions): Promise<PeerNode> => {
      const store = new KeyvRedis(nodeRedis(redisUrl), {
        namespace: options.prefix,
        throwOnConnectError: false,
        connectionTimeout: 1_000,
      });
      const secondary = new Keyv({ store, namespace: options.prefix, useKeyPrefix: false });
      return create(redisUrl, options, { secondary, nonBlocking: false });
    },
  },
  {
    name: 'cacheable, nonBlocking',
    version: VERSION.join(', '),
    settings: `${BOTH}; nonBlocking: true with createKeyvNonBlocking, as documented for a Redis that may be away.`,
    strengths: STRENGTHS,
    create: (redisUrl: string, options: NodeOptions): Promise<PeerNode> => {
      const secondary = createKeyvNonBlocking(redisUrl, { namespace: options.prefix });
      return create(redisUrl, options, { secondary, nonBlocking: true });
    },
  },
];

async function create(
  redisUrl: string,
  { prefix, ttlSeconds }: NodeOptions,
  { secondary, nonBlocking }: { secondary: Keyv; nonBlocking: boolean },
): Promise<PeerNode> {
  secondary.on('error', ignore);
  const provider = new RedisMessageProvider({ uri: redisUrl });
  const cache = new Cacheable({
    primary: createKeyv({ lruSize: 10_000 }),
    secondary,
    nonBlocking,
    namespace: prefix,
    ttl: ttlSeconds * 1_000,
    tags: true,
    sync: { qified: provider },
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
    evictTags: (tags) => cache.tags.invalidateTags([...tags]),
    clear: () => cache.clear(),
    close: () => Promise.allSettled([cache.disconnect(), provider.disconnect()]),
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
