import { ValueCodec } from '../codec/value-codec.js';
import type { Codec } from '../codec/codec.interface.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import type { CachePolicy, NearPolicy } from './cache-policy.js';
import { resolvePolicy, type ResolvedPolicy, type StatedPolicy } from './resolve-policy.js';

class Lead {}
class Note {}

const codec: Codec = {
  id: 16,
  name: 'text',
  encode: (value) => Buffer.from(String(value)),
  decode: (bytes) => Buffer.from(bytes).toString(),
};

/** Policies by the place they are stated in, the most specific first. */
function resolve(stated: Record<string, CachePolicy>): ResolvedPolicy {
  const list = Object.entries(stated).map(([place, policy]) => ({ place, policy }));
  return resolvePolicy(list, '5s');
}

function nearOf(stated: Record<string, NearPolicy | boolean>): ResolvedPolicy['near'] {
  return resolve(
    Object.fromEntries(Object.entries(stated).map(([place, near]) => [place, { near }])),
  ).near;
}

describe('resolvePolicy', () => {
  it('takes the defaults where nothing is said', () => {
    const expected = {
      ttlMs: 300_000,
      graceMs: 0,
      refreshAhead: 0,
      jitter: 0,
      scope: 'tenant',
      version: 1,
      near: { ttlMs: 5_000, share: false },
      softTimeoutMs: 0,
      loadTimeoutMs: 30_000,
      waitTimeoutMs: 10_000,
      maxBytes: 1_048_576,
      compressFromBytes: false,
      persist: false,
      codec: expect.any(ValueCodec) as unknown,
    };
    expect(resolvePolicy([], '5s')).toEqual(expected);
    expect(resolve({ method: {}, defaults: {} })).toEqual(expected);
  });

  it('takes each field from the most specific place that states it', () => {
    const policy = resolve({
      method: { ttl: '1s', jitter: 0 },
      cache: { ttl: '2s', grace: '20s', scope: 'global', version: 0, compressFromBytes: false },
      defaults: {
        ttl: '3s',
        grace: '30s',
        jitter: 0.3,
        version: 3,
        refreshAhead: 0.75,
        softTimeout: '300ms',
        loadTimeout: '3m',
        waitTimeout: 0,
        maxBytes: 1,
        compressFromBytes: 1_000,
      },
    });
    expect(policy).toMatchObject({
      ttlMs: 1_000,
      graceMs: 20_000,
      jitter: 0,
      scope: 'global',
      version: 0,
      refreshAhead: 0.75,
      softTimeoutMs: 300,
      loadTimeoutMs: 180_000,
      waitTimeoutMs: 0,
      maxBytes: 1,
      compressFromBytes: false,
    });
  });

  it('takes a field spelled out as undefined for one that is not stated', () => {
    const unsaid = { ttl: undefined, near: undefined, type: undefined } as unknown as CachePolicy;
    expect(resolve({ method: unsaid, cache: { ttl: '2s', near: false } })).toMatchObject({
      ttlMs: 2_000,
      near: false,
    });
  });

  describe('near', () => {
    it('is merged field by field', () => {
      expect(
        nearOf({
          method: { share: true },
          cache: { ttl: '2s', share: false },
          defaults: { ttl: 9 },
        }),
      ).toEqual({ ttlMs: 2_000, share: true });
    });

    it('takes the ttl of the module where no policy states one', () => {
      expect(nearOf({ method: { share: true }, defaults: true })).toEqual({
        ttlMs: 5_000,
        share: true,
      });
    });

    it('is left out where the most specific place says so', () => {
      expect(nearOf({ method: false, cache: { ttl: '2s' } })).toBe(false);
    });

    it.each([true, {}])('is switched on again by a more specific %j', (near) => {
      expect(nearOf({ method: near, cache: false, defaults: { ttl: '2s' } })).toEqual({
        ttlMs: 2_000,
        share: false,
      });
    });

    it('is off for every policy where the module has no near tier', () => {
      const stated: StatedPolicy = { place: 'method', policy: { near: { ttl: '2s' } } };
      expect(resolvePolicy([stated], false).near).toBe(false);
    });

    it('may have a ttl of 0', () => {
      expect(nearOf({ method: { ttl: 0 } })).toEqual({ ttlMs: 0, share: false });
    });
  });

  describe('codec and type', () => {
    it('carry instances of the classes that are named, one or several', () => {
      const one = resolve({ method: { type: () => Lead } }).codec;
      const several = resolve({ method: {}, cache: { type: () => [Lead, Note] } }).codec;
      for (const [carrier, value] of [
        [one, new Lead()],
        [several, new Note()],
      ] as const) {
        const { codecId, payload } = carrier.encode(value);
        expect(Object.getPrototypeOf(carrier.decode(codecId, payload))).toBe(
          Object.getPrototypeOf(value),
        );
      }
      expect(() => one.encode(new Note())).toThrow('is an instance of Note');
    });

    it('replace the built-in encoding by that of the user', () => {
      const { codecId, payload } = resolve({ defaults: { codec } }).codec.encode(42);
      expect([codecId, Buffer.from(payload).toString()]).toEqual([16, '42']);
    });
  });

  describe('refuses', () => {
    const DURATION =
      `milliseconds from 0 to ten years, or a number with a unit (ms, s, m, h, d). ` +
      `Write for instance 900000 or '15m'.`;
    const SHARE = 'a number from 0 to 1. It is a share: 0.8 means 80 %.';
    const DEFAULT = 'Set it to such a number, or leave it out for the default.';
    const SCOPE = `'tenant' or 'global'. Use 'global' only for entries that belong to no tenant.`;
    const TYPE =
      'a function that returns a class or an array of classes. ' +
      'Write for instance type: () => Lead.';

    it.each<[string, unknown, string]>([
      ['ttl', '15 minutes', `.ttl is '15 minutes'; expected ${DURATION}`],
      ['ttl', null, `.ttl is null; expected ${DURATION}`],
      ['grace', -1, `.grace is -1; expected ${DURATION}`],
      ['softTimeout', '1', `.softTimeout is '1'; expected ${DURATION}`],
      ['loadTimeout', Infinity, `.loadTimeout is Infinity; expected ${DURATION}`],
      ['waitTimeout', NaN, `.waitTimeout is NaN; expected ${DURATION}`],
      [
        'loadTimeout',
        0,
        '.loadTimeout is 0; expected a time of at least 1 ms. ' +
          'A load that has no time is never stored: use ttl: 0 to store nothing.',
      ],
      ['refreshAhead', 80, `.refreshAhead is 80; expected ${SHARE}`],
      ['jitter', -0.1, `.jitter is -0.1; expected ${SHARE}`],
      ['scope', 'organization', `.scope is 'organization'; expected ${SCOPE}`],
      ['scope', '', `.scope is ''; expected ${SCOPE}`],
      ['version', 1.5, `.version is 1.5; expected a whole number from 0 up. ${DEFAULT}`],
      ['version', '2', `.version is '2'; expected a whole number from 0 up. ${DEFAULT}`],
      ['maxBytes', 0, `.maxBytes is 0; expected a whole number from 1 up. ${DEFAULT}`],
      ['maxBytes', '1mb', `.maxBytes is '1mb'; expected a whole number from 1 up. ${DEFAULT}`],
      [
        'compressFromBytes',
        -1,
        `.compressFromBytes is -1; expected a whole number from 0 up. ${DEFAULT}`,
      ],
      [
        'compressFromBytes',
        true,
        `.compressFromBytes is true; expected a whole number from 0 up. ${DEFAULT}`,
      ],
      ['near', 'off', `.near is '***'; expected an object. Leave it out for the defaults.`],
      ['near', null, `.near is null; expected an object. Leave it out for the defaults.`],
      [
        'near',
        { shared: true },
        `.near.shared is '***'; expected one of the fields ttl, share. Remove it or correct its name.`,
      ],
      ['near', { ttl: 'long' }, `.near.ttl is 'long'; expected ${DURATION}`],
      [
        'near',
        { share: 'yes' },
        `.near.share is 'yes'; expected true or false. ` +
          `Set it to one of them, or leave it out for the default.`,
      ],
      ['type', Lead.name, `.type is 'Lead'; expected ${TYPE}`],
      ['type', () => undefined, `.type is [Function: type]; expected ${TYPE}`],
      ['type', () => [Lead, 'Note'], `.type is [Function: type]; expected ${TYPE}`],
      [
        'type',
        () => Map,
        '.type is [Function: Map]; expected a class that does not extend a built-in one. ' +
          'Built-in values need no class here; what extends one goes through a codec of your own.',
      ],
      [
        'codec',
        'msgpack',
        `.codec is 'msgpack'; expected an object with id, name, encode and decode. ` +
          `See the interface Codec.`,
      ],
      [
        'codec',
        { ...codec, id: 3 },
        '.codec.id is 3; expected a whole number from 16 to 127. ' +
          'It is stored with each entry: give every format an id of its own.',
      ],
      [
        'tttl',
        '15m',
        `.tttl is '***'; expected one of the fields ttl, grace, refreshAhead, jitter, scope, ` +
          `version, near, softTimeout, loadTimeout, waitTimeout, maxBytes, compressFromBytes, persist, enabled, codec, type, rollout. ` +
          `Remove it or correct its name.`,
      ],
    ])('%s: %p', (field, value, message) => {
      // The function's name is part of what is shown of it.
      if (typeof value === 'function') Object.defineProperty(value, 'name', { value: field });
      const stated = { method: {}, "caches['lead']": { [field]: value } as CachePolicy };
      const expected = `Option caches['lead']${message}`;
      expect(() => resolve({ ...stated, defaults: { ttl: '1s' } })).toThrow(new Error(expected));
      expect(() => resolve(stated)).toThrow(InvalidCacheOptionsError);
    });

    it.each([null, 'fast', ['ttl']])('a policy that is %j', (policy) => {
      expect(() => resolve({ defaults: policy as CachePolicy })).toThrow(
        /^Option defaults is .*; expected an object\. Leave it out for the defaults\.$/,
      );
    });

    it('a ttl of the near tier that the module states, by its own place', () => {
      expect(() => resolvePolicy([], '5' as '5s')).toThrow(/^Option near\.ttl is '5'; expected/);
    });

    it('an unknown field also where a more specific place states everything', () => {
      const wrong = { expire: 5 } as CachePolicy;
      expect(() => resolve({ method: { ttl: '1s' }, defaults: wrong })).toThrow(
        /^Option defaults\.expire is /,
      );
    });
  });
});
