import { Logger, type DynamicModule, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Cacheable, CacheRolloutService, CacheService, type CacheEvents } from 'nestjs-redis-cache';
import { RedisCacheTestingModule, TestCache } from 'nestjs-redis-cache/testing';
import type { Pool } from 'pg';
import { inMode } from '../../integration/support/cache-app.js';
import { eventually } from '../../integration/support/eventually.js';
import { CacheApp, CacheApps, ownPrefix } from '../../support/cache-apps.js';
import { entriesInRedis } from '../entries-in-redis.js';
import type { Guide } from '../guide.js';

interface Warming {
  readonly PriceService: Type;
  readonly PriceWarmer: Type;
}

interface Persistent {
  readonly pool: Pool;
  readonly cache: DynamicModule;
}

interface Rollout {
  rollOut(rollout: CacheRolloutService): Promise<void>;
}

interface Observing {
  readonly CacheObserver: Type<{ hitRate(cache: string): number }>;
}

interface Explaining {
  whyMissed(caches: CacheService, phone: string): Promise<string>;
}

export function runningExamples(guide: Guide): void {
  const warming = guide.program<Warming>('Warming');
  const persistent = guide.program<Persistent>('A persistent store');
  const rollout = guide.program<Rollout>('Rollout');
  const observing = guide.program<Observing>('Events and statistics');
  const explaining = guide.program<Explaining>('Why was this a miss?');
  const apps = new CacheApps();

  it('warming: fills a cache behind the boot, in one process of many', async () => {
    const { PriceService, PriceWarmer } = warming.run();
    const prefix = ownPrefix();
    const outcomes: string[] = [];
    for (const done of [1, 2]) {
      await apps.boot({
        tier: 'redis',
        cache: { prefix },
        providers: [PriceService, PriceWarmer],
        prepare: (nest) =>
          new CacheApp(nest).caches.on('warming', ({ state }) => {
            if (state !== 'running') outcomes.push(state);
          }),
      });
      await eventually('the warmer has ended', () => outcomes.length === done);
    }
    expect(outcomes).toEqual(['warmed', 'recent']);
    expect(await entriesInRedis(prefix)).toEqual(['{acme/price@1/chair}', '{acme/price@1/lamp}']);
  });

  it('a persistent store: costs nobody an answer where it is away', async () => {
    process.env.DATABASE_URL = 'postgresql://127.0.0.1:1/away';
    const { cache, pool } = persistent.run();
    const app = await (await Test.createTestingModule({ imports: [cache] }).compile()).init();
    const caches = app.get(CacheService);
    await inMode(caches, 'redis');
    const summaries = caches.forTenant('acme').cache<string>('conversation.summary');
    const load = jest.fn(() => 'long');
    expect([await summaries.wrap('1', load), await summaries.wrap('1', load)]).toEqual([
      'long',
      'long',
    ]);
    expect(load).toHaveBeenCalledTimes(1);
    expect(caches.getStats().persistence?.available).toBe(false);
    await app.close();
    await pool.end();
  });

  it('rollout: only counts, then is for some, then for nobody', async () => {
    const { rollOut } = rollout.run();
    const loads: string[] = [];
    class Leads {
      @Cacheable('lead.byPhone')
      async byPhone(phone: string): Promise<string> {
        loads.push(phone);
        return 'Ada';
      }
    }
    const { caches, nest } = await apps.boot({ tier: 'redis', providers: [Leads] });
    const seen: CacheEvents['rollout'][] = [];
    caches.on('rollout', (change) => seen.push(change));
    await rollOut(nest.get(CacheRolloutService));
    expect(seen.map(({ cache, to }) => [cache, to])).toEqual([
      ['lead.byPhone', { mode: 'shadow' }],
      ['lead.byPhone', { mode: 'on', tenants: ['acme'], percent: 10 }],
      ['lead.byPhone', { mode: 'off' }],
    ]);
    const call = () => caches.runWithTenant('acme', () => nest.get(Leads).byPhone('+1'));
    expect([await call(), await call()]).toEqual(['Ada', 'Ada']);
    expect(loads).toEqual(['+1', '+1']);
  });

  it('events and statistics: tell of older answers and of the rate of hits', async () => {
    const { CacheObserver } = observing.run();
    const imports = [RedisCacheTestingModule.forRoot()];
    const testing = Test.createTestingModule({ imports, providers: [CacheObserver] });
    const app = await (await testing.compile()).init();
    const warned = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const leads = app.get(CacheService).forTenant('acme').cache('lead');
    const observer = app.get(CacheObserver);
    expect(observer.hitRate('lead')).toBe(0);
    const read = (load = () => 'Ada') => leads.wrap('7', load, { ttl: '1m', grace: '1h' });
    await read();
    await read();
    expect(observer.hitRate('lead')).toBe(0.5);

    await app.get(TestCache).advance('2m');
    expect(await read()).toBe('Ada');
    expect(warned.mock.calls).toEqual([['lead answered an older value: refreshing']]);
    warned.mockRestore();
    await app.close();
  });

  it('why was this a miss: names the tag, and who evicted last', async () => {
    const { whyMissed } = explaining.run();
    const { caches } = await apps.boot({ tier: 'redis' });
    const view = caches.forTenant('acme');
    expect(await whyMissed(view, '+1')).toBe('absent, last evicted by nobody');
    await view.cache('lead.byPhone').set('+1', 'Ada', { tags: ['vip'] });
    expect(await whyMissed(view, '+1')).toBe('hit');
    await view.evictTags(['vip']);
    expect(await whyMissed(view, '+1')).toBe('outdated, vip, last evicted by this process');
  });
}
