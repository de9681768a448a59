import { CACHE_MANAGER, type Cache } from '@nestjs/cache-manager';
import { Inject, Injectable, Module } from '@nestjs/common';
import { InvalidCacheOptionsError, runWithTenant } from 'nestjs-redis-cache';
import {
  CacheManagerModule,
  type CacheManagerOptions,
  type CacheManagerOptionsFactory,
} from 'nestjs-redis-cache/cache-manager';
import { CacheApps } from '../support/cache-apps.js';

describe('CacheManagerModule', () => {
  const apps = new CacheApps();

  it.each([
    [{ stores: [] }, 'stores of CacheManagerModule', 'the tiers of RedisCacheModule are the store'],
    [{ nonBlocking: true }, 'nonBlocking of CacheManagerModule', 'no call waits for Redis longer'],
    [{ namespace: 'crm' }, 'namespace of CacheManagerModule', 'name another cache'],
    [{ ttl: -1 }, 'ttl of CacheManagerModule', 'milliseconds from 0'],
    [{ refreshThreshold: 'soon' }, 'refreshThreshold of CacheManagerModule', 'milliseconds from 0'],
    [{ tll: 1 }, 'options of CacheManagerModule.tll', 'Remove it or correct its name'],
    [{ responses: { users: true } }, 'responses of CacheManagerModule.users', 'credentialHeaders'],
    [
      { responses: { credentialHeaders: 'authorization' } },
      'responses of CacheManagerModule.credentialHeaders',
      'an array of names',
    ],
    [{ responses: { userOf: 'sub' } }, 'responses of CacheManagerModule.userOf', 'a function'],
    [{ cache: '' }, 'cache name', 'a string of 1 to 100 characters'],
  ])('stops the boot over %j', async (given, option, text) => {
    const options = given as unknown as CacheManagerOptions;
    const booting = apps.boot({ imports: [CacheManagerModule.register(options)] });
    await expect(booting).rejects.toThrow(InvalidCacheOptionsError);
    await expect(booting).rejects.toMatchObject({ option });
    await expect(booting).rejects.toThrow(text);
  });

  it('takes its options from a class, and gives each registration a cache of its own', async () => {
    @Injectable()
    class Settings implements CacheManagerOptionsFactory {
      createCacheManagerOptions(): CacheManagerOptions {
        return { cache: 'quotes', ttl: '1m' };
      }
    }

    @Injectable()
    class Quotes {
      constructor(@Inject(CACHE_MANAGER) readonly cache: Cache) {}
    }

    @Injectable()
    class Prices {
      constructor(@Inject(CACHE_MANAGER) readonly cache: Cache) {}
    }

    @Module({
      imports: [CacheManagerModule.registerAsync({ useClass: Settings })],
      providers: [Quotes],
    })
    class QuotesModule {}

    @Module({ imports: [CacheManagerModule.register()], providers: [Prices] })
    class PricesModule {}

    const app = await apps.boot({ imports: [QuotesModule, PricesModule] });
    const { cache: quotes } = app.nest.get(Quotes, { strict: false });
    const { cache: prices } = app.nest.get(Prices, { strict: false });
    await runWithTenant('acme', async () => {
      await quotes.set('k', 'quote');
      expect(await prices.get('k')).toBeUndefined();
      expect(await app.caches.cache('quotes').get('k')).toBe('quote');
      const leftMs = ((await quotes.ttl('k')) ?? 0) - Date.now();
      expect(Math.ceil(leftMs / 1_000)).toBe(60);
    });
    expect([quotes.cacheId(), prices.cacheId()]).toEqual(['quotes', 'cache-manager']);
  });
});
