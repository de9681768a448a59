import {
  InvalidCacheKeyError,
  runWithTenant,
  TenantMissingError,
  type CacheService,
} from 'nestjs-redis-cache';
import { CacheApps, TIERS } from '../support/cache-apps.js';

describe.each(TIERS)('evictions of many entries by CacheService (%s)', (tier) => {
  const apps = new CacheApps();
  let caches: CacheService;

  beforeEach(async () => {
    const global = { scope: 'global' as const };
    ({ caches } = await apps.boot({
      tier,
      cache: { caches: { settings: global, languages: global } },
    }));
    for (const tenant of ['acme', 'umbrella']) {
      for (const cache of ['lead', 'note']) {
        const named = caches.forTenant(tenant).cache(cache);
        await named.mset([['1', `${tenant} ${cache} 1`]]);
        await named.set('2', `${tenant} ${cache} 2`, { tags: ['#42', 'both'] });
      }
    }
    await caches.cache('settings').set('1', 'settings 1');
    await caches.cache('languages').set('2', 'languages 2', { tags: ['#42'] });
  });

  /** What is left, by its value. */
  async function left(): Promise<unknown[]> {
    const named = ['acme', 'umbrella'].flatMap((tenant) =>
      ['lead', 'note'].map((name) => caches.forTenant(tenant).cache(name)),
    );
    const all = [...named, caches.cache('settings'), caches.cache('languages')];
    const values = await Promise.all(all.map((cache) => cache.mget(['1', '2'])));
    return values.flat().filter((value) => value !== undefined);
  }

  const OF_ACME = ['acme lead 1', 'acme lead 2', 'acme note 1', 'acme note 2'];
  const OF_UMBRELLA = OF_ACME.map((value) => value.replace('acme', 'umbrella'));
  const GLOBAL = ['settings 1', 'languages 2'];

  it('find everything there before', async () => {
    expect(await left()).toEqual([...OF_ACME, ...OF_UMBRELLA, ...GLOBAL]);
  });

  it('by flush of a cache reach all its entries of the tenant', async () => {
    await caches.forTenant('acme').cache('lead').flush();
    expect(await left()).toEqual(['acme note 1', 'acme note 2', ...OF_UMBRELLA, ...GLOBAL]);
    await runWithTenant('umbrella', () => caches.cache('note').flush());
    expect(await left()).toEqual([
      'acme note 1',
      'acme note 2',
      'umbrella lead 1',
      'umbrella lead 2',
      ...GLOBAL,
    ]);
  });

  it('by flush of a global cache reach all its entries', async () => {
    await caches.forTenant('acme').cache('languages').flush();
    expect(await left()).toEqual([...OF_ACME, ...OF_UMBRELLA, 'settings 1']);
  });

  it('by tags reach the entries that have one of them, in all caches of the tenant', async () => {
    await caches.forTenant('acme').evictTags(['other', '#42']);
    expect(await left()).toEqual(['acme lead 1', 'acme note 1', ...OF_UMBRELLA, ...GLOBAL]);
  });

  it('by global tags reach the entries of global caches only', async () => {
    await caches.forTenant('acme').evictGlobalTags(['#42']);
    expect(await left()).toEqual([...OF_ACME, ...OF_UMBRELLA, 'settings 1']);
  });

  it.each(['*', '#', '#4', '42', 'BOTH', 'both/', '}:stamp'])(
    'by the tag %j, which no entry has, reach nothing',
    async (tag) => {
      await caches.forTenant('acme').evictTags([tag]);
      await caches.evictGlobalTags([tag]);
      expect(await left()).toEqual([...OF_ACME, ...OF_UMBRELLA, ...GLOBAL]);
    },
  );

  it('by no tags do nothing', async () => {
    await caches.forTenant('acme').evictTags([]);
    expect(await left()).toEqual([...OF_ACME, ...OF_UMBRELLA, ...GLOBAL]);
  });

  it('by tenant reach all it has', async () => {
    await caches.forTenant('acme').evictTenant();
    expect(await left()).toEqual([...OF_UMBRELLA, ...GLOBAL]);
    await caches.runWithTenant('umbrella', () => caches.evictTenant());
    expect(await left()).toEqual(GLOBAL);
  });

  it('by flush of the service reach everything, of all tenants and of none', async () => {
    await caches.runWithTenant('acme', () => caches.flush());
    expect(await left()).toEqual([]);
  });

  it('by flush of a view never reach another tenant, nor what is global', async () => {
    await caches.forTenant('acme').flush();
    expect(await left()).toEqual([...OF_UMBRELLA, ...GLOBAL]);
  });

  it('let what is stored after them be found, also with the same tags', async () => {
    const acme = caches.forTenant('acme');
    await acme.evictTags(['#42']);
    await acme.flush();
    await acme.cache('lead').set('2', 'new', { tags: ['#42'] });
    expect(await acme.cache('lead').wrap('1', () => 'loaded', { tags: ['one', 'two'] })).toBe(
      'loaded',
    );
    expect(await acme.cache('lead').mget(['1', '2'])).toEqual(['loaded', 'new']);
    await acme.evictTags(['two']);
    expect(await acme.cache('lead').mget(['1', '2'])).toEqual([undefined, 'new']);
  });

  it('reach what several keys were stored with at once', async () => {
    const cache = caches.forTenant('acme').cache('lead');
    await cache.mset(
      [
        ['a', 1],
        ['b', 2],
      ],
      { tags: ['batch'] },
    );
    await caches.forTenant('acme').evictTags(['batch']);
    expect(await cache.mget(['a', 'b', '1'])).toEqual([undefined, undefined, 'acme lead 1']);
  });

  it('need a tenant where they are for one', async () => {
    const calls: [string, () => Promise<void>][] = [
      ['CacheService.evictTags', () => caches.evictTags(['#42'])],
      ['CacheService.evictTenant', () => caches.evictTenant()],
      [`flush in the cache 'lead'`, () => caches.cache('lead').flush()],
    ];
    for (const [operation, call] of calls) {
      const refused = call();
      await expect(refused).rejects.toBeInstanceOf(TenantMissingError);
      await expect(refused).rejects.toMatchObject({ operation });
    }
    expect(await left()).toEqual([...OF_ACME, ...OF_UMBRELLA, ...GLOBAL]);
  });

  it('refuse a tag that is empty', async () => {
    const refused = caches.forTenant('acme').evictTags(['']);
    await expect(refused).rejects.toBeInstanceOf(InvalidCacheKeyError);
    await expect(refused).rejects.toThrow('Cannot make a cache key: tag is empty. ');
  });
});
