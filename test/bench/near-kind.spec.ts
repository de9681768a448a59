import { Redis } from 'ioredis';
import { findNearKinds } from '../../bench/contenders/near-kind.js';
import type { NearKind, PeerCache, PeerNode } from '../../bench/peer-cache.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

/** A cache whose hits are what its name says. */
function cacheOf(kind: NearKind): PeerCache {
  return {
    name: kind,
    version: '1',
    settings: '',
    create: (redisUrl) => {
      const redis = new Redis(redisUrl);
      const kept = new Map<string, unknown>();
      return Promise.resolve({
        wrap: async (key: string, load: () => Promise<unknown>) => {
          if (kind === 'none' || !kept.has(key)) await redis.get(key);
          if (!kept.has(key)) kept.set(key, await load());
          return kind === 'copies' ? structuredClone(kept.get(key)) : kept.get(key);
        },
        close: () => redis.disconnect(),
      } as unknown as PeerNode);
    },
  };
}

describeWithServer('what hits of a cache are', () => {
  let server: RedisServerProcess;

  beforeAll(async () => {
    // Of its own, as the commands of a server are counted.
    server = await RedisServerProcess.start();
  });

  afterAll(() => server.stop());

  it('is found out by trying', async () => {
    const caches = (['copies', 'shares', 'none'] as const).map(cacheOf);
    expect(await findNearKinds(caches, server.url)).toEqual({
      copies: 'copies',
      shares: 'shares',
      none: 'none',
    });
  });
});
