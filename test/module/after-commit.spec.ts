import {
  InvalidCacheKeyError,
  InvalidCacheOptionsError,
  runWithTenant,
  TenantMissingError,
  type CacheEvents,
  type CacheService,
  type RedisCacheModuleOptions,
} from 'nestjs-redis-cache';
import { CacheApps, ownPrefix, TIERS, type CacheApp } from '../support/cache-apps.js';
import { Gate } from '../support/gate.js';
import { Transactions } from '../support/transactions.js';
import { until } from '../support/until.js';

const ROLLBACK = new Error('rolled back');

const fail = (): never => {
  throw ROLLBACK;
};

describe.each(TIERS)('CacheService within a transaction (%s)', (tier) => {
  const apps = new CacheApps();
  let database: Transactions;
  let app: CacheApp;
  let caches: CacheService;

  function boot(cache: RedisCacheModuleOptions = {}): Promise<CacheApp> {
    const { current } = database;
    return apps.boot({
      tier,
      cache: { defaults: { scope: 'global' }, transaction: { current }, ...cache },
    });
  }

  beforeEach(async () => {
    database = new Transactions();
    app = await boot();
    ({ caches } = app);
  });

  /** What a reader gets who is in no transaction. */
  const read = (id: string, from = caches) =>
    from.cache('lead').wrap(id, () => database.read(id), { tags: [`lead:${id}`] });

  describe('evicts after the commit', () => {
    it('what a reader has loaded anew before it', async () => {
      database.write('1', 'old');
      await read('1');
      const gate = new Gate();
      const writing = database.run(async () => {
        database.write('1', 'new');
        await caches.cache('lead').del('1');
        await gate.pass();
      });
      await gate.reached;
      await app.caches.atOnce().cache('lead').del('1');
      expect(await read('1')).toBe('old');
      gate.open();
      await writing;
      expect(await read('1')).toBe('new');
    });

    it('what a reader is still loading then', async () => {
      database.write('1', 'old');
      const gate = new Gate();
      const reading = caches.cache('lead').wrap('1', async () => {
        const row = database.read('1');
        await gate.pass();
        return row;
      });
      await gate.reached;
      await database.run(async () => {
        database.write('1', 'new');
        await caches.cache('lead').del('1');
      });
      gate.open();
      expect(await reading).toBe('old');
      expect(await read('1')).toBe('new');
    });

    it.each<[string, () => Promise<unknown>, unknown]>([
      ['del', () => caches.cache('lead').del('1'), false],
      ['mdel', () => caches.cache('lead').mdel(['1', '2']), 0],
      ['flush of a cache', () => caches.cache('lead').flush(), undefined],
      ['evictGlobalTags', () => caches.evictGlobalTags(['lead:1']), undefined],
      ['flush', () => caches.flush(), undefined],
      ['set', () => caches.cache('lead').set('1', 'uncommitted', '1m'), undefined],
      ['mset', () => caches.cache('lead').mset([['1', 'uncommitted']]), undefined],
    ])('by %s, which answers at once that nothing has gone', async (_name, evict, answer) => {
      database.write('1', 'old');
      await read('1');
      await database.run(async () => {
        database.write('1', 'new');
        expect(await evict()).toBe(answer);
        expect(await read('1')).toBe('old');
      });
      expect(await read('1')).toBe('new');
    });

    it.each<[string, (acme: CacheService) => Promise<unknown>]>([
      ['evictTags', (acme) => acme.evictTags(['#'])],
      ['evictTenant', (acme) => acme.evictTenant()],
      ['flush of a view', (acme) => acme.flush()],
    ])('by %s, of the tenant that it was called for', async (_name, evict) => {
      app = await boot({ defaults: { scope: 'tenant' } });
      ({ caches } = app);
      const valueFor = (tenant: string) => caches.forTenant(tenant).cache('lead').get('1');
      for (const tenant of ['acme', 'umbrella']) {
        await caches
          .forTenant(tenant)
          .cache('lead')
          .set('1', tenant, { tags: ['#'] });
      }
      await runWithTenant('umbrella', () =>
        database.run(async () => {
          await evict(caches.forTenant('acme'));
          expect(await valueFor('acme')).toBe('acme');
        }),
      );
      expect(await valueFor('acme')).toBeUndefined();
      expect(await valueFor('umbrella')).toBe('umbrella');
    });

    it('for the tenants that the calls were made for, both in one transaction', async () => {
      app = await boot({ defaults: { scope: 'tenant' } });
      const leads = app.caches.cache('lead');
      const as = <T>(tenant: string, work: () => Promise<T>) => runWithTenant(tenant, work);
      for (const tenant of ['a', 'b', 'c']) await as(tenant, () => leads.mset([['1', tenant]]));
      await as('c', () =>
        database.run(async () => {
          await as('a', () => leads.del('1'));
          await as('b', () => leads.del('1'));
        }),
      );
      const left = await Promise.all(['a', 'b', 'c'].map((t) => as(t, () => leads.get('1'))));
      expect(left).toEqual([undefined, undefined, 'c']);
    });

    it('an entry once, however often it was asked for', async () => {
      const evicted: string[] = [];
      caches.on('evict', ({ entry }) => evicted.push(entry.key));
      await database.run(async () => {
        await caches.cache('lead').mdel(['1', '2', '1']);
        await caches.cache('lead').set('2', 'new');
        expect(evicted).toEqual([]);
      });
      expect(evicted.sort()).toEqual(['1', '2']);
    });

    it('in one action, so that what a transaction keeps does not grow with its evictions', async () => {
      await database.run(async () => {
        await caches.cache('lead').mdel(['1', '2', '3']);
        await caches.cache('lead').flush();
        await caches.flush();
        expect(database.current()?.actions).toHaveLength(1);
      });
    });

    it('whole caches, where a transaction evicts more than 500 entries', async () => {
      const levels: string[] = [];
      caches.on('invalidate', ({ level }) => levels.push(level));
      database.write('1', 'old');
      database.write('2', 'old');
      await read('1');
      await caches.cache('other').set('1', 'kept');
      await database.run(async () => {
        database.write('1', 'new');
        await caches.cache('lead').mdel(Array.from({ length: 501 }, (_, index) => index));
        await caches.cache('lead').del('1');
      });
      expect(levels).toEqual(['cache']);
      expect(app.counters('lead').evictions).toBe(1);
      expect([await read('1'), await caches.cache('other').get('1')]).toEqual(['new', 'kept']);
    });
  });

  describe('after a rollback', () => {
    it('evicts nothing and stores nothing', async () => {
      database.write('1', 'old');
      await read('1');
      const work = async () => {
        database.write('1', 'new');
        await caches.cache('lead').set('1', 'new');
        await caches.cache('lead').flush();
        await caches.flush();
        fail();
      };
      await expect(database.run(work)).rejects.toBe(ROLLBACK);
      expect(await caches.cache('lead').get('1')).toBe('old');
      expect(app.counters('lead')).toMatchObject({ evictions: 0, loads: 1, fills: 1 });
    });

    it('of a nested transaction drops its evictions and keeps those around it', async () => {
      await caches.mset(['1', '2', '3', '4'].map((id) => [id, 'old']));
      await database.run(async () => {
        await caches.del('1');
        await database.run(() => caches.del('2'));
        const inner = database.run(async () => {
          await caches.del('3');
          fail();
        });
        await expect(inner).rejects.toBe(ROLLBACK);
        expect(await caches.mget(['1', '2', '3', '4'])).toEqual(['old', 'old', 'old', 'old']);
      });
      expect(await caches.mget(['1', '2', '3', '4'])).toEqual([undefined, undefined, 'old', 'old']);
    });

    it('of the outer transaction drops those of a nested one that has ended well', async () => {
      await caches.set('1', 'old');
      const work = async () => {
        await database.run(() => caches.del('1'));
        fail();
      };
      await expect(database.run(work)).rejects.toBe(ROLLBACK);
      expect(await caches.get('1')).toBe('old');
    });
  });

  it('acts at once where no transaction is under way, also beside one', async () => {
    await caches.mset([
      ['1', 'old'],
      ['2', 'old'],
    ]);
    const gate = new Gate();
    const writing = database.run(async () => {
      await caches.del('1');
      await gate.pass();
    });
    await gate.reached;
    expect(await caches.del('2')).toBe(true);
    await caches.set('3', 'new');
    expect(await caches.mget(['1', '2', '3'])).toEqual(['old', undefined, 'new']);
    gate.open();
    await writing;
    expect(await caches.mget(['1', '2', '3'])).toEqual([undefined, undefined, 'new']);
  });

  it('acts at once where asked to: set stores, del evicts, and a rollback changes neither', async () => {
    const atOnce = caches.atOnce();
    await caches.mset([
      ['1', 'old'],
      ['2', 'old'],
    ]);
    const work = async () => {
      expect(await atOnce.del('1')).toBe(true);
      await atOnce.forTenant('acme').cache('lead').atOnce().set('1', 'new');
      await caches.cache('lead').atOnce().set('2', 'new');
      fail();
    };
    await expect(database.run(work)).rejects.toBe(ROLLBACK);
    expect(await caches.mget(['1', '2'])).toEqual([undefined, 'old']);
    expect(await caches.cache('lead').mget(['1', '2'])).toEqual(['new', 'new']);
  });

  it('finds mistakes when it is called, not at the commit', async () => {
    app = await boot({ defaults: { scope: 'tenant' } });
    await database.run(async () => {
      const leads = app.caches.cache('lead');
      await expect(leads.del('1')).rejects.toThrow(TenantMissingError);
      await expect(app.caches.evictTags(['#'])).rejects.toThrow(TenantMissingError);
      const acme = app.caches.forTenant('acme');
      const noKey = null as unknown as string;
      await expect(acme.cache('lead').del(noKey)).rejects.toThrow(InvalidCacheKeyError);
      await expect(acme.set('1', 1, 'soon' as '1m')).rejects.toThrow(InvalidCacheOptionsError);
      expect(database.current()?.actions).toEqual([]);
    });
  });

  it('stays out of the loads of a transaction: they see and evict as if there were none', async () => {
    database.write('1', 'old');
    await caches.set('2', 'old');
    await database.run(async () => {
      database.write('1', 'new');
      const loaded = await caches.cache('lead').wrap('1', async () => {
        await caches.del('2');
        return database.read('1');
      });
      expect(loaded).toBe('old');
      expect(await caches.get('2')).toBeUndefined();
    });
  });

  it('evicts in both of two applications that take part in one transaction', async () => {
    const other = await boot();
    const same = await boot({ prefix: ownPrefix() });
    const all = [app, other, same].map(({ caches: of }) => of);
    for (const of of all) await of.set('1', 'old');
    await database.run(async () => {
      await all[0]?.del('1');
      await all[1]?.del('1');
      expect(await Promise.all(all.map((of) => of.get('1')))).toEqual(['old', 'old', 'old']);
    });
    expect(await Promise.all(all.map((of) => of.get('1')))).toEqual([undefined, undefined, 'old']);
  });

  it('is not disturbed when the application has closed before the commit', async () => {
    await database.run(async () => {
      await caches.del('1');
      await caches.flush();
      await app.nest.close();
    });
  });
});

describe('the option transaction.current', () => {
  const apps = new CacheApps();
  const BROKEN = new Error('no context here');

  /** An app whose option is this, with an entry; what it reports, and what it logs. */
  async function bootWith(current: () => unknown) {
    const errors: CacheEvents['transactionError'][] = [];
    const logged: unknown[] = [];
    const ignore = (): void => undefined;
    const { caches } = await apps.boot({
      cache: {
        defaults: { scope: 'global' },
        transaction: { current: current as () => undefined },
      },
      logger: { log: ignore, warn: ignore, error: (message) => logged.push(message) },
    });
    await caches.atOnce().set('1', 'old');
    caches.on('transactionError', (payload) => errors.push(payload));
    return { caches, errors, logged };
  }

  it.each<[string, () => unknown, unknown]>([
    [
      'throws',
      () => {
        throw BROKEN;
      },
      BROKEN,
    ],
    ['answers something that takes no actions', () => ({}), expect.any(TypeError)],
    [
      'answers a transaction that throws',
      () => ({
        afterCommit: () => {
          throw BROKEN;
        },
      }),
      BROKEN,
    ],
  ])('%s: then it is evicted at once, said once, and never stored', async (_, current, error) => {
    const { caches, errors, logged } = await bootWith(current);
    expect(await caches.del('1')).toBe(true);
    await caches.set('1', 'new');
    expect(await caches.get('1')).toBeUndefined();
    expect(errors.length).toBeGreaterThan(0);
    expect(errors).toEqual(errors.map(() => ({ error })));
    expect(logged).toEqual([
      expect.stringMatching(/^transaction\.current or afterCommit failed; .* acts at once/),
    ]);
  });

  it('answers null, as some do where there is no transaction: then there is none', async () => {
    const { caches, errors } = await bootWith(() => null);
    await caches.set('1', 'new');
    expect([await caches.get('1'), errors]).toEqual(['new', []]);
  });

  it('answers a transaction whose actions have been run: a new one is begun', async () => {
    const actions: (() => Promise<void>)[] = [];
    const afterCommit = (action: () => Promise<void>) => actions.push(action);
    const transaction = { afterCommit };
    const { caches } = await bootWith(() => transaction);
    await caches.del('2');
    for (const action of actions.splice(0)) await action();
    await caches.del('1');
    expect(actions).toHaveLength(1);
    expect(await caches.get('1')).toBe('old');
    for (const action of [...actions, ...actions]) await action();
    expect(await caches.get('1')).toBeUndefined();
  });

  it('answers a transaction that acts when it is asked: the eviction is made, and no fault', async () => {
    const done: Promise<void>[] = [];
    const afterCommit = (action: () => Promise<void>) => done.push(action());
    const transaction = { afterCommit };
    const { caches, errors } = await bootWith(() => transaction);
    for (const value of ['old', 'older']) {
      await caches.atOnce().set('1', value);
      expect(await caches.del('1')).toBe(true);
      expect(await caches.get('1')).toBeUndefined();
    }
    await Promise.all(done);
    expect(errors).toEqual([]);
  });

  it('answers a transaction that rejects: it is evicted once, and said', async () => {
    const actions: (() => Promise<void>)[] = [];
    const afterCommit = async (action: () => Promise<void>) => {
      actions.push(action);
      await Promise.reject(BROKEN);
    };
    const transaction = { afterCommit };
    const { caches, errors } = await bootWith(() => transaction);
    const evicted: string[] = [];
    caches.on('evict', ({ entry }) => evicted.push(entry.key));
    await caches.mdel(['1', '2']);
    await until(() => evicted.length === 2);
    expect(errors).toEqual([{ error: BROKEN }]);
    for (const action of actions) await action();
    expect(await caches.get('1')).toBeUndefined();
    expect(evicted).toEqual(['1', '2']);
  });

  it('answers a transaction that rejects after its commit: it is said, and evicted once', async () => {
    const afterCommit = async (action: () => Promise<void>) => {
      await Promise.resolve();
      await action();
      throw BROKEN;
    };
    const { caches, errors } = await bootWith(() => ({ afterCommit }));
    const evicted: string[] = [];
    caches.on('evict', ({ entry }) => evicted.push(entry.key));
    await caches.del('1');
    await until(() => errors.length > 0);
    expect([errors, evicted]).toEqual([[{ error: BROKEN }], ['1']]);
  });

  it.each([
    [{ current: 'cls' }, 'transaction.current'],
    [{ resolve: () => undefined }, 'transaction.resolve'],
    [{}, 'transaction.current'],
    ['cls', 'transaction'],
  ])('is checked at boot: %p', async (transaction, option) => {
    const cache = { transaction } as unknown as RedisCacheModuleOptions;
    const booting = apps.boot({ cache });
    await expect(booting).rejects.toMatchObject({ name: 'InvalidCacheOptionsError', option });
  });
});
