import type { CachePolicy } from '../config/cache-policy.js';
import type { StatedPolicy } from '../config/resolve-policy.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { CachePolicies } from './cache-policies.js';

interface Said {
  defaults?: CachePolicy;
  caches?: Record<string, CachePolicy>;
}

function policiesOf({ defaults = {}, caches = {} }: Said = {}): CachePolicies {
  return new CachePolicies(defaults, caches, '5s');
}

const by = (place: string, policy: CachePolicy = {}): StatedPolicy => ({ place, policy });

const ALL_AGREE =
  `All users of a cache must agree on it, or they would not find each other's entries: ` +
  `say it in one place, best in the module's caches.`;

describe('CachePolicies', () => {
  describe('of a cache', () => {
    it("takes what the module's caches say, then its defaults, then those of the library", () => {
      const policies = policiesOf({
        defaults: { ttl: '2m', jitter: 0.1 },
        caches: { lead: { ttl: '1m' } },
      });
      expect(policies.of('lead')).toMatchObject({ ttlMs: 60_000, jitter: 0.1, version: 1 });
      expect(policies.of('other')).toMatchObject({ ttlMs: 120_000, jitter: 0.1, version: 1 });
    });

    it('is there for those that were used or spoken of, and asking makes none', () => {
      const policies = policiesOf({ caches: { lead: {} } });
      policies.of('used');
      policies.for('decorated', by('@Cacheable'));
      expect(policies.has('other')).toBe(false);
      expect(policies.names).toEqual(['lead', 'used', 'decorated']);
      expect(policies.names.every((name) => policies.has(name))).toBe(true);
    });

    it('is decided once', () => {
      const policies = policiesOf();
      expect(policies.of('lead')).toBe(policies.of('lead'));
    });

    it.each(['__proto__', 'constructor', 'toString'])(
      'named %s has no policy by accident',
      (name) => {
        const policies = policiesOf({ caches: { lead: { ttl: '1m' } } });
        expect(policies.of(name).ttlMs).toBe(300_000);
      },
    );

    it('named __proto__ may have a policy', () => {
      const caches = JSON.parse('{"__proto__":{"ttl":"1m"}}') as Record<string, CachePolicy>;
      expect(policiesOf({ caches }).of('__proto__').ttlMs).toBe(60_000);
    });
  });

  describe('for one of its users', () => {
    it('goes by what the user says, then the cache, the class, the module', () => {
      const policies = policiesOf({
        defaults: { ttl: '4m', grace: '4m', jitter: 0.4, maxBytes: 4 },
        caches: { lead: { ttl: '2m', grace: '2m' } },
      });
      const ofClass = by('class', { ttl: '3m', grace: '3m', jitter: 0.3 });
      expect(policies.for('lead', by('method', { ttl: '1m' }), ofClass)).toMatchObject({
        ttlMs: 60_000,
        graceMs: 120_000,
        jitter: 0.3,
        maxBytes: 4,
      });
    });

    it('differs for that user only', () => {
      const policies = policiesOf();
      policies.for('lead', by('method', { ttl: '1m' }), by('class', { grace: '1m' }));
      expect(policies.of('lead')).toMatchObject({ ttlMs: 300_000, graceMs: 0 });
      expect(policies.for('lead', by('other'))).toMatchObject({ ttlMs: 300_000, graceMs: 0 });
    });
  });

  describe('scope and version', () => {
    it('hold for all users of the cache, whoever states them, before and after', () => {
      const policies = policiesOf();
      expect(policies.of('lead')).toMatchObject({ scope: 'tenant', version: 1 });
      policies.for('lead', by('first', { scope: 'global' }));
      policies.for('lead', by('second', { version: 2 }));
      const expected = { scope: 'global', version: 2 };
      expect(policies.of('lead')).toMatchObject(expected);
      expect(policies.for('lead', by('third'))).toMatchObject(expected);
    });

    it('hold for no other cache', () => {
      const policies = policiesOf();
      policies.for('lead', by('method', { scope: 'global', version: 2 }));
      expect(policies.of('note')).toMatchObject({ scope: 'tenant', version: 1 });
    });

    it('may be stated by several who agree', () => {
      const policies = policiesOf({ caches: { lead: { version: 2 } } });
      policies.for('lead', by('method', { version: 2 }), by('class', { version: 2 }));
      expect(policies.of('lead').version).toBe(2);
    });

    it('are those of the class where nobody more specific says otherwise', () => {
      const policies = policiesOf({ caches: { lead: { version: 2 } } });
      const ofClass = by('class', { scope: 'global', version: 9 });
      const expected = { scope: 'global', version: 2 };
      expect(policies.for('lead', by('method'), ofClass)).toMatchObject(expected);
      expect(policies.of('lead')).toMatchObject(expected);
      const said = by('method of note', { scope: 'tenant', version: 3 });
      expect(policies.for('note', said, ofClass)).toMatchObject({ scope: 'tenant', version: 3 });
    });

    it('change the revision when they change, and only then', () => {
      const policies = policiesOf({ caches: { lead: { version: 2 } } });
      const before = policies.revision;
      policies.for('lead', by('method', { version: 2, ttl: '1m' }));
      expect(policies.revision).toBe(before);
      policies.for('lead', by('method', { scope: 'global' }));
      expect(policies.revision).not.toBe(before);
    });

    it.each<[keyof CachePolicy, CachePolicy, CachePolicy, string]>([
      ['scope', { scope: 'tenant' }, { scope: 'global' }, `'global'; expected tenant`],
      ['scope', { scope: 'global' }, { scope: 'tenant' }, `'tenant'; expected global`],
      ['version', { version: 1 }, { version: 2 }, '2; expected 1'],
      ['version', { version: 0 }, { version: 1 }, '1; expected 0'],
    ])('are refused where two users contradict each other: %s', (field, one, other, text) => {
      const policies = policiesOf();
      policies.for('lead', by('@Cacheable on A.b', one));
      const refused = () => policies.for('lead', by('@Cacheable on C.d', other));
      expect(refused).toThrow(InvalidCacheOptionsError);
      expect(refused).toThrow(
        new Error(
          `Option @Cacheable on C.d.${field} is ${text}, as @Cacheable on A.b says ` +
            `for the cache 'lead'. ${ALL_AGREE}`,
        ),
      );
      expect(policies.of('lead')).toMatchObject(one);
    });

    it('are refused by the name of who stated the one that is contradicted', () => {
      const policies = policiesOf({ caches: { lead: { scope: 'global' } } });
      policies.for('lead', by('@Cacheable on A.b', { version: 2 }));
      const refusal = (policy: CachePolicy) => () => policies.for('lead', by('C', policy));
      expect(refusal({ version: 3 })).toThrow(`expected 2, as @Cacheable on A.b says`);
      expect(refusal({ scope: 'tenant' })).toThrow(`expected global, as caches['lead'] says`);
    });

    it('are checked like every other field, by the place that states them', () => {
      const refused = () => policiesOf().for('lead', by('@Cacheable on A.b', { version: 1.5 }));
      expect(refused).toThrow(/^Option @Cacheable on A\.b\.version is 1\.5; expected a whole/);
    });
  });

  describe('for a single call', () => {
    it('goes by what the call says, then the cache, then the module', () => {
      const policies = policiesOf({
        defaults: { jitter: 0.4, maxBytes: 4 },
        caches: { lead: { ttl: '2m', jitter: 0.2 } },
      });
      expect(policies.forCall('lead', by('call', { ttl: '1m' }))).toMatchObject({
        ttlMs: 60_000,
        jitter: 0.2,
        maxBytes: 4,
      });
      expect(policies.of('lead').ttlMs).toBe(120_000);
    });

    it.each<[keyof CachePolicy, CachePolicy]>([
      ['scope', { scope: 'global' }],
      ['version', { version: 2 }],
    ])('cannot decide the %s, which holds for all others', (field, policy) => {
      const policies = policiesOf();
      expect(() => policies.forCall('lead', by('policy of lead.wrap', policy))).toThrow(
        new InvalidCacheOptionsError(
          `policy of lead.wrap.${field}`,
          policy[field],
          'not to be stated for a single call',
          `It holds for all users of a cache: say it in the module's caches.`,
        ),
      );
      expect(policies.of('lead')).toMatchObject({ scope: 'tenant', version: 1 });
    });

    it('is checked like any other policy', () => {
      const refused = (policy: unknown) => () =>
        policiesOf().forCall('lead', by('policy of lead.wrap', policy as CachePolicy));
      expect(refused({ tll: 1 })).toThrow(
        /^Option policy of lead\.wrap\.tll is '\*\*\*'; expected/,
      );
      expect(refused(null)).toThrow(/^Option policy of lead\.wrap is null; expected an object\./);
    });
  });

  it('refuses persist of whoever is not the module, as those who only evict have to know', () => {
    const persist = { persist: true };
    const message =
      /^Option method\.persist is true; expected to be stated in the module's options alone/;
    expect(() => policiesOf().for('lead', by('method', persist))).toThrow(message);
    expect(() => policiesOf().for('lead', by('other'), by('method', persist))).toThrow(message);
    expect(() => policiesOf().forCall('lead', by('method', persist))).toThrow(message);
    expect(policiesOf({ caches: { lead: persist } }).of('lead').persist).toEqual({
      ttlMs: undefined,
    });
  });

  describe('the name of a cache', () => {
    const NAME = `expected a string of 1 to 100 characters. Name the kind of data, for instance 'lead.byPhone'.`;

    it.each<[unknown, string]>([
      ['', `''`],
      ['x'.repeat(101), `'${'x'.repeat(60)}'... 41 more chara…`],
      [undefined, 'undefined'],
      [5, '5'],
      [['lead'], `[ 'lead' ]`],
    ])('cannot be %p', (name, shown) => {
      const policies = policiesOf();
      const error = new Error(`Option cache name is ${shown}; ${NAME}`);
      expect(() => policies.of(name as string)).toThrow(error);
      expect(() => policies.for(name as string, by('method'))).toThrow(error);
      expect(() => policies.of(name as string)).toThrow(InvalidCacheOptionsError);
    });

    it.each(['', 'x'.repeat(101)])("is checked in the module's caches too: %j", (name) => {
      expect(() => policiesOf({ caches: { [name]: {} } })).toThrow(NAME);
    });

    it.each(['x'.repeat(100), ' ', 'a/b{c}*', 'ü'])('can be %j', (name) => {
      expect(policiesOf().of(name).ttlMs).toBe(300_000);
    });

    it('is one of at most 1000, or keys were taken for names; those known go on working', () => {
      const policies = policiesOf();
      const names = Array.from({ length: 1_000 }, (_, index) => `cache-${String(index)}`);
      for (const name of names) policies.of(name);
      const tooMany = new Error(
        `Option cache name is 'lead:42'; expected one of at most 1000 names. ` +
          `A cache is a kind of data; what differs from entry to entry belongs into the key.`,
      );
      expect(() => policies.of('lead:42')).toThrow(tooMany);
      expect(() => policies.for('lead:42', by('method'))).toThrow(tooMany);
      expect(policies.of('cache-999').ttlMs).toBe(300_000);
      expect(policies.for('cache-0', by('method', { ttl: 1 })).ttlMs).toBe(1);
    });
  });
});
