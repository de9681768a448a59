import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Cacheable, CacheService, runWithTenant } from 'nestjs-redis-cache';
import { RedisCacheTestingModule, TestCache } from 'nestjs-redis-cache/testing';
import { expectExact } from '../support/exact-equality.js';
import { fidelityCorpus } from '../support/fidelity-corpus.js';
import { TestApps } from './support/test-apps.js';

const apps = new TestApps();
const acme = { tenant: 'acme', cache: 'lead.byPhone', key: '+1555' };
const globex = { ...acme, tenant: 'globex' };

describe('the testing module, with the near tier alone', () => {
  it('records what each call came to, in order', async () => {
    const app = await apps.boot();
    await app.byPhone('+1555');
    await app.byPhone('+1555');
    await Promise.all([app.byPhone('+1555', 'globex'), app.byPhone('+1555', 'globex')]);
    await app.forget('+1555');
    expect(app.cache.log).toEqual([
      { kind: 'load', failed: false, ...acme },
      { kind: 'miss', reason: 'absent', joined: false, ...acme },
      { kind: 'hit', tier: 'near', ...acme },
      { kind: 'load', failed: false, ...globex },
      { kind: 'miss', reason: 'absent', joined: true, ...globex },
      { kind: 'miss', reason: 'absent', joined: false, ...globex },
      { kind: 'evict', level: 'entry', acknowledged: true, ...acme },
    ]);
    app.cache.clearLog();
    expect(app.cache.log).toEqual([]);
  });

  it('records loads that fail, look-ups, stale answers, bypasses, and evictions of every level', async () => {
    const app = await apps.boot({ caches: { 'lead.byPhone': { grace: '1h' } } });
    const caches = app.module.get(CacheService).forTenant('acme');
    const cache = caches.cache('lead.byPhone');
    await expect(cache.wrap('+1', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await cache.get('+1');
    const failed = { tenant: 'acme', cache: 'lead.byPhone', key: '+1' };
    expect(app.cache.log).toEqual([
      { kind: 'load', failed: true, ...failed },
      { kind: 'miss', reason: undefined, joined: false, ...failed },
      { kind: 'miss', reason: 'absent', joined: false, ...failed },
    ]);
    await app.byPhone('+1555');
    await app.cache.advance('11m');
    app.cache.clearLog();
    await app.byPhone('+1555');
    await app.cache.advance(0);
    await runWithTenant('acme', () => app.leads.byPhone(''));
    await cache.flush();
    await caches.evictTags(['vip']);
    await caches.evictPattern('lead.*');
    await caches.evictTenant();
    await app.module.get(CacheService).flush();
    expect(app.cache.log).toEqual([
      { kind: 'stale', ...acme },
      { kind: 'load', failed: false, ...acme },
      { kind: 'bypass', cache: 'lead.byPhone', reason: 'condition' },
      { kind: 'evict', level: 'cache', tenant: 'acme', cache: 'lead.byPhone', acknowledged: true },
      { kind: 'evict', level: 'tag', tenant: 'acme', tag: 'vip', acknowledged: true },
      { kind: 'evict', level: 'pattern', tenant: 'acme', pattern: 'lead.*', acknowledged: true },
      { kind: 'evict', level: 'tenant', tenant: 'acme', acknowledged: true },
      { kind: 'evict', level: 'all', tenant: null, acknowledged: true },
    ]);
  });

  it('shows the entries of each tenant, with the time they have left by its clock', async () => {
    const app = await apps.boot({ startAt: new Date('2030-01-01T00:00:00Z') });
    await app.byPhone('+1555', 'globex');
    await app.cache.advance('1m');
    await app.byPhone('+1555');
    const entry = { version: 1, tiers: ['near'] };
    const redisKey = (tenant: string): string => `cache:{${tenant}/lead.byPhone@1/+1555}`;
    expect(app.cache.entries()).toEqual([
      { ...acme, ...entry, redisKey: redisKey('acme'), ttlLeftMs: 600_000 },
      { ...globex, ...entry, redisKey: redisKey('globex'), ttlLeftMs: 540_000 },
    ]);
    await app.cache.advance('9m');
    expect(app.cache.entries().map(({ tenant }) => tenant)).toEqual(['acme']);
    await runWithTenant('acme', () => app.module.get(CacheService).evictTags(['phone:+1555']));
    expect(app.cache.entries()).toEqual([]);
    expect(new Date(app.cache.clock.nowMs())).toEqual(new Date('2030-01-01T00:10:00Z'));
  });

  it('keeps tenants apart, and refuses a call without one', async () => {
    const app = await apps.boot();
    app.leads.source.set('+1555', 'of acme');
    expect(await app.byPhone('+1555')).toBe('of acme');
    app.leads.source.set('+1555', 'of globex');
    expect(await app.byPhone('+1555', 'globex')).toBe('of globex');
    expect(await app.byPhone('+1555')).toBe('of acme');
    await expect(app.leads.byPhone('+1555')).rejects.toMatchObject({ code: 'TENANT_MISSING' });
  });

  it('answers a hit just as it did the miss, whatever the value', async () => {
    const app = await apps.boot();
    for (const { name, make } of fidelityCorpus) {
      app.leads.source.set(name, make());
      expectExact(await app.byPhone(name), make());
      expectExact(await app.byPhone(name), make());
    }
    expect(app.leads.loads).toBe(fidelityCorpus.length);
  });

  it('shortens no ttl by jitter, unless its chance is given', async () => {
    const caches = { 'lead.byPhone': { jitter: 0.5 } };
    const [steady, jittered] = [
      await apps.boot({ caches }),
      await apps.boot({ caches, random: () => 0.5 }),
    ];
    await Promise.all([steady.byPhone('+1555'), jittered.byPhone('+1555')]);
    expect(steady.cache.entries()).toMatchObject([{ ttlLeftMs: 600_000 }]);
    expect(jittered.cache.entries()).toMatchObject([{ ttlLeftMs: 450_000 }]);
  });

  it('does not meet another application, not even one of the same dynamic module', async () => {
    const imported = RedisCacheTestingModule.forRoot();
    const [one, other] = [await apps.bootWith(imported), await apps.bootWith(imported)];
    expect(one.cache).not.toBe(other.cache);
    await one.byPhone('+1555');
    expect(other.cache.entries()).toEqual([]);
    await one.cache.advance('1h');
    expect(other.cache.clock.nowMs()).toBe(Date.UTC(2026, 0, 1));
  });

  it('lets a load take the time that the test winds', async () => {
    @Injectable()
    class Slow {
      constructor(private readonly cache: TestCache) {}

      @Cacheable('slow', { scope: 'global', loadTimeout: '1m' })
      async answer(): Promise<string> {
        await this.cache.clock.sleep('2s');
        return 'late';
      }
    }
    const imports = [RedisCacheTestingModule.forRoot()];
    const app = await apps.start(
      await Test.createTestingModule({ imports, providers: [Slow] }).compile(),
    );
    const answer = app.module.get(Slow).answer();
    await app.cache.advance('1999ms');
    expect(app.cache.log).toEqual([]);
    await app.cache.advance(1);
    expect(await answer).toBe('late');
  });

  it.each([false, true])('works beside the fake timers of Jest (redis: %s)', async (redis) => {
    jest.useFakeTimers();
    try {
      const app = await apps.boot({ redis });
      await app.byPhone('+1555');
      expect(app.cache.entries()).toMatchObject([{ ttlLeftMs: 600_000 }]);
      await app.cache.advance('10m');
      expect(app.cache.entries()).toEqual([]);
      await app.module.close();
    } finally {
      jest.useRealTimers();
    }
  });

  it('has its options refused as those of the module are', async () => {
    const boot = apps.boot({ caches: { 'lead.byPhone': { ttl: '10 minutes' as '10m' } } });
    await expect(boot).rejects.toThrow(`caches['lead.byPhone'].ttl`);
    const app = await apps.boot();
    await expect(app.cache.advance('soon' as '1s')).rejects.toThrow('Option duration of advance');
  });
});
