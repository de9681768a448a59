import { Redis } from 'ioredis';
import { runWithTenant, type CacheKey, type CachePolicy, type Duration } from 'nestjs-redis-cache';
import { CacheApps, ownPrefix, type CacheApp } from '../support/cache-apps.js';
import { LOOK_ALIKE_KEYS } from './support/look-alike-keys.js';

describe('what CacheService keeps in Redis', () => {
  const apps = new CacheApps();
  const redis = new Redis(String(process.env.REDIS_URL));
  let prefix: string;

  beforeEach(() => {
    prefix = ownPrefix();
  });

  afterAll(() => redis.quit());

  /** Without a bus: what one application does is told to no other, so that no message comes late. */
  function boot(caches: Record<string, CachePolicy> = {}): Promise<CacheApp> {
    return apps.boot({ tier: 'redis', cache: { prefix, caches, coherence: 'ttl' } });
  }

  /** Every key there is under the prefix of the test, without it, in order. */
  async function allKeys(): Promise<string[]> {
    const keys: string[] = [];
    for await (const page of redis.scanStream({ match: `${prefix}:*`, count: 1_000 })) {
      keys.push(...(page as string[]));
    }
    return [...new Set(keys)].map((key) => key.slice(prefix.length)).sort();
  }

  /** The same without the stamps, which are there for whole tenants and caches. */
  async function rawKeys(): Promise<string[]> {
    return (await allKeys()).filter((key) => !key.endsWith(':stamp'));
  }

  it.each(LOOK_ALIKE_KEYS)('is, under the key %p, one entry named %s', async (key, encoded) => {
    const { caches } = await boot();
    await caches.forTenant('acme').set(key, 'v');
    expect(await rawKeys()).toEqual([`:{acme/default@1/${encoded}}`]);
  });

  it('is named by a digest where the key is long', async () => {
    const { caches } = await boot();
    const keys: CacheKey[] = ['x'.repeat(201), 'x'.repeat(202)];
    for (const key of keys) await caches.forTenant('acme').set(key, 'v');
    const names = await rawKeys();
    expect(names).toHaveLength(2);
    for (const name of names) {
      expect(name).toMatch(/^:\{acme\/default@1\/x{100}#[0-9a-f]{32}\}$/);
    }
  });

  it('is kept apart by tenant, cache, version and scope, whatever their names', async () => {
    const { caches } = await boot({
      settings: { scope: 'global' },
      lead: { version: 3 },
      'b/c': {},
      c: { version: 0 },
    });
    await caches.cache('settings').set('theme', 1);
    await caches.forTenant('acme').cache('lead').set('k', 2);
    await caches.forTenant('a').cache('b/c').set('k', 3);
    await caches.forTenant('a/b').cache('c').set('k', 4);
    await caches.forTenant('}:{').cache('*').set('[k]', 5);
    expect(await rawKeys()).toEqual([
      ':{%7D%3A%7B/%2A@1/%5Bk%5D}',
      ':{/settings@1/theme}',
      ':{a%2Fb/c@0/k}',
      ':{a/b%2Fc@1/k}',
      ':{acme/lead@3/k}',
    ]);
  });

  it('is, beside the entries, a stamp for each tenant and cache, and one of everything', async () => {
    const { caches } = await boot({ settings: { scope: 'global' } });
    await caches.cache('settings').set('theme', 1);
    for (const key of ['a', 'b']) await caches.forTenant('acme').cache('lead').set(key, 1);
    expect(await allKeys()).toEqual([
      ':{/settings@1/theme}',
      ':{/settings@1}:stamp',
      ':{/}:stamp',
      ':{acme/lead@1/a}',
      ':{acme/lead@1/b}',
      ':{acme/lead@1}:stamp',
      ':{acme}:stamp',
      ':{}:stamp',
    ]);
  });

  it('is a short header and, where JSON carries the value, JSON one can read', async () => {
    const { caches } = await boot();
    await caches.forTenant('acme').set('k', { name: 'Ada' });
    const bytes = await redis.getBuffer(`${prefix}:{acme/default@1/k}`);
    const json = '{"name":"Ada"}';
    expect(bytes?.subarray(-json.length).toString()).toBe(json);
    expect((bytes?.length ?? 0) - json.length).toBeLessThanOrEqual(64);
  });

  it.each<[string, Duration | undefined, CachePolicy, number]>([
    ['the default', undefined, {}, 300_000],
    ["the cache's", undefined, { ttl: '2m' }, 120_000],
    ['a number of milliseconds', 90_000, { ttl: '2m' }, 90_000],
    ['a number with its unit', '1.5h', {}, 5_400_000],
    ['its own, and the grace of the cache', '1m', { grace: '10m' }, 660_000],
  ])('lives as long as its ttl: %s', async (_which, ttl, policy, lifeMs) => {
    const { caches } = await boot({ lead: policy });
    const cache = caches.forTenant('acme').cache('lead');
    await cache.set('set', 1, ttl);
    await cache.wrap('wrapped', () => 1, ttl);
    await cache.mset([['several', 1]], ttl);
    for (const key of ['set', 'wrapped', 'several']) {
      const leftMs = await redis.pttl(`${prefix}:{acme/lead@1/${key}}`);
      expect(leftMs).toBeLessThanOrEqual(lifeMs);
      expect(leftMs).toBeGreaterThan(lifeMs - 30_000);
    }
  });

  it('is nothing but the entry after a load, and nothing at all after one that failed', async () => {
    const { caches } = await boot();
    const cache = caches.forTenant('acme');
    let during: string[] = [];
    await cache.wrap('k', async () => {
      during = await rawKeys();
    });
    await cache.wrap('failed', () => Promise.reject(new Error('own'))).catch(() => undefined);
    await cache.wrap('unstored', () => 1, 0);
    expect(during).toEqual([':{acme/default@1/k}:lease']);
    expect(await rawKeys()).toEqual([':{acme/default@1/k}']);
  });

  it('is gone after del, for this tenant only', async () => {
    const { caches } = await boot();
    for (const tenant of ['acme', 'umbrella']) await caches.forTenant(tenant).set('k', tenant);
    await caches.forTenant('acme').del('k');
    expect(await rawKeys()).toEqual([':{umbrella/default@1/k}']);
    expect(await caches.forTenant('umbrella').mdel(['k', 'other'])).toBe(1);
    expect(await rawKeys()).toEqual([]);
  });

  it('is read by another application with the same prefix, once from Redis and then from memory', async () => {
    const [one, other] = [await boot(), await boot()];
    const load = jest.fn();
    await one.caches.forTenant('acme').set('k', { since: new Date(0) });
    const read = () => other.caches.forTenant('acme').wrap('k', load);
    expect([await read(), await read()]).toEqual([{ since: new Date(0) }, { since: new Date(0) }]);
    expect(load).not.toHaveBeenCalled();
    expect(other.counters('default')).toMatchObject({ farHits: 1, nearHits: 1, misses: 0 });
  });

  it('is not seen by an application with another prefix', async () => {
    const one = await boot();
    const other = await apps.boot({ tier: 'redis', cache: { prefix: `${prefix}-2` } });
    await one.caches.forTenant('acme').set('k', 1);
    expect(await other.caches.forTenant('acme').exists('k')).toBe(false);
  });

  it('is no longer read once the version of the cache is raised', async () => {
    const old = await boot({ lead: { version: 1 } });
    await old.caches.forTenant('acme').cache('lead').set('k', 'old shape');
    const raised = await boot({ lead: { version: 2 } });
    const load = () => 'new shape';
    expect(await raised.caches.forTenant('acme').cache('lead').wrap('k', load)).toBe('new shape');
    expect(await old.caches.forTenant('acme').cache('lead').get('k')).toBe('old shape');
  });

  describe('where something else stands under its key', () => {
    const load = () => 'loaded';

    it.each(['', 'garbage', '{"name":"Ada"}'])(
      'bytes like %j are a miss, and replaced',
      async (bytes) => {
        const { caches } = await boot();
        const undecodable: unknown[] = [];
        caches.on('undecodable', ({ entry }) => undecodable.push(entry.redisKey));
        await redis.set(`${prefix}:{acme/default@1/k}`, bytes);
        expect(await caches.forTenant('acme').get('k')).toBeUndefined();
        expect(await caches.forTenant('acme').wrap('k', load)).toBe('loaded');
        const other = await boot();
        expect(await other.caches.forTenant('acme').get('k')).toBe('loaded');
        expect(undecodable[0]).toBe(`${prefix}:{acme/default@1/k}`);
        expect(caches.getStats().mode).toBe('redis');
      },
    );

    it('another type of Redis is a miss that the call does not suffer from, until it is deleted', async () => {
      const { caches } = await boot();
      const cache = caches.forTenant('acme');
      const failures: string[] = [];
      caches.on('farError', ({ operation }) => failures.push(operation));
      await redis.rpush(`${prefix}:{acme/default@1/k}`, 'of somebody else');
      expect(await cache.get('k')).toBeUndefined();
      expect(await cache.wrap('k', load)).toBe('loaded');
      expect(failures).toEqual(['get', 'get']);
      expect(caches.getStats().mode).toBe('redis');
      expect(await cache.del('k')).toBe(true);
      expect(await cache.wrap('k', load)).toBe('loaded');
      expect(await rawKeys()).toEqual([':{acme/default@1/k}']);
    });
  });

  it('may have text of somebody else on its channel, which is told and counted, and does no harm', async () => {
    const { caches } = await apps.boot({ tier: 'redis', cache: { prefix } });
    const told = new Promise((resolve) => caches.on('malformedMessage', resolve));
    // Published again until somebody listens, for the bus begins in the background.
    while ((await redis.publish(`${prefix}:bus`, 'garbage')) === 0);
    expect(await told).toEqual({ text: 'garbage' });
    expect(caches.getStats().bus.malformed).toBeGreaterThan(0);
    await caches.forTenant('acme').set('k', 1);
    expect(await caches.forTenant('acme').get('k')).toBe(1);
  });

  it('belongs to the tenant of the context under which a view was not made', async () => {
    const { caches } = await boot();
    const lead = caches.cache('lead');
    await runWithTenant('acme', () => lead.set('k', 1));
    await runWithTenant('umbrella', () => lead.set('k', 2));
    expect(await rawKeys()).toEqual([':{acme/lead@1/k}', ':{umbrella/lead@1/k}']);
  });
});
