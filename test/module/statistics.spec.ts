import { Redis } from 'ioredis';
import { CacheService } from 'nestjs-redis-cache';
import { bootCacheApp, inMode } from '../integration/support/cache-app.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { CacheApps } from '../support/cache-apps.js';

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

describe('statistics of an application', () => {
  const apps = new CacheApps();

  it('name on the view of a tenant no other one', async () => {
    const { caches } = await apps.boot({});
    for (const tenant of ['acme', 'umbrella']) await caches.forTenant(tenant).wrap('k', () => 1);
    const tenantsOf = (view: typeof caches) =>
      Object.values(view.getStats().tenants).map((told) => told.map(({ tenant }) => tenant));
    const both = ['acme', 'umbrella'];
    expect(tenantsOf(caches)).toEqual([both, both]);
    expect(tenantsOf(caches.forTenant('acme'))).toEqual([['acme'], ['acme']]);
    expect(tenantsOf(caches.forTenant('other'))).toEqual([[], []]);
  });

  it('begin, over the last minutes, with the application if that is younger', async () => {
    const { caches } = await apps.boot({});
    await caches.forTenant('acme').wrap('k', () => 1);
    const [start, minute] = [caches.getStats(), caches.getStats('1m')];
    expect(minute.total.loads).toBe(1);
    expect(minute.period.fromMs).toBe(start.period.fromMs);
  });

  it('tell whether the bus is heard, and how long its messages take', async () => {
    const { caches } = await apps.boot({ tier: 'redis' });
    const { bus, connection } = caches.getStats();
    expect({ bus, connection }).toEqual({
      bus: { trusted: true, delayMs: expect.any(Number) as unknown, malformed: 0 },
      connection: 'ready',
    });
    expect(bus.delayMs).toBeGreaterThan(0);
  });

  it('of Redis itself are asked for when they are wanted', async () => {
    const { caches } = await apps.boot({ tier: 'redis' });
    const before = await caches.redisStats();
    await caches.forTenant('acme').wrap('k', () => 1);
    const after = await caches.redisStats();
    expect(before?.version).toMatch(/^\d+\.\d+/);
    expect(after?.memoryBytes).toBeGreaterThan(0);
    expect(after?.commands).toBeGreaterThan(before?.commands ?? Infinity);
    expect(after?.keyspaceMisses).toBeGreaterThan(before?.keyspaceMisses ?? Infinity);
  });

  it('of Redis are none where none is configured', async () => {
    const { caches } = await apps.boot({});
    expect(await caches.redisStats()).toBeUndefined();
  });
});

describeWithServer('statistics of Redis', () => {
  let server: RedisServerProcess;

  beforeAll(async () => {
    server = await RedisServerProcess.start();
  });

  afterAll(() => server.stop());

  it('are none where it refuses to tell, or is away, and neither is an outage', async () => {
    const app = await bootCacheApp({ connection: { url: server.url } });
    const caches = app.get(CacheService);
    await inMode(caches, 'redis');
    expect(await caches.redisStats()).toMatchObject({ servers: 1 });

    const admin = new Redis(server.url);
    await admin.call('ACL', 'SETUSER', 'default', '-info');
    await admin.quit();
    expect(await caches.redisStats()).toBeUndefined();
    expect(caches.getStats().mode).toBe('redis');

    await server.kill();
    expect(await caches.redisStats()).toBeUndefined();
    await app.close();
  });
});
