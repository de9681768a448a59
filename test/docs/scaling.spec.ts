import { Redis } from 'ioredis';
import { CacheService, type RedisCacheModuleOptions } from 'nestjs-redis-cache';
import { bootCacheApp } from '../integration/support/cache-app.js';
import { RedisClusterProcesses } from '../support/redis/redis-cluster.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { until } from '../support/until.js';
import { read, sectionOf, tableOf } from './markdown.js';

const CLUSTER_TIMEOUT_MS = 60_000;
const COHERENCE = ['bus', 'ttl', 'tracking'] as const;
const MASTERS = 3;

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

describeWithServer('connections of a process, as the guide to scaling counts them', () => {
  const rows = tableOf(sectionOf(read('docs/scaling.md'), 'Connections'), 'connection');
  const [single = [], cluster = []] = rows.map(([, ...cells]) => cells);

  it('to one server', async () => {
    const server = await RedisServerProcess.start();
    const connection = { url: server.url };
    const counted: number[] = [];
    for (const coherence of COHERENCE) {
      counted.push(await connectionsOf({ connection, coherence }, [server]));
    }
    await server.stop();
    expect(counted).toEqual(single.map(Number));
  });

  it(
    'to a cluster',
    async () => {
      const running = await RedisClusterProcesses.start();
      const { masters } = running;
      const connection = { cluster: masters.map(({ url }) => url) };
      const counted: number[] = [];
      for (const coherence of COHERENCE) {
        counted.push(await connectionsOf({ connection, coherence }, masters));
      }
      await running.stop();
      expect(counted).toEqual(cluster.map(valueOf));
    },
    CLUSTER_TIMEOUT_MS,
  );
});

/** Counts the connections to all servers once the application uses each of them. */
async function connectionsOf(
  options: RedisCacheModuleOptions,
  servers: readonly RedisServerProcess[],
): Promise<number> {
  const app = await bootCacheApp(options);
  const caches = app.get(CacheService);
  await until(() => caches.getStats().mode === 'redis' && caches.getStats().bus.trusted);
  const keys = Array.from({ length: 50 }, (_, i) => [`key-${i}`, i] as const);
  await caches.forTenant('acme').cache<number>('spread').mset(keys);
  const counts = await Promise.all(servers.map(clientsOf));
  await app.close();
  return counts.reduce((sum, count) => sum + count, 0);
}

async function clientsOf(server: RedisServerProcess): Promise<number> {
  const redis = new Redis(server.url);
  const types = ['normal', 'pubsub'] as const;
  const lists = await Promise.all(types.map((type) => redis.call('CLIENT', 'LIST', 'TYPE', type)));
  redis.disconnect();
  return lists.join('').match(/name=nestjs-redis-cache/g)?.length ?? 0;
}

/** `2 M + 1` of a cluster of three. */
function valueOf(formula: string): number {
  const [, factor = '1', plus = '0'] = /^(?:(\d) )?M(?: \+ (\d))?$/.exec(formula) ?? [];
  return Number(factor) * MASTERS + Number(plus);
}
