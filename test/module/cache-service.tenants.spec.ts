import {
  InvalidCacheKeyError,
  TenantMissingError,
  currentTenant,
  runWithTenant,
  type CacheService,
} from 'nestjs-redis-cache';
import { CacheApps, TIERS } from '../support/cache-apps.js';

describe.each(TIERS)('tenants of CacheService (%s)', (tier) => {
  const apps = new CacheApps();
  let caches: CacheService;

  beforeEach(async () => {
    ({ caches } = await apps.boot({ tier, cache: { caches: { settings: { scope: 'global' } } } }));
  });

  const acme = () => caches.forTenant('acme');

  it('have entries of their own under the same key', async () => {
    const [one, other] = [caches.forTenant('acme'), caches.forTenant('umbrella')];
    await one.set('k', 'of acme');
    expect(await other.get('k')).toBeUndefined();
    await other.set('k', 'of umbrella');
    expect([await one.get('k'), await other.get('k')]).toEqual(['of acme', 'of umbrella']);
    expect([await one.del('k'), await other.get('k')]).toEqual([true, 'of umbrella']);
  });

  it('are taken from the context, unless the service is a view for one', async () => {
    const view = caches.forTenant('acme');
    await caches.runWithTenant('umbrella', async () => {
      await caches.set('k', 'of the context');
      await view.set('k', 'of the view');
      expect(caches.currentTenant()).toBe('umbrella');
      expect(view.currentTenant()).toBe('acme');
      expect(view.forTenant('initech').currentTenant()).toBe('initech');
    });
    expect(await runWithTenant('umbrella', () => caches.get('k'))).toBe('of the context');
    expect(await runWithTenant('acme', () => caches.get('k'))).toBe('of the view');
    expect([caches.currentTenant(), currentTenant()]).toEqual([undefined, undefined]);
  });

  it('hold for the named caches of a view, too', async () => {
    const [mine, theirs] = [acme().cache('lead'), caches.cache('lead')];
    await mine.set('k', 'v');
    expect(await runWithTenant('acme', () => theirs.get('k'))).toBe('v');
    expect(await runWithTenant('umbrella', () => theirs.get('k'))).toBeUndefined();
    expect(await runWithTenant('umbrella', () => mine.get('k'))).toBe('v');
    expect([mine.name, theirs.name]).toEqual(['lead', 'lead']);
  });

  it('are missed by every operation, by its name, before anything happens', async () => {
    const load = jest.fn();
    const cache = caches.cache('lead');
    const before = caches.getStats().caches;
    const calls: [string, () => Promise<unknown>][] = [
      ['get', () => cache.get('k')],
      ['set', () => cache.set('k', 1)],
      ['del', () => cache.del('k')],
      ['exists', () => cache.exists('k')],
      ['wrap', () => cache.wrap('k', load)],
      ['get', () => cache.mget(['k'])],
      ['set', () => cache.mset([['k', 1]])],
      ['del', () => cache.mdel(['k'])],
    ];
    for (const [operation, call] of calls) {
      const refused = call();
      await expect(refused).rejects.toBeInstanceOf(TenantMissingError);
      await expect(refused).rejects.toMatchObject({
        operation: `${operation} in the cache 'lead'`,
      });
    }
    expect(load).not.toHaveBeenCalled();
    expect(caches.getStats().caches).toEqual(before);
  });

  it.each(['', undefined, null, 5])('cannot be %p', (tenant) => {
    expect(() => caches.forTenant(tenant as string)).toThrow(InvalidCacheKeyError);
    expect(() => caches.runWithTenant(tenant as string, currentTenant)).toThrow(
      InvalidCacheKeyError,
    );
  });

  it('do not matter to a global cache, whose entries serve all and also nobody', async () => {
    await caches.cache('settings').set('theme', 'dark');
    for (const tenant of ['acme', 'umbrella']) {
      expect(await caches.forTenant(tenant).cache('settings').get('theme')).toBe('dark');
    }
    expect(await caches.forTenant('acme').cache('settings').del('theme')).toBe(true);
    expect(await caches.cache('settings').exists('theme')).toBe(false);
  });

  describe('from the resolver of the module', () => {
    it('are asked for where the context says none', async () => {
      let current: string | undefined = 'acme';
      const resolve = jest.fn(() => current);
      const app = await apps.boot({ tier, cache: { tenant: { resolve } } });
      await app.caches.set('k', 'of acme');
      current = 'umbrella';
      expect(app.caches.currentTenant()).toBe('umbrella');
      expect(await app.caches.get('k')).toBeUndefined();
      expect(await runWithTenant('acme', () => app.caches.get('k'))).toBe('of acme');
      current = undefined;
      await expect(app.caches.get('k')).rejects.toBeInstanceOf(TenantMissingError);
      expect(await app.caches.forTenant('acme').get('k')).toBe('of acme');
      expect(resolve).toHaveBeenCalledTimes(4);
    });

    it('reach the caller as an error where they are none', async () => {
      const app = await apps.boot({ tier, cache: { tenant: { resolve: () => '' } } });
      await expect(app.caches.get('k')).rejects.toMatchObject({
        code: 'INVALID_KEY',
        message:
          'Cannot make a cache key: tenant is an empty string. ' +
          `Pass the organization's id as a non-empty string.`,
      });
    });
  });
});
