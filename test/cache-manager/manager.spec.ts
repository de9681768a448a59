import { setImmediate } from 'node:timers/promises';
import { Cache, CACHE_MANAGER } from '@nestjs/cache-manager';
import { createCache, type Cache as ManagerCache } from 'cache-manager';
import {
  InvalidCacheOptionsError,
  runWithTenant,
  type RedisCacheModuleOptions,
} from 'nestjs-redis-cache';
import { CacheManagerModule, type CacheManagerOptions } from 'nestjs-redis-cache/cache-manager';
import { RecordingLogger } from '../module/support/recording-logger.js';
import { resolveCacheManagerOptions } from '../../libs/redis-cache/src/cache-manager/cache-manager.options.js';
import { RedisCacheManager } from '../../libs/redis-cache/src/cache-manager/redis-cache-manager.js';
import { CacheApps, TIERS, type CacheApp, type Tier } from '../support/cache-apps.js';

const TEN_YEARS_MS = 3_650 * 24 * 60 * 60 * 1_000;
/** How far a time that was worked out here may be from one that was worked out there. */
const CLOCK_MS = 5_000;

class Money {
  constructor(readonly cents: number) {}
}

describe.each(TIERS)('the manager in the place of cache-manager (%s)', (tier) => {
  const apps = new CacheApps();
  let logger: RecordingLogger;

  beforeEach(() => {
    logger = new RecordingLogger();
  });

  async function boot(
    options?: CacheManagerOptions,
    cache?: Omit<RedisCacheModuleOptions, 'connection'>,
  ): Promise<{ app: CacheApp; manager: ManagerCache }> {
    const app = await bootManager(apps, tier, options, cache, logger);
    return { app, manager: forAcme(app.nest.get<ManagerCache>(CACHE_MANAGER)) };
  }

  it('is one object by both tokens, and of the type that cache-manager declares', async () => {
    const { app } = await boot({ cacheId: 'prices' });
    const manager = app.nest.get<ManagerCache>(CACHE_MANAGER);
    expect(app.nest.get(Cache)).toBe(manager);
    expect(manager.cacheId()).toBe('prices');
    const typed: ManagerCache = new RedisCacheManager(app.caches, resolveCacheManagerOptions({}));
    expect(Object.keys(createCache()).filter((name) => !(name in typed))).toEqual([]);
  });

  it('gets, sets and deletes, as cache-manager answers', async () => {
    const { manager } = await boot();
    expect(await manager.get('k')).toBeUndefined();
    expect(await manager.set('k', { n: 1 })).toEqual({ n: 1 });
    expect(await manager.get('k')).toEqual({ n: 1 });
    expect(await manager.set('none', null)).toBeNull();
    expect(await manager.get('none')).toBeNull();
    expect([await manager.del('k'), await manager.del('k')]).toEqual([true, true]);
    const list = [
      { key: 'a', value: 1 },
      { key: 'b', value: 2, ttl: 60_000 },
    ];
    expect(await manager.mset(list)).toEqual([{ ...list[0], ttl: undefined }, list[1]]);
    expect(await manager.mget(['a', 'missing', 'b'])).toEqual([1, undefined, 2]);
    expect(await manager.mdel(['a', 'missing'])).toBe(true);
    expect(await manager.mget(['a', 'b'])).toEqual([undefined, 2]);
    expect(await manager.clear()).toBe(true);
    expect(await manager.get('b')).toBeUndefined();
    await expect(manager.disconnect()).resolves.toBeUndefined();
    expect(await manager.set('k', 'after disconnect')).toBe('after disconnect');
  });

  it.each([
    ['its own ttl', {}, 60_000, 60_000],
    ['that of the manager', { ttl: '2m' }, undefined, 120_000],
    ['that of the cache', {}, undefined, 180_000],
    ['no end, where it is 0', {}, 0, TEN_YEARS_MS],
    ['no end, where that of the manager is 0', { ttl: 0 }, undefined, TEN_YEARS_MS],
    ['no end, where it is Infinity', {}, Infinity, TEN_YEARS_MS],
  ] as const)('tells when an entry expires: %s', async (_what, options, ttl, expectedMs) => {
    const { manager } = await boot(options, { caches: { 'cache-manager': { ttl: '3m' } } });
    expect(await manager.ttl('k')).toBeUndefined();
    await manager.set('k', 'v', ttl);
    const leftMs = ((await manager.ttl('k')) ?? 0) - Date.now();
    expect(leftMs).toBeLessThanOrEqual(expectedMs);
    expect(leftMs).toBeGreaterThan(expectedMs - CLOCK_MS);
  });

  it('removes the earlier value by one that has ended already, and by undefined', async () => {
    const { manager } = await boot();
    for (const [value, ttl] of [
      ['ended', -1],
      [undefined, 60_000],
    ] as const) {
      await manager.set('k', 'before', 60_000);
      await manager.set('k', value, ttl);
      expect(await manager.get('k')).toBeUndefined();
    }
  });

  it('does not fail over a value that cannot be carried: it warns once, and keeps no older one', async () => {
    const { manager } = await boot();
    await manager.set('k', 'before');
    const money = new Money(1);
    expect(await manager.set('k', money)).toBe(money);
    expect(await manager.mset([{ key: 'l', value: money }])).toHaveLength(1);
    expect(await manager.mget(['k', 'l'])).toEqual([undefined, undefined]);
    const warnings = logger.of('warn').filter(([text]) => String(text).includes('was not stored'));
    expect(warnings).toHaveLength(1);
    expect(await manager.wrap('w', () => money)).toBe(money);
  });

  it('gives back instances of the classes that the cache names', async () => {
    const { manager } = await boot({}, { caches: { 'cache-manager': { type: () => Money } } });
    await manager.set('k', new Money(1));
    const found = await manager.get<Money>('k');
    expect(found).toBeInstanceOf(Money);
    expect(found).toEqual(new Money(1));
  });

  it('wraps: 1,000 callers load once, and all get the value', async () => {
    const { manager } = await boot();
    const load = jest.fn(async () => {
      await setImmediate();
      return { n: 1 };
    });
    const values = await Promise.all(
      Array.from({ length: 1_000 }, () => manager.wrap('k', load, 60_000)),
    );
    expect(load).toHaveBeenCalledTimes(1);
    expect(load).toHaveBeenCalledWith();
    expect(new Set(values).size).toBe(1_000);
    expect(values.every(({ n }) => n === 1)).toBe(true);
  });

  it('wraps: takes null for a value, undefined for none, and passes errors on', async () => {
    const { manager } = await boot();
    const load = jest.fn<unknown, []>(() => null);
    for (let i = 0; i < 2; i++) expect(await manager.wrap('null', load)).toBeNull();
    expect(load).toHaveBeenCalledTimes(1);
    const none = jest.fn(() => undefined);
    for (let i = 0; i < 2; i++) {
      await expect(manager.wrap('none', none)).resolves.toBeUndefined();
    }
    expect(none).toHaveBeenCalledTimes(2);
    const error = new Error('source away');
    await expect(manager.wrap('k', () => Promise.reject(error))).rejects.toBe(error);
  });

  it('wraps: by a ttl, a function of the value, options, and raw', async () => {
    const { manager } = await boot();
    const leftOf = async (key: string) => ((await manager.ttl(key)) ?? 0) - Date.now();
    await manager.wrap('number', () => 1, 60_000);
    await manager.wrap(
      'function',
      () => 2,
      (n: number) => n * 60_000,
    );
    await manager.wrap('options', () => 3, { ttl: (n) => n * 60_000 });
    const lefts = [await leftOf('number'), await leftOf('function'), await leftOf('options')];
    expect(lefts.map((left) => Math.ceil(left / 60_000))).toEqual([1, 2, 3]);
    for (const load of ['loaded', 'unused']) {
      const raw = await manager.wrap('raw', () => load, { ttl: 60_000, raw: true });
      expect(raw).toEqual({ value: 'loaded', expires: expect.any(Number) as number });
      expect((raw?.expires ?? 0) - Date.now()).toBeGreaterThan(60_000 - CLOCK_MS);
    }
    const unstored = await manager.wrap('raw none', () => undefined, { raw: true });
    expect(unstored).toEqual({ value: undefined, expires: undefined });
  });

  it.each([
    ['of the call', {}, 120_000],
    ['of the call, by a function', {}, (value: string) => value.length * 60_000],
    ['of the manager', { refreshThreshold: '2m' }, undefined],
  ] as const)(
    'wraps: refreshes behind its answer below the threshold %s',
    async (_what, options, threshold) => {
      const { manager } = await boot(options);
      const refreshed = jest.fn();
      manager.on('refresh', refreshed);
      await manager.wrap('k', () => 'v1', 60_000, threshold);
      expect(await manager.wrap('k', () => 'v2', 60_000, threshold)).toBe('v1');
      while (refreshed.mock.calls.length === 0) await setImmediate();
      expect(refreshed).toHaveBeenCalledWith({ key: 'k', value: 'v2' });
      while ((await manager.get('k')) !== 'v2') await setImmediate();
      refreshed.mockClear();
      const error = new Error('source away');
      expect(await manager.wrap('k', () => Promise.reject(error), 60_000, threshold)).toBe('v2');
      while (refreshed.mock.calls.length === 0) await setImmediate();
      expect(refreshed).toHaveBeenCalledWith({ key: 'k', value: 'v2', error });
    },
  );

  it('tells events, to listeners that may fail and may be taken off', async () => {
    const { app, manager } = await boot();
    const told: unknown[] = [];
    const get = (data: unknown): void => void told.push(['get', data]);
    manager.on('get', get);
    manager.on('get', () => {
      throw new Error('a listener of the application');
    });
    for (const event of ['set', 'mget', 'mset', 'del', 'clear'] as const) {
      manager.on(event, (data?: unknown) => void told.push([event, data]));
    }
    await manager.set('k', 1);
    await manager.get('k');
    await manager.mget(['k']);
    await manager.mset([{ key: 'l', value: 2, ttl: 1_000 }]);
    await manager.wrap('w', () => 3);
    await manager.del('k');
    await manager.clear();
    manager.off('get', get);
    await manager.get('k');
    const unheard = app.nest.get<ManagerCache>(CACHE_MANAGER).set('k', 1);
    await expect(unheard).rejects.toThrow('needs a tenant');
    expect(told).toEqual([
      ['set', { key: 'k', value: 1 }],
      ['get', { key: 'k', value: 1 }],
      ['mget', { keys: ['k'], values: [1] }],
      ['mset', { list: [{ key: 'l', value: 2, ttl: 1_000 }] }],
      ['set', { key: 'w', value: 3 }],
      ['del', { key: 'k' }],
      ['clear', undefined],
      ['set', { key: 'k', value: 1, error: await unheard.catch((error: unknown) => error) }],
    ]);
  });

  it('has a Keyv on the same entries', async () => {
    const { app } = await boot({ ttl: 60_000 });
    const manager = app.nest.get<ManagerCache>(CACHE_MANAGER);
    const [keyv] = manager.stores;
    await runWithTenant('acme', async () => {
      await manager.set('k', { n: 1 });
      expect(await keyv?.get('k')).toEqual({ n: 1 });
      const expires = (await keyv?.getRaw('k'))?.expires ?? 0;
      expect(Math.abs(expires - ((await manager.ttl('k')) ?? 0))).toBeLessThan(CLOCK_MS);
      await keyv?.set('l', 'by Keyv', 1_000);
      expect(await manager.get('l')).toBe('by Keyv');
      expect(await keyv?.getMany(['k', 'none', 'l'])).toEqual([{ n: 1 }, undefined, 'by Keyv']);
      await keyv?.clear();
      expect(await manager.mget(['k', 'l'])).toEqual([undefined, undefined]);
    });
  });

  it('refuses a ttl that is none', async () => {
    const { manager } = await boot();
    await expect(manager.set('k', 1, NaN)).rejects.toThrow(InvalidCacheOptionsError);
    await expect(manager.wrap('k', () => 1, NaN)).rejects.toThrow(InvalidCacheOptionsError);
    const asInVersion4 = { ttl: 60 } as unknown as number;
    await expect(manager.set('k', 1, asInVersion4)).rejects.toThrow(InvalidCacheOptionsError);
  });
});

/** The manager as requests of the tenant acme call it. */
function forAcme(manager: ManagerCache): ManagerCache {
  return new Proxy(manager, {
    get: (target, name: keyof ManagerCache) => {
      const member: unknown = target[name];
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown =>
        runWithTenant('acme', () => member.apply(target, args) as unknown);
    },
  });
}

function bootManager(
  apps: CacheApps,
  tier: Tier,
  options: CacheManagerOptions | undefined,
  cache?: Omit<RedisCacheModuleOptions, 'connection'>,
  logger?: RecordingLogger,
): Promise<CacheApp> {
  return apps.boot({ tier, cache, logger, imports: [CacheManagerModule.register(options)] });
}
