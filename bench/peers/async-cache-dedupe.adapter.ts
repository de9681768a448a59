import { createCache } from 'async-cache-dedupe';
import type { EntryOptions, NodeOptions, PeerCache, PeerNode } from '../peer-cache.js';
import { IOREDIS_SETTINGS, openIoredis } from './connections.js';
import { installed } from './installed-version.js';

interface Request {
  readonly key: string;
  readonly load: () => Promise<unknown>;
  readonly tags?: readonly string[];
}

export const peers: readonly PeerCache[] = [
  {
    name: 'async-cache-dedupe',
    version: installed('async-cache-dedupe'),
    settings: `One defined function, Redis storage with invalidation by references (its tags); it has one tier. ${IOREDIS_SETTINGS}.`,
    strengths:
      'Very small, loads deduplicated by argument, stale-while-revalidate, invalidation by references with wildcards, transformers for values.',
    create,
  },
];

async function create(redisUrl: string, { prefix, ttlSeconds }: NodeOptions): Promise<PeerNode> {
  const client = await openIoredis(redisUrl);
  const cache = createCache({
    ttl: ttlSeconds,
    storage: {
      type: 'redis',
      // Its types are those of ioredis 5 or 6, whichever stands at the root.
      options: { client, invalidation: { referencesTTL: ttlSeconds } },
    },
  }).define(
    prefix,
    {
      serialize: ({ key }: Request) => key,
      references: ({ tags = [] }: Request) => tags.map((tag) => `${prefix}-${tag}`),
    },
    ({ load }: Request) => load(),
  );
  const run: (request: Request) => Promise<unknown> = Reflect.get(cache, prefix);
  const reference = (tag: string): string => `${prefix}-${tag}`;
  const storedAs = (key: string): string => `${prefix}~${key}`;

  return {
    get: (key) => cache.get(prefix, storedAs(key)) as Promise<unknown>,
    set: (key, value, { tags = [] } = {}) =>
      cache.set(prefix, storedAs(key), value, ttlSeconds, tags.map(reference)),
    wrap: <T>(key: string, load: () => Promise<T>, options?: EntryOptions) =>
      run({ key, load, ...options }) as Promise<T>,
    evict: (key) => cache.clear(prefix, { key }),
    evictTags: (tags) => cache.invalidateAll(tags.map(reference)),
    clear: () => cache.clear(prefix),
    close: () => {
      client.disconnect();
    },
  };
}
