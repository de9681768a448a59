import fc from 'fast-check';
import { encodeKey } from './arguments.js';
import { hostileString } from './hostile-strings.fixture.js';
import { readPatternName } from './key-pattern.js';
import type { KeySelection } from './key-selection.js';
import { KeySpace } from './key-space.js';
import { escapePattern } from './parse-pattern.js';
import { encodeSegment, isShortened } from './segment.js';

const keys = new KeySpace('crm');
const RUNS = { numRuns: 800 };

const name = hostileString.filter((text) => text !== '' && text.length <= 100);
const tenant = fc.option(name, { freq: 4 });
const version = fc.nat(3);

/** A glob and, for comparison, what it says as a regular expression. */
interface SaidTwice {
  readonly glob: string;
  readonly regExp: string;
}

const wildcard = fc.constantFrom<SaidTwice>(
  { glob: '*', regExp: '[^]*' },
  { glob: '?', regExp: '[^]' },
);

function literally(text: string): SaidTwice {
  const points = Array.from(text, (c) => `\\u{${(c.codePointAt(0) as number).toString(16)}}`);
  return { glob: escapePattern(text), regExp: points.join('') };
}

/** A glob of which some part is of `text`, so that the two often fit. */
function globLike(text: string): fc.Arbitrary<SaidTwice> {
  const points = Array.from(text);
  const cut = fc.nat(points.length);
  return fc.tuple(cut, cut, wildcard, fc.boolean()).map(([a, b, wild, twice]) => {
    const from = points.slice(0, Math.min(a, b)).join('');
    const to = points.slice(Math.max(a, b)).join('');
    const parts = [literally(from), wild, literally(to), ...(twice ? [wild] : [])];
    return {
      glob: parts.map(({ glob }) => glob).join(''),
      regExp: parts.map(({ regExp }) => regExp).join(''),
    };
  });
}

const entry = fc.record({ tenant, cache: name, version, key: hostileString });

/** An entry, and a pattern of an owner that mostly is of this entry, in some part of another one. */
const trial = fc
  .record({ entry, other: entry })
  .chain(({ entry, other }) =>
    fc.record({
      entry: fc.constant(entry),
      owner: fc.constantFrom(entry.tenant, entry.tenant, entry.tenant, other.tenant),
      cacheGlob: fc.oneof(globLike(entry.cache), globLike(entry.cache), globLike(other.cache)),
      keyGlob: fc.oneof(globLike(entry.key), globLike(entry.key), globLike(other.key)),
    }),
  )
  .filter(({ cacheGlob, keyGlob }) => {
    const { length } = `${cacheGlob.glob}/${keyGlob.glob}`;
    return cacheGlob.glob !== '' && length <= 500;
  });

describe('a pattern over hostile caches, keys and tenants', () => {
  it('takes just the entries of its tenant whose cache and key match', () => {
    fc.assert(
      fc.property(
        trial,
        ({ owner, entry: { tenant, cache, version, key }, cacheGlob, keyGlob }) => {
          const pattern = keys.pattern(owner, `${cacheGlob.glob}/${keyGlob.glob}`);
          const entryKey = keys.entry(tenant, cache, version, encodeKey(key));
          // How the empty string is written as a key, see encodeArguments.
          const text = key === '' ? "''" : key;
          const expected = owner === tenant && matches(cacheGlob, cache) && matches(keyGlob, text);
          const taken = pattern.takes(entryKey);
          const shortened = [cache, key].some((part) => isShortened(encodeSegment(part)));
          // Of what was shortened, whatever may match goes.
          if (shortened && !expected) expect(taken && owner !== tenant).toBe(false);
          else expect(taken).toBe(expected);
          expect(pattern.leases.takes(keys.lease(entryKey))).toBe(taken);
          expect(pattern.entries.takes(keys.lease(entryKey))).toBe(false);
          expect(pattern.leases.takes(entryKey)).toBe(false);
          if (!taken) return;
          expect(letsThrough(pattern.entries, entryKey)).toBe(true);
          expect(letsThrough(pattern.leases, keys.lease(entryKey))).toBe(true);
        },
      ),
      RUNS,
    );
  });

  it('comes back from its name, which has nothing in it that parts a message', () => {
    fc.assert(
      fc.property(trial, ({ owner, cacheGlob, keyGlob }) => {
        const pattern = keys.pattern(owner, `${cacheGlob.glob}/${keyGlob.glob}`);
        expect(pattern.name).not.toMatch(/\s/);
        expect(readPatternName(pattern.name)).toEqual(pattern);
      }),
      RUNS,
    );
  });

  it('is not mistaken for a key of anything else, nor the other way round', () => {
    fc.assert(
      fc.property(entry, ({ tenant, cache, version, key }) => {
        const entryKey = keys.entry(tenant, cache, version, encodeKey(key));
        const others = [entryKey, keys.lease(entryKey), keys.cacheStamp(tenant, cache, version)];
        expect(others.filter((other) => readPatternName(other))).toEqual([]);
        expect(keys.parse(keys.pattern(tenant, escapePattern(cache)).name)).toBeUndefined();
        expect(keys.pattern(tenant, '*').takes(keys.cacheStamp(tenant, cache, version))).toBe(
          false,
        );
        expect(keys.pattern(tenant, '*').takes(keys.tagStamp(tenant, cache))).toBe(false);
      }),
      RUNS,
    );
  });

  it('by tenant takes all keys of the tenant, and none of another', () => {
    fc.assert(
      fc.property(name, entry, hostileString, (owner, { tenant, cache, version, key }, tag) => {
        const entryKey = keys.entry(tenant, cache, version, encodeKey(key));
        const all = [
          entryKey,
          keys.lease(entryKey),
          keys.tenantStamp(tenant),
          keys.cacheStamp(tenant, cache, version),
          keys.tagStamp(tenant, tag || 'tag'),
        ];
        const selection = keys.tenantKeys(owner);
        const taken = all.filter((redisKey) => selection.takes(redisKey));
        expect(taken).toEqual(owner === tenant ? all : []);
        expect(taken.filter((redisKey) => !letsThrough(selection, redisKey))).toEqual([]);
        expect(selection.takes(keys.globalStamp())).toBe(false);
      }),
      RUNS,
    );
  });
});

describe('a pattern and keys that are shortened', () => {
  const long = (rest: string) => keys.entry('acme', 'lead', 1, encodeKey(`+1555${rest}`));

  it.each<[string, string, boolean]>([
    ['a beginning', 'lead/+1555*', true],
    ['a beginning of one character each', 'lead/?1555*', true],
    ['another beginning', 'lead/+1666*', false],
    ['an end, which is not known', 'lead/*z', true],
    ['a text that is too short for it', 'lead/+1555', false],
    ['the whole of it', `lead/+1555${'x'.repeat(300)}`, true],
    ['everything', '*', true],
  ])('takes it by %s as far as it may match', (_what, pattern, taken) => {
    const key = long('x'.repeat(300));
    expect(key).toContain('#');
    expect(keys.pattern('acme', pattern).takes(key)).toBe(taken);
  });

  it('knows the beginning also where it was cut within a character or between arguments', () => {
    for (const [key, pattern] of [
      ['é'.repeat(100), 'lead/éé*'],
      [`a${'😀'.repeat(100)}`, 'lead/a😀😀*'],
      [['a', 'b'.repeat(300)], 'lead/a;b*'],
      [{ page: 1, q: 'x'.repeat(300) }, 'lead/<page::1;*'],
    ] as const) {
      const entryKey = keys.entry('acme', 'lead', 1, encodeKey(key));
      expect(entryKey).toContain('#');
      expect(keys.pattern('acme', pattern).takes(entryKey)).toBe(true);
      expect(keys.pattern('acme', 'lead/z*').takes(entryKey)).toBe(false);
    }
  });
});

describe('a pattern and keys that are no strings', () => {
  it.each([
    [1, 'lead/:1', 'lead/1'],
    [['a', 1], 'lead/a;:1', 'lead/a'],
    [{ status: 'new', page: 1 }, 'lead/<*status:new*>', 'lead/status:new'],
    [new Set([1]), 'lead/:Set(:1)', 'lead/Set'],
    ['a;:1', 'lead/a;:1', 'lead/a%3B%3A1'],
  ])('is held against the text of %j as it stands in Redis, escapes undone', (key, fit, unfit) => {
    const entryKey = keys.entry('acme', 'lead', 1, encodeKey(key));
    expect(keys.pattern('acme', fit).takes(entryKey)).toBe(true);
    expect(keys.pattern('acme', unfit).takes(entryKey)).toBe(false);
  });
});

function matches({ regExp }: SaidTwice, text: string): boolean {
  return new RegExp(`^${regExp}$`, 'u').test(text);
}

/** Whether `SCAN MATCH` gives the key. Of Redis' globs the selections use no more than this. */
function letsThrough({ match }: KeySelection, redisKey: string): boolean {
  const inSet = match.split('[/}]').map((part) => part.split('*').map(escaped).join('[^]*'));
  return new RegExp(`^${inSet.join('[/}]')}$`).test(redisKey);
}

function escaped(text: string): string {
  expect(text).not.toMatch(/[?[\]^\\]/);
  return text.replace(/[.+(){}|$]/g, '\\$&');
}
