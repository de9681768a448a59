import fc from 'fast-check';
import { InvalidCacheKeyError } from '../errors/invalid-key.error.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { encodeKey } from './arguments.js';
import { hostileString } from './hostile-strings.fixture.js';
import { assertPrefix, KeySpace } from './key-space.js';
import { encodeSegment, isShortened } from './segment.js';

const RUNS = { numRuns: 3_000 };
const keys = new KeySpace('crm');

describe('KeySpace', () => {
  it.each([
    [
      keys.entry('acme', 'lead.byPhone', 1, '+15551234567'),
      'crm:{acme/lead.byPhone@1/+15551234567}',
    ],
    [keys.entry('acme', 'lead.all', 0, ''), 'crm:{acme/lead.all@0/}'],
    [keys.entry('a/b', 'x@2', 1, 'k'), 'crm:{a%2Fb/x@2@1/k}'],
    [keys.entry(null, 'settings', 1, 'theme'), 'crm:{/settings@1/theme}'],
    [keys.lease(keys.entry('acme', 'lead', 1, 'k')), 'crm:{acme/lead@1/k}:lease'],
    [keys.globalStamp(), 'crm:{}:stamp'],
    [keys.tenantStamp('acme'), 'crm:{acme}:stamp'],
    [keys.tenantStamp(null), 'crm:{/}:stamp'],
    [keys.cacheStamp('acme', 'lead.byPhone', 1), 'crm:{acme/lead.byPhone@1}:stamp'],
    [keys.cacheStamp(null, 'settings', 1), 'crm:{/settings@1}:stamp'],
    [keys.tagStamp('acme', 'lead~42'), 'crm:{acme/#lead~42}:stamp'],
    [keys.tagStamp(null, '#'), 'crm:{/#%23}:stamp'],
    [keys.limitCalls('acme', 'chat', 'user-1'), 'crm:{acme/!chat/user-1}:calls'],
    [keys.limitCalls(null, 'a/!b', 'k'), 'crm:{/!a%2F%21b/k}:calls'],
    [keys.limitBlock(keys.limitCalls('acme', 'chat', 'user-1')), 'crm:{acme/!chat/user-1}:block'],
    [keys.channel(), 'crm:bus'],
  ])('makes %s', (made, expected) => {
    expect(made).toBe(expected);
  });

  it('makes the same entry key from a scope prefix', () => {
    const scopePrefix = keys.scopePrefix('acme', 'lead.byPhone', 1);
    expect(scopePrefix).toBe('crm:{acme/lead.byPhone@1/');
    expect(keys.entryIn(scopePrefix, 'k')).toBe(keys.entry('acme', 'lead.byPhone', 1, 'k'));
  });

  it.each([
    ['an empty tenant', 'tenant', () => keys.entry('', 'lead', 1, 'k')],
    ['an empty tenant of a stamp', 'tenant', () => keys.tenantStamp('')],
    ['an undefined tenant', 'tenant', () => keys.tenantStamp(undefined as never)],
    ['a numeric tenant', 'tenant', () => keys.tagStamp(1 as never, 'tag')],
    ['an empty cache', 'cache', () => keys.entry('acme', '', 1, 'k')],
    ['an empty tag', 'tag', () => keys.tagStamp('acme', '')],
    ['an empty limit', 'rate limit', () => keys.limitCalls('acme', '', 'k')],
    ['a negative version', 'version', () => keys.scopePrefix('acme', 'lead', -1)],
    ['a fractional version', 'version', () => keys.cacheStamp('acme', 'lead', 1.5)],
    ['an unsafe version', 'version', () => keys.cacheStamp('acme', 'lead', 2 ** 53)],
    ['a textual version', 'version', () => keys.cacheStamp('acme', 'lead', '1' as never)],
  ])('refuses %s', (_what, path, make) => {
    expect(make).toThrow(InvalidCacheKeyError);
    expect(make).toThrow(expect.objectContaining({ path }));
  });
});

describe('assertPrefix', () => {
  it.each(['c', 'cache', 'crm:prod', 'A-Z_0.9~', 'x'.repeat(64)])('takes %s', (prefix) => {
    expect(() => assertPrefix(prefix)).not.toThrow();
    expect(new KeySpace(prefix).prefix).toBe(prefix);
  });

  it.each([
    '',
    ':',
    'crm:',
    ':crm',
    'crm*',
    '{crm}',
    'a b',
    'a/b',
    'a%',
    'crm\n',
    'é',
    'x'.repeat(65),
  ])('refuses %j', (prefix) => {
    expect(() => assertPrefix(prefix)).toThrow(InvalidCacheOptionsError);
    expect(() => new KeySpace(prefix)).toThrow(expect.objectContaining({ option: 'prefix' }));
  });
});

const name = hostileString.filter((text) => text !== '');
const tenant = fc.option(name, { freq: 4 });
const version = fc.oneof(fc.nat(3), fc.maxSafeNat());

/** Something a key is made for, with the key: every field that identifies it is in `id`. */
const made: fc.Arbitrary<{ id: string; redisKey: string; parsed: object }> = fc
  .record({
    kind: fc.constantFrom(
      'entry' as const,
      'lease' as const,
      'globalStamp' as const,
      'tenantStamp' as const,
      'cacheStamp' as const,
      'tagStamp' as const,
      'limitCalls' as const,
      'limitBlock' as const,
    ),
    tenant,
    cache: name,
    version,
    key: hostileString,
    tag: name,
  })
  .map(({ kind, tenant, cache, version, key, tag }) => {
    const text = encodeKey(key);
    const readTenant = tenant === null ? null : readable(tenant);
    const scope = { kind, tenant: readTenant, cache: readable(cache), version };
    switch (kind) {
      case 'entry':
      case 'lease': {
        const entry = keys.entry(tenant, cache, version, text);
        const redisKey = kind === 'lease' ? keys.lease(entry) : entry;
        return of([kind, tenant, cache, version, key], redisKey, { ...scope, key: text });
      }
      case 'globalStamp':
        return of([kind], keys.globalStamp(), { kind });
      case 'tenantStamp':
        return of([kind, tenant], keys.tenantStamp(tenant), { kind, tenant: readTenant });
      case 'cacheStamp':
        return of([kind, tenant, cache, version], keys.cacheStamp(tenant, cache, version), scope);
      case 'tagStamp': {
        const parsed = { kind, tenant: readTenant, tag: readable(tag) };
        return of([kind, tenant, tag], keys.tagStamp(tenant, tag), parsed);
      }
      case 'limitCalls':
      case 'limitBlock': {
        const calls = keys.limitCalls(tenant, cache, text);
        const redisKey = kind === 'limitBlock' ? keys.limitBlock(calls) : calls;
        const parsed = { kind, tenant: readTenant, limit: readable(cache), key: text };
        return of([kind, tenant, cache, key], redisKey, parsed);
      }
    }
  });

function of(id: unknown[], redisKey: string, parsed: object) {
  return { id: JSON.stringify(id), redisKey, parsed };
}

function readable(text: string): string | undefined {
  return isShortened(encodeSegment(text)) ? undefined : text;
}

describe('keys of hostile names', () => {
  it('are equal exactly for the same thing', () => {
    fc.assert(
      fc.property(made, made, (a, b) => (a.redisKey === b.redisKey) === (a.id === b.id)),
      { numRuns: 10_000 },
    );
  });

  it('keep pairs apart that meet when joined by a separator', () => {
    const parts = fc.array(fc.constantFrom('a', 'b', ':', '/', '@1', '#'), { maxLength: 3 });
    const part = parts.map((list) => list.join('')).filter((text) => text !== '');
    fc.assert(
      fc.property(fc.tuple(part, part, part), fc.tuple(part, part, part), (a, b) => {
        const [one, two] = [a, b].map(([t, c, k]) => keys.entry(t, c, 1, encodeKey(k)));
        return (one === two) === (a.join('\0') === b.join('\0'));
      }),
      { numRuns: 10_000 },
    );
  });

  it('are read back by parse, but for names that were shortened', () => {
    fc.assert(
      fc.property(made, ({ redisKey, parsed }) => {
        expect(keys.parse(redisKey)).toStrictEqual(parsed);
      }),
      RUNS,
    );
  });

  it('are split into the scope prefix and the key that they were made of', () => {
    fc.assert(
      fc.property(tenant, name, version, hostileString, (tenant, cache, version, key) => {
        const scopePrefix = keys.scopePrefix(tenant, cache, version);
        const encodedKey = encodeKey(key);
        const entry = keys.entryIn(scopePrefix, encodedKey);
        expect(keys.splitEntry(entry)).toEqual({ scopePrefix, encodedKey });
      }),
      RUNS,
    );
  });

  it('hold one pair of braces around all that identifies, and no glob character', () => {
    fc.assert(
      fc.property(made, ({ redisKey }) => {
        expect(redisKey).toMatch(/^crm:\{[^{}]*\}(:lease|:stamp|:calls|:block)?$/);
        expect(redisKey).not.toMatch(/[*?[\]^\\\s\0]/);
      }),
      RUNS,
    );
  });

  it('give an entry and its lease the same hash tag', () => {
    fc.assert(
      fc.property(tenant, name, hostileString, (tenant, cache, key) => {
        const entry = keys.entry(tenant, cache, 1, encodeKey(key));
        expect(hashTag(keys.lease(entry))).toBe(hashTag(entry));
        expect(hashTag(entry)).toBe(entry.slice('crm:{'.length, -1));
      }),
      RUNS,
    );
  });

  it('begin with the scope prefix of their own cache alone', () => {
    fc.assert(
      fc.property(tenant, name, tenant, name, hostileString, (t1, c1, t2, c2, key) => {
        const entry = keys.entry(t1, c1, 1, encodeKey(key));
        return entry.startsWith(keys.scopePrefix(t2, c2, 1)) === (t1 === t2 && c1 === c2);
      }),
      RUNS,
    );
  });
});

describe('what stands for work of one process', () => {
  it('has a lease in the same slot, and no role that an entry or a stamp has', () => {
    const done = keys.work('warm', 'leads/{recent}');
    expect(done).toBe('crm:{!warm/leads%2F%7Brecent%7D}:done');
    expect(hashTag(keys.lease(done))).toBe(hashTag(done));
    expect([keys.roleOf(done), keys.roleOf(keys.lease(done))]).toEqual([undefined, undefined]);
  });
});

/** As Redis Cluster finds it: from the first `{` to the first `}` after it. */
function hashTag(redisKey: string): string {
  const start = redisKey.indexOf('{') + 1;
  return redisKey.slice(start, redisKey.indexOf('}', start));
}

describe('KeySpace.parse', () => {
  it.each([
    ['another prefix', 'crm:prod:{acme}:stamp'],
    ['no prefix', '{acme}:stamp'],
    ['the channel', 'crm:bus'],
    ['no closing brace', 'crm:{acme'],
    ['an unknown suffix', 'crm:{acme}:lock'],
    ['a tenant without a suffix', 'crm:{acme}'],
    ['a lease of a stamp', 'crm:{acme/lead@1}:lease'],
    ['a stamp of an entry', 'crm:{acme/lead@1/k}:stamp'],
    ['a second pair of braces', 'crm:{acme/lead@1/k}{x}'],
    ['a fourth part', 'crm:{acme/lead@1/k/l}'],
    ['a cache without a version', 'crm:{acme/lead/k}'],
    ['a version with a leading zero', 'crm:{acme/lead@01/k}'],
    ['a version past the safe integers', 'crm:{acme/lead@9007199254740992/k}'],
    ['an empty cache', 'crm:{acme/@1/k}'],
    ['an empty tag', 'crm:{acme/#}:stamp'],
    ['a tenant with an empty cache', 'crm:{acme/}:stamp'],
    ['a tenant that is not a segment', 'crm:{a%2fb/lead@1/k}'],
    ['a cache that is not a segment', 'crm:{acme/a b@1/k}'],
    ['a tag that is not a segment', 'crm:{acme/##}:stamp'],
    ['a tag in the place of a cache', 'crm:{acme/#tag/k}'],
    ['work of one process', 'crm:{!warm/leads}:done'],
    ['its lease', 'crm:{!warm/leads}:done:lease'],
    ['a limit without a suffix', 'crm:{acme/!chat/k}'],
    ['a lease of a limit', 'crm:{acme/!chat/k}:lease'],
    ['a limit of nobody', 'crm:{acme/!chat}:calls'],
    ['an empty limit', 'crm:{acme/!/k}:calls'],
    ['a limit that is not a segment', 'crm:{acme/!!/k}:calls'],
    ['calls of an entry', 'crm:{acme/lead@1/k}:calls'],
    ['a block of a tenant', 'crm:{acme}:block'],
  ])('refuses %s', (_what, redisKey) => {
    expect(keys.parse(redisKey)).toBeUndefined();
  });
});
