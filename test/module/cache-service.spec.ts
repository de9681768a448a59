import {
  InvalidCacheKeyError,
  InvalidCacheOptionsError,
  UncacheableValueError,
  type CacheKey,
  type Duration,
  type SetOptions,
  type CacheService,
} from 'nestjs-redis-cache';
import { CacheApps, TIERS } from '../support/cache-apps.js';
import { RecordingLogger } from './support/recording-logger.js';
import { LOOK_ALIKE_KEYS } from './support/look-alike-keys.js';

const NO_COUNTS = {
  nearHits: 0,
  farHits: 0,
  persistentHits: 0,
  misses: 0,
  missedBy: {
    absent: 0,
    expired: 0,
    outdated: 0,
    undecodable: 0,
    newer: 0,
    suspended: 0,
    timeout: 0,
    refused: 0,
  },
  staleServed: 0,
  joined: 0,
  leasesWon: 0,
  leasesLost: 0,
  waited: 0,
  loads: 0,
  loadErrors: 0,
  refreshes: 0,
  fills: 0,
  persistentFills: 0,
  refusedFills: 0,
  evictions: 0,
  remoteEvictions: 0,
  bypassed: 0,
  bypassedBy: {
    condition: 0,
    full: 0,
    recursion: 0,
    overdue: 0,
    uncopyable: 0,
    closed: 0,
    off: 0,
    shadow: 0,
  },
  shadowHits: 0,
  shadowMisses: 0,
  uncacheable: 0,
  outdated: 0,
  undecodable: 0,
  farErrors: 0,
};

const NO_EVICTIONS = {
  pattern: { here: 0, remote: 0 },
  entry: { here: 0, remote: 0 },
  tag: { here: 0, remote: 0 },
  cache: { here: 0, remote: 0 },
  tenant: { here: 0, remote: 0 },
  all: { here: 0, remote: 0 },
};

const ANY_LATENCY = expect.objectContaining({ count: expect.any(Number) as number }) as unknown;

describe.each(TIERS)('CacheService (%s)', (tier) => {
  const apps = new CacheApps();
  let caches: CacheService;

  beforeEach(async () => {
    const app = await apps.boot({
      tier,
      // Without a bus, which has to prove itself first: hits are near hits from the start.
      cache: { coherence: 'ttl', caches: { lead: { version: 3, maxBytes: 1_000 } } },
    });
    caches = app.caches;
  });

  const acme = () => caches.forTenant('acme');

  it('stores, finds and deletes a value', async () => {
    const cache = acme();
    expect([await cache.get('k'), await cache.exists('k')]).toEqual([undefined, false]);
    await cache.set('k', { name: 'Ada', since: new Date(0) });
    expect([await cache.get('k'), await cache.exists('k')]).toEqual([
      { name: 'Ada', since: new Date(0) },
      true,
    ]);
    await cache.set('k', 'later');
    expect(await cache.get('k')).toBe('later');
    expect([await cache.del('k'), await cache.del('k')]).toEqual([true, false]);
    expect([await cache.get('k'), await cache.exists('k')]).toEqual([undefined, false]);
  });

  it('tells a value that is undefined from none', async () => {
    await acme().set('k', undefined);
    expect([await acme().get('k'), await acme().exists('k')]).toEqual([undefined, true]);
  });

  it('gives each caller a value of its own', async () => {
    const original = { tags: ['a'] };
    await acme().set('k', original);
    original.tags.push('changed after the set');
    const hit = await acme().get<{ tags: string[] }>('k');
    hit?.tags.push('changed after the get');
    expect(await acme().get('k')).toEqual({ tags: ['a'] });
  });

  it('keeps keys of all kinds apart', async () => {
    for (const [index, [key]] of LOOK_ALIKE_KEYS.entries()) await acme().set(key, index);
    const values = await acme().mget(LOOK_ALIKE_KEYS.map(([key]) => key));
    expect(values).toEqual(LOOK_ALIKE_KEYS.map((_, index) => index));
  });

  it('takes an array for several parts, as the arguments of a method are', async () => {
    await acme().set(['k'], 'v');
    expect(await acme().get('k')).toBe('v');
  });

  it.each<[string, unknown, string]>([
    ['null', null, 'key is null. Return what tells the entries apart,'],
    ['undefined', undefined, 'key is undefined. Return what tells the entries apart,'],
    ['a symbol', Symbol('k'), 'key is a symbol.'],
    ['a function', () => 1, 'key is a function.'],
    ['with a function inside', { where: { by: () => 1 } }, 'key.where.by is a function.'],
    ['several, one of them a symbol', ['a', Symbol('b')], 'key[1] is a symbol.'],
  ])('refuses a key that is %s', async (_what, key, message) => {
    const load = jest.fn();
    const calls = [
      () => acme().get(key as CacheKey),
      () => acme().set(key as CacheKey, 1),
      () => acme().del(key as CacheKey),
      () => acme().exists(key as CacheKey),
      () => acme().wrap(key as CacheKey, load),
      () => acme().mget([key as CacheKey]),
      () => acme().mset([[key as CacheKey, 1]]),
      () => acme().mdel([key as CacheKey]),
    ];
    for (const call of calls) {
      const refused = call();
      await expect(refused).rejects.toBeInstanceOf(InvalidCacheKeyError);
      await expect(refused).rejects.toThrow(`Cannot make a cache key: ${message}`);
    }
    expect(load).not.toHaveBeenCalled();
  });

  it.each(['5', 'soon', -1, NaN])('refuses a ttl of %p and stores nothing', async (ttl) => {
    const refusals = [
      ['set', () => acme().set('k', 1, ttl as Duration)],
      ['set', () => acme().set('k', 1, { ttl: ttl as Duration })],
      ['set', () => acme().mset([['k', 1]], ttl as Duration)],
      ['wrap', () => acme().wrap('k', () => 1, ttl as Duration)],
    ] as const;
    for (const [method, call] of refusals) {
      const shown = typeof ttl === 'string' ? `'${ttl}'` : String(ttl);
      await expect(call()).rejects.toThrow(
        `Option ttl of default.${method} is ${shown}; expected `,
      );
    }
    expect(await acme().exists('k')).toBe(false);
  });

  it.each<[unknown, string]>([
    [null, ' is null; expected an object. Leave it out for the defaults.'],
    [
      { tll: '5m' },
      `.tll is '***'; expected one of the fields ttl, tags. Remove it or correct its name.`,
    ],
  ])('refuses %j for the options of a set, and stores nothing', async (options, message) => {
    const refused = acme().set('k', 1, options as SetOptions);
    await expect(refused).rejects.toBeInstanceOf(InvalidCacheOptionsError);
    await expect(refused).rejects.toThrow(`Option options of default.set${message}`);
    expect(await acme().exists('k')).toBe(false);
  });

  it.each<[string, Duration | SetOptions]>([
    ['0', 0],
    ["'0s'", '0s'],
    ['{ ttl: 0 }', { ttl: 0 }],
  ])('removes the earlier value by a set with a ttl of %s', async (_ttl, options) => {
    await acme().set('k', 'old');
    await acme().set('k', 'new', options);
    expect(await acme().exists('k')).toBe(false);
  });

  describe('several keys at once', () => {
    it('are read in their order, with undefined where there is nothing', async () => {
      await acme().set('a', 1);
      await acme().set('c', 3);
      expect(await acme().mget(['c', 'b', 'a', 'c'])).toEqual([3, undefined, 1, 3]);
      expect(await acme().mget([])).toEqual([]);
    });

    it('are stored, and deleted with a count of those that were there', async () => {
      await acme().mset([
        ['a', 1],
        [['b', 2], { n: 2 }],
      ]);
      expect(await acme().mget(['a', ['b', 2]])).toEqual([1, { n: 2 }]);
      expect(await acme().mdel(['a', 'missing', ['b', 2]])).toBe(2);
      expect(await acme().mdel(['a'])).toBe(0);
      await acme().mset([]);
      expect(await acme().mget(['a', ['b', 2]])).toEqual([undefined, undefined]);
    });
  });

  describe('a value that cannot be carried', () => {
    class Lead {}

    it('is refused by set, with the place and what to do', async () => {
      await acme().set('k', 'old');
      const refused = acme().set('k', { owner: { lead: new Lead() } });
      await expect(refused).rejects.toBeInstanceOf(UncacheableValueError);
      await expect(refused).rejects.toThrow(
        'Cannot cache this value: value.owner.lead is an instance of Lead. Name the class in the ' +
          'policy of the cache, type: () => Lead, if its properties are all there is to it; ' +
          'or return a plain object, or give the cache a codec.',
      );
    });

    it('is answered by wrap as it is, and not stored', async () => {
      const lead = new Lead();
      expect(await acme().wrap('k', () => lead)).toBe(lead);
      expect(await acme().exists('k')).toBe(false);
      expect(caches.getStats().total.uncacheable).toBe(1);
    });

    it('is removed and not stored by set where it is too large', async () => {
      const leads = acme().cache('lead');
      await leads.set('k', 'small');
      await leads.set('k', 'x'.repeat(1_000));
      expect(await leads.exists('k')).toBe(false);
      expect(caches.getStats().caches.lead).toMatchObject({ uncacheable: 1 });
    });
  });

  it.each<[unknown, string]>([
    ['', `''`],
    ['x'.repeat(101), `'${'x'.repeat(60)}'... 41 more chara…`],
    [undefined, 'undefined'],
  ])('refuses %p for the name of a cache', (name, shown) => {
    expect(() => caches.cache(name as string)).toThrow(
      new Error(
        `Option cache name is ${shown}; expected a string of 1 to 100 characters. ` +
          `Name the kind of data, for instance 'lead.byPhone'.`,
      ),
    );
  });

  it('keeps caches of different names and versions apart', async () => {
    await acme().set('k', 'of default');
    await acme().cache('lead').set('k', 'of lead');
    expect([
      await acme().get('k'),
      await acme().cache('default').get('k'),
      await acme().cache('lead').get('k'),
      await acme().cache('other').get('k'),
    ]).toEqual(['of default', 'of default', 'of lead', undefined]);
  });

  describe('on', () => {
    it('tells what happens, until it is told to stop', async () => {
      const heard: unknown[] = [];
      const stop = caches.on('evict', (event) => heard.push(event));
      caches.on('loadError', ({ entry, error }) => heard.push([entry.key, error]));
      await acme().del(['k', 1]);
      await acme()
        .wrap('w', () => Promise.reject(new Error('own')))
        .catch(() => undefined);
      stop();
      await acme().del('k');
      const { entry } = heard[0] as { entry: { redisKey: string } };
      expect(heard).toEqual([
        {
          entry: {
            tenant: 'acme',
            cache: 'default',
            version: 1,
            key: 'k;:1',
            redisKey: entry.redisKey,
          },
          acknowledged: true,
        },
        ['w', new Error('own')],
      ]);
      expect(entry.redisKey).toMatch(/:\{acme\/default@1\/k;:1\}$/);
    });
  });

  it('logs the error of a listener, which disturbs neither the call nor other listeners', async () => {
    const logger = new RecordingLogger();
    const app = await apps.boot({ tier, logger });
    const error = new Error('of the listener');
    app.caches.on('evict', () => {
      throw error;
    });
    const other = jest.fn();
    app.caches.on('evict', other);
    expect(await app.caches.forTenant('acme').del('k')).toBe(false);
    expect(other).toHaveBeenCalledTimes(1);
    expect(logger.of('error')).toEqual([[`A listener of 'evict' threw`, error, 'RedisCache']]);
  });

  it('warns once for each cache that its values are not stored, and says why', async () => {
    const logger = new RecordingLogger();
    const app = await apps.boot({ tier, logger });
    const view = app.caches.forTenant('acme');
    for (const name of ['lead', 'lead', 'note']) {
      await view.cache(name).wrap('k', () => new WeakMap());
    }
    const reason =
      'Cannot cache this value: value is an instance of WeakMap. ' +
      'Cache data only: leave it out, or return what is needed of it.';
    expect(logger.of('warn')).toEqual([
      [`A value of the cache 'lead' was answered but not stored: ${reason}`, 'RedisCache'],
      [`A value of the cache 'note' was answered but not stored: ${reason}`, 'RedisCache'],
    ]);
  });

  it('counts what every cache did, and all together', async () => {
    const [lead, note] = [acme().cache('lead'), acme().cache('note')];
    await lead.wrap('a', () => 1);
    await lead.wrap('a', () => 1);
    await lead.get('b');
    await lead.set('b', 2);
    await lead.exists('b');
    await lead.del('b');
    await note.wrap('c', () => Promise.reject(new Error('own'))).catch(() => undefined);
    const leases = (leasesWon: number) => (tier === 'redis' ? { leasesWon } : {});
    const ofLead = { misses: 2, loads: 1, nearHits: 2, fills: 2, evictions: 1, ...leases(1) };
    const ofNote = { misses: 1, loads: 1, loadErrors: 1, ...leases(1) };
    const inTotal = { misses: 3, loads: 2, loadErrors: 1, nearHits: 2, fills: 2, evictions: 1 };
    const absent = (count: number) => ({ missedBy: { ...NO_COUNTS.missedBy, absent: count } });
    const rest = {
      latency: { near: ANY_LATENCY, far: ANY_LATENCY, load: ANY_LATENCY },
      near: { entries: expect.any(Number) as unknown, bytes: expect.any(Number) as unknown },
    };
    const bytes = expect.any(Number) as unknown;
    const isRedis = tier === 'redis';
    expect(caches.getStats()).toEqual({
      mode: tier,
      connection: isRedis ? 'ready' : undefined,
      period: { fromMs: expect.any(Number) as unknown, toMs: expect.any(Number) as unknown },
      total: { ...NO_COUNTS, ...inTotal, ...leases(2), ...absent(3), ...rest },
      caches: {
        lead: { ...NO_COUNTS, ...ofLead, ...absent(2), ...rest, near: { entries: 1, bytes } },
        note: { ...NO_COUNTS, ...ofNote, ...absent(1), ...rest, near: { entries: 0, bytes: 0 } },
      },
      evictions: { ...NO_EVICTIONS, entry: { here: 1, remote: 0 } },
      tenants: {
        calls: [{ tenant: 'acme', count: expect.any(Number) as unknown, excess: 0 }],
        loads: [{ tenant: 'acme', count: 2, excess: 0 }],
      },
      near: { entries: 1, bytes, evictions: 0 },
      flights: 0,
      // The eviction, to be replayed should Redis lose it.
      journal: { size: isRedis ? 1 : 0, unacknowledged: 0 },
      // Neither has one.
      bus: { trusted: true, delayMs: undefined, malformed: 0 },
    });
  });

  it('gives statistics that do not change any more', async () => {
    await acme().wrap('k', () => 1);
    const before = caches.getStats();
    await acme().wrap('k', () => 1);
    expect(before.caches.default).toMatchObject({ nearHits: 0, misses: 1, loads: 1, fills: 1 });
  });
});
