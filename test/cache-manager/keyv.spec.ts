import keyvTestSuite from '@keyv/test-suite';
import { Keyv } from 'keyv';
import { type CacheService, InvalidCacheOptionsError, runWithTenant } from 'nestjs-redis-cache';
import { KeyvCacheAdapter } from 'nestjs-redis-cache/cache-manager';
import { CacheApps, TIERS } from '../support/cache-apps.js';

type Body = (context: { expect: typeof expect }) => unknown;

describe.each(TIERS)('Keyv on the cache (%s)', (tier) => {
  const apps = new CacheApps();
  let caches: CacheService;

  beforeEach(async () => {
    ({ caches } = await apps.boot({ tier }));
  });

  const adapter = (tenant = 'acme') => new KeyvCacheAdapter(caches.forTenant(tenant));

  describe('passes the published suite of Keyv:', () => {
    // It is given the runner that it is written for: the few names of it that it uses are Jest's, too.
    const runner = {
      it: (name: string, body: Body) => {
        it(name, async () => {
          await body({ expect });
        });
      },
      beforeEach,
      afterEach,
      expect,
    };
    keyvTestSuite(runner, Keyv, () => adapter());
  });

  it('keeps tenants and namespaces apart, and clears no other', async () => {
    const acme = new Keyv({ store: adapter(), namespace: 'sessions' });
    const other = new Keyv({ store: adapter(), namespace: 'carts' });
    const globex = new Keyv({ store: adapter('globex'), namespace: 'sessions' });
    const all = [acme, other, globex];
    for (const [index, keyv] of all.entries()) await keyv.set('k', index);
    const values = () => Promise.all(all.map((keyv) => keyv.get<number>('k')));
    expect(await values()).toEqual([0, 1, 2]);
    await acme.clear();
    expect(await values()).toEqual([undefined, 1, 2]);
  });

  it('is for the tenant of the context, and misses with an error that is told without one', async () => {
    const keyv = new Keyv({ store: new KeyvCacheAdapter(caches) });
    const errors: unknown[] = [];
    keyv.on('error', (error: Error) => errors.push(error.message));
    await runWithTenant('acme', () => keyv.set('k', 'v'));
    expect(await runWithTenant('acme', () => keyv.get('k'))).toBe('v');
    expect(await runWithTenant('globex', () => keyv.get('k'))).toBeUndefined();
    expect(await keyv.get('k')).toBeUndefined();
    expect(await keyv.set('k', 'nobody')).toBe(false);
    expect(errors).toEqual([expect.stringContaining('needs a tenant')]);
  });

  it('clears a cache of all tenants by its namespace, and all of a cache without one', async () => {
    const app = await apps.boot({ tier, cache: { caches: { shared: { scope: 'global' } } } });
    const store = () => new KeyvCacheAdapter(app.caches, { cache: 'shared' });
    const [one, two] = ['one', 'two'].map((namespace) => new Keyv({ store: store(), namespace }));
    await one?.set('k', 1);
    await two?.set('k', 2);
    await one?.clear();
    expect([await one?.get('k'), await two?.get('k')]).toEqual([undefined, 2]);
    await store().clear();
    expect(await two?.get('k')).toBeUndefined();
  });

  it.each([
    ['a', 'b:c', 'a:b', 'c'],
    ['a', 'b%3Ac', 'a', 'b:c'],
    ['a', ':', 'a:', ''],
  ])('clears no other cache: %s under %p, %s under %p', async (cache, namespace, other, its) => {
    const of = (name: string) => new KeyvCacheAdapter(caches.forTenant('acme'), { cache: name });
    const cleared = new Keyv({ store: of(cache), namespace });
    const kept = of(other);
    kept.namespace = its;
    for (const store of [cleared, kept]) await store.set('k', 1);
    await cleared.clear();
    expect([await cleared.get('k'), await kept.get('k')]).toEqual([undefined, 1]);
  });

  it('refuses an option that it does not know', () => {
    const options = { namespace: 'sessions' } as object;
    expect(() => new KeyvCacheAdapter(caches, options)).toThrow(InvalidCacheOptionsError);
  });
});
