import fc from 'fast-check';
import { HOSTILE_STRINGS, hostileString, stringPair } from './hostile-strings.fixture.js';
import { decodeSegment, encodeSegment, isShortened, percentEncode } from './segment.js';

const RUNS = { numRuns: 3_000 };
const SEGMENT = /^(?:[A-Za-z0-9._~@+=,-]|%[0-9A-F]{2})*(?:#[0-9a-f]{32})?$/;

describe('encodeSegment', () => {
  it.each([
    ['', ''],
    ['acme', 'acme'],
    ['+15551234567', '+15551234567'],
    ['lead.byPhone', 'lead.byPhone'],
    ['AZaz09._~@+=,-', 'AZaz09._~@+=,-'],
    ['a/b {c}*', 'a%2Fb%20%7Bc%7D%2A'],
    ["?[]^\\%!'()", '%3F%5B%5D%5E%5C%25%21%27%28%29'],
    ['\0\n', '%00%0A'],
    ['é', '%C3%A9'],
    ['e\u0301', 'e%CC%81'],
    ['😀', '%F0%9F%98%80'],
    ['\ufffd', '%EF%BF%BD'],
    ['\ud83d', '%ED%A0%BD'],
    ['\ude00\ud83d', '%ED%B8%80%ED%A0%BD'],
  ])('encodes %j as %s', (raw, encoded) => {
    expect(encodeSegment(raw)).toBe(encoded);
    expect(decodeSegment(encoded)).toBe(raw);
  });

  it('leaves 200 bytes whole and shortens 201', () => {
    expect(encodeSegment('a'.repeat(200))).toBe('a'.repeat(200));
    expect(encodeSegment('/'.repeat(66) + 'aa')).toBe('%2F'.repeat(66) + 'aa');
    // printf 'a%.0s' {1..201} | sha256sum
    expect(encodeSegment('a'.repeat(201))).toBe(
      `${'a'.repeat(100)}#a92efd82109373e58f9a2056dee01e80`,
    );
  });

  it.each([98, 99, 100])('does not cut the escape that begins at byte %i', (clean) => {
    const encoded = encodeSegment('a'.repeat(clean) + '/'.repeat(100));
    expect(encoded).toMatch(new RegExp(`^a{${clean}}#[0-9a-f]{32}$`));
    expect(isShortened(encoded)).toBe(true);
  });

  it('keeps an escape that ends at byte 100', () => {
    expect(encodeSegment('a'.repeat(97) + '/'.repeat(100))).toMatch(/^a{97}%2F#[0-9a-f]{32}$/);
  });

  it('gives every pair of different strings of the hostile list different segments', () => {
    expect(new Set(HOSTILE_STRINGS.map(encodeSegment)).size).toBe(new Set(HOSTILE_STRINGS).size);
  });

  it('is equal exactly for equal strings', () => {
    fc.assert(
      fc.property(stringPair, ([a, b]) => (encodeSegment(a) === encodeSegment(b)) === (a === b)),
      RUNS,
    );
  });

  it('gives only segments, of at most 200 bytes', () => {
    fc.assert(
      fc.property(hostileString, (raw) => {
        expect(encodeSegment(raw)).toMatch(SEGMENT);
        expect(encodeSegment(raw).length).toBeLessThanOrEqual(200);
      }),
      RUNS,
    );
  });

  it('agrees with UTF-8 for well-formed strings', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (raw) => {
        const bytes = percentEncode(raw).replace(/%(..)|(.)/g, (_, hex: string, safe: string) =>
          safe ? Buffer.from(safe).toString('hex') : hex.toLowerCase(),
        );
        expect(bytes).toBe(Buffer.from(raw).toString('hex'));
      }),
      RUNS,
    );
  });
});

describe('decodeSegment', () => {
  it('reverses every segment that was not shortened', () => {
    fc.assert(
      fc.property(hostileString, (raw) => {
        const encoded = encodeSegment(raw);
        expect(decodeSegment(encoded)).toBe(isShortened(encoded) ? undefined : raw);
      }),
      RUNS,
    );
  });

  it.each([
    ['lower-case hex', '%2f'],
    ['a needless escape', '%41'],
    ['a cut escape', '%2'],
    ['a bare percent sign', '%'],
    ['an escape that is not hex', '%GG'],
    ['overlong UTF-8', '%C0%AF'],
    ['half a character', '%C3'],
    ['a surrogate pair in six bytes', '%ED%A0%BD%ED%B8%80'],
    ['a raw character outside the alphabet', 'a/b'],
    ['a raw non-ASCII character', 'é'],
    ['more than 200 bytes', 'a'.repeat(201)],
    ['a shortened segment', encodeSegment('a'.repeat(201))],
  ])('refuses %s', (_what, text) => {
    expect(decodeSegment(text)).toBeUndefined();
  });

  it('answers only with what encodes to the text', () => {
    fc.assert(
      fc.property(hostileString, (text) => {
        const raw = decodeSegment(text);
        return raw === undefined || encodeSegment(raw) === text;
      }),
      RUNS,
    );
  });
});
