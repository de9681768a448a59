import { randomUUID } from 'node:crypto';
import type { Bench } from '../measure/bench.js';
import type { EntryOptions, NodeOptions, PeerCache, PeerNode } from '../peer-cache.js';
import { allPeers, peerNamed } from '../peer-libraries.js';
import { OWN, OWN_FAR_ONLY, OWN_SHARING } from './names.js';
import { OwnApp, TENANT } from './own.js';

/** A node of ours, which knows what its near tier holds. */
export interface OwnNode extends PeerNode {
  /** As the near tier counts them. */
  nearBytes(): number;
}

/** Ours, behind the interface that the peers are behind. */
export const ownCache = ownCacheAs(OWN, false);
/** The same where all callers are answered with one object. */
export const ownSharing = ownCacheAs(OWN_SHARING, true);

/** The same where nothing is kept in the process. */
export const ownFarOnly: PeerCache = {
  ...ownCache,
  name: OWN_FAR_ONLY,
  create: async (redisUrl, { prefix }) =>
    nodeOf(await OwnApp.withRedis({ redisUrl }, { near: false }, { prefix })),
};

/** The same with the timeouts that it has by default, for when Redis fails. */
export const ownAsShipped: PeerCache = {
  ...ownCache,
  create: async (url, { prefix }) =>
    nodeOf(await OwnApp.boot({ connection: { url }, prefix, defaults: { ttl: '1h' } })),
};

function ownCacheAs(name: string, share: boolean): PeerCache {
  return {
    name,
    version: 'this commit',
    settings:
      'Near tier, Redis and bus; timeouts.command 2 s and bus.silence 10 s, but the defaults where Redis fails; entries do not end while it is measured.',
    create: async (redisUrl, { prefix }) => {
      // One tenant may have half of it: as many entries as the peers keep.
      const near = { maxEntries: 20_000 };
      return nodeOf(
        await OwnApp.withRedis({ redisUrl }, { near: { share, ttl: '1h' } }, { prefix, near }),
      );
    },
  };
}

/** Ours first, then the peers that take part in this run. */
export function cachesOf(bench: Bench): PeerCache[] {
  const peers = bench.peers ? peersOf(bench) : [];
  return [ownCache, ...peers].filter(({ name }) => bench.takes(name));
}

/** The process of one contender does not load what it does not measure. */
function peersOf({ part }: Bench): PeerCache[] {
  if (part?.contender === undefined) return allPeers();
  const peer = peerNamed(part.contender);
  return peer ? [peer] : [];
}

/** A cache by its name, for another process to make one of the same kind. */
export function cacheNamed(name: string): PeerCache {
  const own = [ownCache, ownSharing].find((cache) => cache.name === name);
  const cache = own ?? peerNamed(name);
  if (!cache) throw new Error(`There is no cache '${name}'.`);
  return cache;
}

/**
 * A node that has been used once: some connect then, and what is asked of them at the same time gets
 * lost.
 */
export async function openNode(
  cache: PeerCache,
  redisUrl: string,
  options = nodeOptions(),
): Promise<PeerNode> {
  const node = await cache.create(redisUrl, options);
  await node.wrap('opened', () => Promise.resolve('opened'));
  return node;
}

/** Entries that outlive the measurement, under a prefix that nobody else uses. */
export function nodeOptions(): NodeOptions {
  return { prefix: `bench-${randomUUID()}`, ttlSeconds: 3_600, waitMs: 10_000, lockMs: 10_000 };
}

function nodeOf(app: OwnApp): OwnNode {
  const cache = app.cache();
  return {
    get: (key) => cache.get(key),
    set: (key, value, options) => cache.set(key, value, options),
    wrap: <T>(key: string, load: () => Promise<T>, options?: EntryOptions) =>
      cache.wrap<T>(key, load, options),
    evict: (key) => cache.del(key),
    evictTags: (tags) => app.caches.forTenant(TENANT).evictTags(tags),
    clear: () => cache.flush(),
    nearBytes: () => app.caches.getStats().near.bytes,
    close: () => app.close(),
  };
}
