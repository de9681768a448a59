import { CacheService } from 'nestjs-redis-cache';
import { TestRedis, type TestRedisCommand } from 'nestjs-redis-cache/testing';
import { Test } from '@nestjs/testing';
import { TerminusModule } from '@nestjs/terminus';
import { RedisCacheHealthIndicator } from 'nestjs-redis-cache/health';
import { RedisCacheTestingModule } from 'nestjs-redis-cache/testing';
import { TestApps, type TestApp } from './support/test-apps.js';

const apps = new TestApps();
const ENTRY = 'cache:{acme/lead.byPhone@1/+1555}';

async function boot(): Promise<{ app: TestApp; redis: TestRedis; mode: () => string }> {
  const redis = new TestRedis();
  const app = await apps.boot({ redis });
  const caches = app.module.get(CacheService);
  return { app, redis, mode: () => caches.getStats().mode };
}

describe('the testing module, with a Redis in memory', () => {
  it('boots with Redis in use, and stores in both tiers', async () => {
    const { app, redis, mode } = await boot();
    expect(mode()).toBe('redis');
    await app.byPhone('+1555');
    expect(app.cache.entries()).toMatchObject([{ redisKey: ENTRY, tiers: ['near', 'far'] }]);
    expect(redis.keys).toContain(ENTRY);
    await app.cache.advance('6s'); // past near.ttl
    expect(app.cache.entries()).toMatchObject([{ tiers: ['far'], ttlLeftMs: 594_000 }]);
    await app.byPhone('+1555');
    expect(app.cache.log.at(-1)).toMatchObject({ kind: 'hit', tier: 'far' });
  });

  it('shows no entry that an eviction by tag, of the cache or of the tenant has hit', async () => {
    const { app } = await boot();
    const caches = app.module.get(CacheService).forTenant('acme');
    for (const evict of [
      () => caches.evictTags(['phone:+1555']),
      () => caches.cache('lead.byPhone').flush(),
      () => caches.evictTenant(),
    ]) {
      await app.byPhone('+1555');
      expect(app.cache.entries()).toHaveLength(1);
      await evict();
      expect(app.cache.entries()).toEqual([]);
    }
  });

  it('boots without Redis while that is down, and uses it once it is up', async () => {
    const redis = new TestRedis();
    redis.down();
    const app = await apps.boot({ redis });
    const caches = app.module.get(CacheService);
    expect(await app.byPhone('+1555')).toBeUndefined();
    expect(caches.getStats().mode).toBe('fallback');
    redis.up();
    await app.cache.advance('2s');
    expect(caches.getStats().mode).toBe('redis');
  });

  it('answers from the methods while Redis is down, and replays what was evicted meanwhile', async () => {
    const { app, redis, mode } = await boot();
    app.leads.source.set('+1555', 'old');
    await app.byPhone('+1555');
    redis.down();
    expect(mode()).toBe('fallback');
    app.leads.source.set('+1555', 'new');
    await app.forget('+1555');
    expect(app.cache.log.at(-1)).toMatchObject({ kind: 'evict', acknowledged: false });
    expect(await app.byPhone('+1555')).toBe('new');
    expect(redis.keys).toContain(ENTRY);
    redis.up();
    await app.cache.advance('2s');
    expect(mode()).toBe('redis');
    expect(redis.keys).not.toContain(ENTRY);
    expect(await app.byPhone('+1555')).toBe('new');
  });

  it('waits for a slow Redis as long as timeouts.command says, and then goes on without', async () => {
    const { app, redis, mode } = await boot();
    redis.slow('50ms');
    const within = app.byPhone('+1');
    await app.cache.advance('1s');
    await within;
    expect(app.cache.log.at(-1)).toMatchObject({ kind: 'miss', reason: 'absent' });
    expect(mode()).toBe('redis');
    redis.slow('10m');
    let answered = false;
    const late = app.byPhone('+2').then(() => (answered = true));
    await app.cache.advance('90ms');
    expect(answered).toBe(false);
    await app.cache.advance('30ms');
    expect(answered).toBe(true);
    await late;
    expect(app.cache.log.at(-1)).toMatchObject({ kind: 'miss', reason: 'timeout' });
    expect(mode()).toBe('fallback');
    redis.slow(0);
    await app.cache.advance('2s');
    expect(mode()).toBe('redis');
  });

  it('hangs until it is released, and then does what it was sent', async () => {
    const { app, redis, mode } = await boot();
    await app.byPhone('+1555');
    redis.hang();
    const forgetting = app.forget('+1555');
    await app.cache.advance('200ms');
    await forgetting;
    expect(mode()).toBe('fallback');
    expect(redis.keys).toContain(ENTRY);
    redis.release();
    await app.cache.advance('2s');
    expect(redis.keys).not.toContain(ENTRY);
    expect(mode()).toBe('redis');
  });

  it('fails the next commands of one kind, and no others', async () => {
    const { app, redis, mode } = await boot();
    redis.failNext('fill', 2);
    for (const phone of ['+1', '+2', '+3']) await app.byPhone(phone);
    const far = app.cache.entries().filter(({ tiers }) => tiers.includes('far'));
    expect(far.map(({ key }) => key)).toEqual(['+3']);
    expect(mode()).toBe('redis');
    const count = (command: TestRedisCommand) =>
      redis.sent.filter((sent) => sent === command).length;
    expect(count('fill')).toBe(3);
    await app.cache.advance('6s'); // past near.ttl
    redis.failNext('get', 1, `READONLY You can't write against a read only replica.`);
    await app.byPhone('+3');
    expect(mode()).toBe('fallback');
    expect(() => redis.failNext('get', 0)).toThrow('Option times of TestRedis.failNext');
  });

  it('is well again by one call', async () => {
    const { app, redis, mode } = await boot();
    redis.slow('1m');
    redis.failNext('get', Infinity);
    redis.hang();
    redis.down();
    redis.heal();
    await app.cache.advance('2s');
    expect(mode()).toBe('redis');
    await app.byPhone('+1555');
    expect(app.cache.entries()).toMatchObject([{ tiers: ['near', 'far'] }]);
    redis.clear();
    expect(app.cache.entries()).toMatchObject([{ tiers: ['near'] }]);
  });

  it('is shared by applications that are given the same one, as processes share Redis', async () => {
    const redis = new TestRedis();
    const [one, other] = [await apps.boot({ redis }), await apps.boot({ redis })];
    one.leads.source.set('+1555', 1);
    other.leads.source.set('+1555', 2);
    expect([await one.byPhone('+1555'), await other.byPhone('+1555')]).toEqual([1, 1]);
    one.leads.source.set('+1555', 3);
    await one.forget('+1555');
    await one.cache.advance(0);
    expect(other.cache.entries()).toEqual([]);
    expect(await other.byPhone('+1555')).toBe(2);
    const separate = await apps.boot({ redis: true });
    expect(separate.cache.entries()).toEqual([]);
  });

  it('lets a health check be tested', async () => {
    const redis = new TestRedis();
    const app = await apps.start(
      await Test.createTestingModule({
        imports: [RedisCacheTestingModule.forRoot({ redis }), TerminusModule],
        providers: [RedisCacheHealthIndicator],
      }).compile(),
    );
    const health = app.module.get(RedisCacheHealthIndicator);
    expect(await health.isHealthy('cache')).toMatchObject({ cache: { mode: 'redis' } });
    redis.down();
    expect(await health.isHealthy('cache')).toMatchObject({ cache: { mode: 'fallback' } });
  });
});
