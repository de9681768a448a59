import { LRUCache } from 'lru-cache';
import type { NodeOptions, PeerCache, PeerNode } from '../peer-cache.js';
import { installed } from './installed-version.js';

/** Memory alone: the floor for a read from memory, and nothing that several processes could share. */
export const peers: readonly PeerCache[] = [
  {
    name: 'lru-cache',
    memoryOnly: true,
    version: installed('lru-cache'),
    settings: 'Memory alone, fetchMethod by context.',
    strengths:
      'The fastest reads, sizes in entries or bytes, stale-while-revalidate, abort signals.',
    create(_redisUrl: string, { ttlSeconds }: NodeOptions): Promise<PeerNode> {
      // A value that is undefined means that nothing is there.
      const cache = new LRUCache<string, { value: unknown }, () => Promise<unknown>>({
        max: 10_000,
        ttl: ttlSeconds * 1_000,
        fetchMethod: async (_key, _stale, { context: load }) => ({ value: await load() }),
      });
      return Promise.resolve({
        get: (key: string) => Promise.resolve(cache.get(key)?.value),
        set: (key: string, value: unknown) => Promise.resolve(cache.set(key, { value })),
        async wrap<T>(key: string, load: () => Promise<T>) {
          const found = await cache.fetch(key, { context: load });
          return found?.value as T;
        },
        evict: (key: string) => Promise.resolve(cache.delete(key)),
        clear: () => {
          cache.clear();
          return Promise.resolve();
        },
        close: () => undefined,
      });
    },
  },
];
