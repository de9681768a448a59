import { Cluster, Redis } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { isRedisClient } from './is-redis-client.js';
import type { RedisClientLike } from './redis-client.interface.js';

// The compiler is the test here: each client is handed over as what it is.
const clients: Record<string, () => RedisClientLike> = {
  'Redis of ioredis 6': () => new Redis({ lazyConnect: true }),
  'Redis of ioredis 6 with RESP3 replies': () =>
    new Redis({ lazyConnect: true, replyMapping: 'resp3' }),
  'Cluster of ioredis 6': () => new Cluster([{ port: 7000 }], { lazyConnect: true }),
  'Redis of ioredis 5': () => new Redis5({ lazyConnect: true }),
  'Cluster of ioredis 5': () => new Cluster5([{ port: 7000 }], { lazyConnect: true }),
};

describe('RedisClientLike', () => {
  describe.each(Object.entries(clients))('as %s', (_name, create) => {
    it('has every member at run time, those without types included', () => {
      const client = create();
      expect(isRedisClient(client)).toBe(true);
      for (const method of ['evalshaBuffer', 'evalBuffer', 'time', 'exists', 'unlink'] as const) {
        expect(client[method]).toBeInstanceOf(Function);
      }
      expect(typeof client.isCluster).toBe('boolean');
      expect(client.nodes !== undefined).toBe(client.isCluster);
    });
  });

  it('is not what merely looks like a client from afar', () => {
    for (const value of [null, undefined, 'redis://localhost', {}, { status: 'ready' }]) {
      expect(isRedisClient(value)).toBe(false);
    }
  });
});
