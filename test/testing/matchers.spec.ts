import { CacheService, runWithTenant } from 'nestjs-redis-cache';
import { cacheMatchers, expectCached, expectNotCached } from 'nestjs-redis-cache/testing';
import { TestApps, type TestApp } from './support/test-apps.js';

expect.extend(cacheMatchers);

const apps = new TestApps();
const acme = { tenant: 'acme' };

/** What the matcher says, whole. */
function messageOf(check: () => void): string {
  try {
    check();
  } catch (error) {
    return (error as Error).message;
  }
  return 'It passed.';
}

describe('toHaveCached', () => {
  let app: TestApp;

  beforeEach(async () => {
    app = await apps.boot();
    await app.byPhone('+1555');
  });

  it('finds an entry, of the tenant that is named or of the context', () => {
    expect(app.cache).toHaveCached('lead.byPhone', '+1555', acme);
    expect(app.cache).not.toHaveCached('lead.byPhone', '+1555', { tenant: 'globex' });
    expect(app.cache).not.toHaveCached('lead.byPhone', '+1555');
    runWithTenant('acme', () => {
      expect(app.cache).toHaveCached('lead.byPhone', '+1555');
    });
  });

  it('finds keys of every kind, and entries of global caches', async () => {
    const caches = app.module.get(CacheService).forTenant('acme');
    await caches.cache('lead.range').set([10, { to: 20 }], 'x');
    await caches.set(new Date(0), 'x');
    await caches.cache('theme').wrap('dark', () => 1, '1m');
    expect(app.cache).toHaveCached('lead.range', [10, { to: 20 }], acme);
    expect(app.cache).toHaveCached('default', new Date(0), acme);
    expect(app.cache).not.toHaveCached('theme', 'dark', { tenant: null });
  });

  it('says what is there instead: the nearest keys', async () => {
    for (const phone of ['+1222', '+1551', '+9', '+15']) await app.byPhone(phone);
    expect(
      messageOf(() => {
        expect(app.cache).toHaveCached('lead.byPhone', '+15559', acme);
      }),
    ).toBe(
      `Expected an entry in 'lead.byPhone' under '+15559' of 'acme', but there is none.\n` +
        `Keys there, nearest first: '+1555', '+1551', '+15'`,
    );
  });

  it('says who else has it, and what happened to it', async () => {
    await app.byPhone('+1555', 'globex');
    await app.forget('+1555');
    expect(
      messageOf(() => {
        expect(app.cache).toHaveCached('lead.byPhone', '+1555', acme);
      }),
    ).toBe(
      `Expected an entry in 'lead.byPhone' under '+1555' of 'acme', but there is none.\n` +
        `Caches of 'acme' with entries: none\n` +
        `Owners of such an entry: 'globex'\n` +
        `What happened to it: load, miss, evict`,
    );
  });

  it('says in which caches there are entries', async () => {
    await app.byPhone('+1556');
    expect(
      messageOf(() => {
        expect(app.cache).toHaveCached('lead.byPhon', 42, acme);
      }),
    ).toBe(
      `Expected an entry in 'lead.byPhon' under 42 of 'acme', but there is none.\n` +
        `Caches of 'acme' with entries: lead.byPhone (2 times)`,
    );
  });

  it('says of one that should not be there what it is', () => {
    expect(
      messageOf(() => {
        expect(app.cache).not.toHaveCached('lead.byPhone', '+1555', acme);
      }),
    ).toBe(
      `Expected nothing in 'lead.byPhone' under '+1555' of 'acme', but there is an entry: ` +
        `fresh for 600000 ms more, in the near tier.`,
    );
  });

  it('has twins for tests without an expect to extend', () => {
    expectCached(app.cache, 'lead.byPhone', '+1555', acme);
    expectNotCached(app.cache, 'lead.byPhone', '+1556', acme);
    expect(() => {
      expectCached(app.cache, 'lead.byPhone', '+1556', acme);
    }).toThrow(`Expected an entry in 'lead.byPhone' under '+1556' of 'acme', but there is none.`);
    expect(() => {
      expectNotCached(app.cache, 'lead.byPhone', '+1555', acme);
    }).toThrow(`Expected nothing in 'lead.byPhone' under '+1555' of 'acme'`);
  });

  it('takes nothing but a TestCache', () => {
    expect(
      messageOf(() => {
        expect(app.module.get(CacheService)).toHaveCached('lead.byPhone', '+1555', acme);
      }),
    ).toBe(
      'The matchers of the cache take a TestCache, as expect(module.get(TestCache)).toHaveCached(…) does.',
    );
  });
});

describe('toHaveEvicted', () => {
  it('finds an eviction of the entry, and of all that it is part of', async () => {
    const app = await apps.boot();
    const caches = app.module.get(CacheService).forTenant('acme');
    await app.forget('+1555');
    expect(app.cache).toHaveEvicted('lead.byPhone', '+1555', acme);
    expect(app.cache).not.toHaveEvicted('lead.byPhone', '+1555', { tenant: 'globex' });
    expect(app.cache).not.toHaveEvicted('lead.byPhone', '+1556', acme);
    expect(app.cache).not.toHaveEvicted('lead.byPhone', undefined, acme);
    await caches.cache('lead.byPhone').flush();
    expect(app.cache).toHaveEvicted('lead.byPhone', '+1556', acme);
    expect(app.cache).toHaveEvicted('lead.byPhone', undefined, acme);
    expect(app.cache).not.toHaveEvicted('lead.byId', undefined, acme);
    await caches.evictTenant();
    expect(app.cache).toHaveEvicted('lead.byId', undefined, acme);
    expect(app.cache).not.toHaveEvicted('lead.byId', undefined, { tenant: 'globex' });
    await app.module.get(CacheService).flush();
    expect(app.cache).toHaveEvicted('lead.byId', 1, { tenant: 'globex' });
  });

  it('says what was evicted instead', async () => {
    const app = await apps.boot();
    const caches = app.module.get(CacheService).forTenant('acme');
    await app.forget('+1555');
    await app.forget('+1555');
    await caches.cache('lead.byId').flush();
    await caches.evictTags(['vip']);
    await caches.evictPattern('lead.*');
    expect(
      messageOf(() => {
        expect(app.cache).toHaveEvicted('lead.byPhone', '+1556', acme);
      }),
    ).toBe(
      `Expected 'lead.byPhone' under '+1556' of 'acme' to be evicted, but it was not.\n` +
        `All evictions: 'lead.byPhone' under '+1555' of 'acme' (2 times), all of 'lead.byId' of 'acme', ` +
        `the tag 'vip' of 'acme', the pattern 'lead.*' of 'acme'`,
    );
    expect(
      messageOf(() => {
        expect(app.cache).not.toHaveEvicted('lead.byPhone', '+1555', acme);
      }),
    ).toBe(
      `Expected 'lead.byPhone' under '+1555' of 'acme' not to be evicted, but it was: ` +
        `'lead.byPhone' under '+1555' of 'acme'.`,
    );
  });
});

describe('toHaveEvictedTag', () => {
  it('finds the tag of a tenant', async () => {
    const app = await apps.boot();
    await app.module.get(CacheService).forTenant('acme').evictTags(['vip']);
    await app.module.get(CacheService).evictGlobalTags(['theme']);
    expect(app.cache).toHaveEvictedTag('vip', acme);
    expect(app.cache).toHaveEvictedTag('theme', { tenant: null });
    expect(
      messageOf(() => {
        expect(app.cache).toHaveEvictedTag('vip', { tenant: 'globex' });
      }),
    ).toBe(
      `Expected the tag 'vip' of 'globex' to be evicted, but it was not.\n` +
        `All evictions: the tag 'vip' of 'acme', the tag 'theme' of the global scope`,
    );
  });
});

describe('toHaveLoadedTimes', () => {
  it('counts the loads of an entry, or of all of a cache', async () => {
    const app = await apps.boot();
    for (const phone of ['+1', '+1', '+2']) await app.byPhone(phone);
    await app.byPhone('+1', 'globex');
    expect(app.cache).toHaveLoadedTimes(1, 'lead.byPhone', '+1', acme);
    expect(app.cache).toHaveLoadedTimes(2, 'lead.byPhone', undefined, acme);
    expect(app.cache).toHaveLoadedTimes(0, 'lead.byPhone', '+3', acme);
    expect(
      messageOf(() => {
        expect(app.cache).toHaveLoadedTimes(2, 'lead.byPhone', '+1', acme);
      }),
    ).toBe(
      `Expected 'lead.byPhone' under '+1' of 'acme' to be loaded 2 times, but it was loaded once.\n` +
        `All loads: 'lead.byPhone' under '+1' of 'acme', 'lead.byPhone' under '+2' of 'acme', ` +
        `'lead.byPhone' under '+1' of 'globex'`,
    );
    expect(
      messageOf(() => {
        expect(app.cache).not.toHaveLoadedTimes(1, 'lead.byPhone', '+1', acme);
      }),
    ).toBe(
      `Expected 'lead.byPhone' under '+1' of 'acme' to be loaded another number of times than 1.`,
    );
  });
});
