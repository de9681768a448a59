import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { CacheService } from 'nestjs-redis-cache';
import { CacheApps, ownPrefix } from '../support/cache-apps.js';
import { newDataFolder } from '../support/data-folder.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

/** A node that has all slots refuses what reaches over several, and is a single server otherwise. */
describeWithServer('A server that is sharded behind a single address', () => {
  const apps = new CacheApps();
  const tenants = Array.from({ length: 20 }, (_, i) => `tenant-${i}`);
  let folder: string;
  let server: RedisServerProcess;
  let redis: Redis;
  let caches: CacheService;
  let prefix: string;
  const failures: string[] = [];

  beforeAll(async () => {
    folder = await newDataFolder('one-address');
    server = await RedisServerProcess.start({
      args: ['--cluster-enabled', 'yes', '--dir', folder],
    });
    redis = new Redis(server.url);
    await redis.cluster('ADDSLOTSRANGE', 0, 16_383);
    while (!(await redis.cluster('INFO')).includes('cluster_state:ok')) await sleep(20);
  });

  beforeEach(async () => {
    failures.length = 0;
    prefix = ownPrefix();
    ({ caches } = await boot());
    caches.on('farError', ({ error }) => failures.push(String(error)));
  });

  afterAll(async () => {
    redis.disconnect();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  const boot = () => apps.boot({ tier: 'redis', redisUrl: server.url, cache: { prefix } });

  const refusals = async (): Promise<number> => {
    const [, count = 0] =
      /errorstat_CROSSSLOT:count=(\d+)/.exec(await redis.info('errorstats')) ?? [];
    return Number(count);
  };

  const each = <T>(work: (cache: CacheService) => Promise<T>): Promise<T[]> =>
    Promise.all(tenants.map((tenant) => work(caches.forTenant(tenant))));

  it('is asked for many entries of one tick', async () => {
    expect(await each((cache) => cache.wrap('k', () => 1))).toEqual(tenants.map(() => 1));
    expect(await redis.keys(`${prefix}:{tenant-*/default@1/k}`)).toHaveLength(tenants.length);
    const second = await boot();
    const found = await Promise.all(
      tenants.map((tenant) => second.caches.forTenant(tenant).get('k')),
    );
    expect(found).toEqual(tenants.map(() => 1));
    expect(failures).toEqual([]);
    expect(caches.getStats().mode).toBe('redis');
  });

  it('is told of many evictions of one tick, by key, by cache and of tenants', async () => {
    await each((cache) => cache.set('k', 1));
    await each((cache) => cache.del('k'));
    expect(await redis.keys(`${prefix}:{tenant-*/default@1/k}`)).toEqual([]);
    await each((cache) => cache.set('k', 2));
    await each((cache) => cache.flush());
    expect(await each((cache) => cache.get('k'))).toEqual(tenants.map(() => undefined));
    expect(failures).toEqual([]);
  });

  it('is swept of what a pattern takes', async () => {
    const acme = caches.forTenant('acme');
    for (let i = 0; i < 50; i += 1) await acme.set(`k${i}`, i);
    expect(await acme.evictPattern('default/k*')).toBe(50);
    expect(await redis.keys(`${prefix}:{acme/default@1/k*}`)).toEqual([]);
    expect(failures).toEqual([]);
  });

  it('refuses what the first tick has sent, and nothing after that', async () => {
    const before = await refusals();
    await each((cache) => cache.wrap('k', () => 1));
    const once = await refusals();
    // The stamps and the entries, by two commands each.
    expect(once - before).toBe(4);
    for (let i = 0; i < 10; i += 1) await each((cache) => cache.wrap(`k${i}`, () => 1));
    await each((cache) => cache.del('k'));
    expect(await refusals()).toBe(once);
  });
});
