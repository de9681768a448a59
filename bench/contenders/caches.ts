import { randomUUID } from 'node:crypto';
import type { Bench } from '../measure/bench.js';
import type { NodeOptions, PeerCache, PeerNode } from '../peer-cache.js';
import { OWN, OwnApp } from './own.js';
import { allPeers } from './peers.js';

/** Ours, behind the interface that the peers are behind. */
export const ownCache: PeerCache = {
  name: OWN,
  version: 'this commit',
  settings:
    'Near tier, Redis and bus, with the defaults; entries stay in the process until evicted.',
  async create(redisUrl, options) {
    return nodeOf(
      await OwnApp.withRedis(
        { redisUrl },
        {},
        { prefix: options.prefix, near: { maxEntries: 20_000 } },
      ),
    );
  },
};

/** Ours first, then the peers that take part in this run. */
export function cachesOf(bench: Bench): PeerCache[] {
  const peers = bench.peers ? allPeers() : [];
  return [ownCache, ...peers].filter(({ name }) => bench.takes(name));
}

/** A cache by its name, for another process to make one of the same kind. */
export function cacheNamed(name: string): PeerCache {
  const cache = name === OWN ? ownCache : allPeers().find((peer) => peer.name === name);
  if (!cache) throw new Error(`There is no cache '${name}'.`);
  return cache;
}

/** Entries that outlive the measurement, under a prefix that nobody else uses. */
export function nodeOptions(): NodeOptions {
  return { prefix: `bench-${randomUUID()}`, ttlSeconds: 3_600, waitMs: 10_000, lockMs: 10_000 };
}

function nodeOf(app: OwnApp): PeerNode {
  const cache = app.cache();
  return {
    get: (key) => cache.get(key),
    set: (key, value, options) => cache.set(key, value, options),
    wrap: <T>(
      key: string,
      load: () => Promise<T>,
      options?: { readonly tags?: readonly string[] },
    ) => cache.wrap(key, load, options) as Promise<T>,
    evict: (key) => cache.del(key),
    evictTags: (tags) => app.caches.forTenant('acme').evictTags(tags),
    clear: () => cache.flush(),
    close: () => app.close(),
  };
}
