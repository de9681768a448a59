import fc from 'fast-check';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { hostileString } from './hostile-strings.fixture.js';
import { escapePattern, parsePattern } from './parse-pattern.js';

/** Whether a pattern takes the entry of a cache and a key. */
function takes(pattern: string, cache: string, key: string): boolean {
  const globs = parsePattern(pattern);
  return globs.cache.matches(cache) && globs.key.matches(key);
}

describe('parsePattern', () => {
  it.each<[string, [cache: string, key: string][], [cache: string, key: string][]]>([
    ['*', [['lead', 'k'], ['', ''], ['a/b', 'c/d']], []], // prettier-ignore
    ['lead', [['lead', 'k'], ['lead', '']], [['leads', 'k'], ['a/lead', 'k']]], // prettier-ignore
    ['lead.*', [['lead.byId', 'k'], ['lead.', '']], [['lead', 'k'], ['leadxbyId', 'k']]], // prettier-ignore
    ['lead/', [['lead', '']], [['lead', 'k']]],
    ['lead/+1555*', [['lead', '+1555'], ['lead', '+15551']], [['lead', '1555'], ['x', '+1555']]], // prettier-ignore
    ['*/a?c', [['x', 'abc'], ['y', 'a😀c']], [['x', 'ac'], ['x', 'abbc']]], // prettier-ignore
    ['x/a/b', [['x', 'a/b']], [['x', 'a']]],
    ['a\\/b', [['a/b', 'k']], [['a', 'b']]],
    ['x/\\*\\?\\\\\\[', [['x', '*?\\[']], [['x', 'ab\\[']]],
    ['x/a**b', [['x', 'ab'], ['x', 'a**b']], [['x', 'a']]], // prettier-ignore
    ['x/]}^-', [['x', ']}^-']], []],
    ['x/*é', [['x', 'é'], ['x', 'caé']], [['x', 'e']]], // prettier-ignore
    ['x/*ab*ab', [['x', 'abab'], ['x', 'abxabab']], [['x', 'ab'], ['x', 'ababx']]], // prettier-ignore
  ])('%s', (pattern, taken, left) => {
    expect(taken.filter(([cache, key]) => !takes(pattern, cache, key))).toEqual([]);
    expect(left.filter(([cache, key]) => takes(pattern, cache, key))).toEqual([]);
  });

  it.each([
    ['', 'a string of 1 to 500 characters'],
    ['x'.repeat(501), 'a string of 1 to 500 characters'],
    [undefined, 'a string of 1 to 500 characters'],
    ['/k', 'the name of a cache before the first slash'],
    ['lead/[ab]', 'no [ without a backslash before it'],
    ['lead.{a,b}', 'no { without a backslash before it'],
    ['lead/a\\', 'a character after the last backslash'],
  ])('refuses %j', (pattern, expected) => {
    expect(() => parsePattern(pattern)).toThrow(InvalidCacheOptionsError);
    expect(() => parsePattern(pattern)).toThrow(
      expect.objectContaining({ option: 'pattern', expected }),
    );
  });

  it('comes to an end in no time where trying every way would take for ever', () => {
    const pattern = `x/${'a*'.repeat(200)}b`;
    expect(takes(pattern, 'x', 'a'.repeat(10_000))).toBe(false);
  });
});

describe('escapePattern', () => {
  it('has any text match itself, and nothing else', () => {
    fc.assert(
      fc.property(hostileString, hostileString, hostileString, (cache, key, other) => {
        fc.pre(cache !== '' && cache.length + key.length < 240);
        const pattern = `${escapePattern(cache)}/${escapePattern(key)}`;
        expect(takes(pattern, cache, key)).toBe(true);
        expect(takes(pattern, cache, other)).toBe(other === key);
        expect(takes(pattern, other, key)).toBe(other === cache);
      }),
      { numRuns: 500 },
    );
  });
});
