import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CacheService, type Cache } from 'nestjs-redis-cache';
import type { EntryOptions, NodeOptions, PeerCache, PeerNode } from '../../bench/peer-cache.js';
import { version } from '../../libs/redis-cache/package.json';
import { bootCacheApp, inMode } from '../integration/support/cache-app.js';

/** For entries that belong to no tenant. */
const SHARED = 'shared';
/** More than a busy machine takes. */
const CONNECT_WITHIN_MS = 20_000;

export const ourCache: PeerCache = {
  name: 'nestjs-redis-cache',
  version: `nestjs-redis-cache ${version}`,
  settings:
    'RedisCacheModule with a connection, both tiers, the bus and coherence: tracking; timeouts.command 500 ms, as for the others; all else by default.',
  clusters: true,
  create,
};

async function create(redisUrl: string, options: NodeOptions): Promise<PeerNode> {
  const { prefix, ttlSeconds, waitMs, lockMs, cluster } = options;
  const app = await bootCacheApp({
    connection: cluster ? { cluster: [...cluster] } : { url: redisUrl },
    coherence: 'tracking',
    prefix,
    defaults: { ttl: ttlSeconds * 1_000, waitTimeout: waitMs },
    caches: { [SHARED]: { scope: 'global' } },
    timeouts: { command: '500ms', lease: lockMs },
  });
  const service = app.get(CacheService);
  const close = (): Promise<void> => app.close();
  // As with the others: one is tried once it is connected, if there is something to connect to.
  if (cluster || (await listens(redisUrl))) {
    await Promise.race([
      inMode(service, 'redis'),
      sleep(CONNECT_WITHIN_MS, undefined, { ref: false }),
    ]);
  }
  return {
    ...entriesOf(service.cache(SHARED)),
    evictTags: (tags) => service.evictGlobalTags(tags),
    clear: () => service.cache(SHARED).flush(),
    tenant: (id) => nodeOf(service.forTenant(id), close),
    close,
  };
}

/** Whether there is anything to connect to. */
function listens(redisUrl: string): Promise<boolean> {
  const { hostname, port } = new URL(redisUrl);
  const socket = connect(Number(port), hostname);
  return once(socket, 'connect')
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy());
}

function nodeOf(service: CacheService, close: () => Promise<void>): PeerNode {
  return {
    ...entriesOf(service.cache('default')),
    evictTags: (tags) => service.evictTags(tags),
    clear: () => service.evictTenant(),
    tenant: (id) => nodeOf(service.forTenant(id), close),
    close,
  };
}

function entriesOf(cache: Cache): Pick<PeerNode, 'get' | 'set' | 'wrap' | 'evict'> {
  return {
    get: (key) => cache.get(key),
    set: (key, value, options?: EntryOptions) => cache.set(key, value, { ...options }),
    wrap: (key, load, options?: EntryOptions) => cache.wrap(key, load, { ...options }),
    evict: (key) => cache.del(key),
  };
}
