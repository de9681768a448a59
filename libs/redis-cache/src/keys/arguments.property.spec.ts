import fc from 'fast-check';
import { decodeArguments, encodeArguments, encodeKey } from './arguments.js';
import { HOSTILE_STRINGS, hostileString } from './hostile-strings.fixture.js';

const RUNS = { numRuns: 2_000 };
const CUT = /#[0-9a-f]{32}$/;

/** Type-strict deep equality, written without a look at the encoding. */
function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (kindOf(a) !== kindOf(b)) return false;
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime());
  if (a instanceof URL) return a.href === (b as URL).href;
  if (a instanceof RegExp)
    return a.source === (b as RegExp).source && a.flags === (b as RegExp).flags;
  if (ArrayBuffer.isView(a)) return bytesOf(a).equals(bytesOf(b as ArrayBufferView));
  if (a instanceof Map) return sameMembers([...a], [...(b as Map<unknown, unknown>)]);
  if (a instanceof Set) return sameMembers([...a], [...(b as Set<unknown>)]);
  if (Array.isArray(a) && a.length !== (b as unknown[]).length) return false;
  return sameProperties(a, b);
}

function kindOf(value: object): string {
  return Object.prototype.toString.call(value);
}

function bytesOf(view: ArrayBufferView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

function sameMembers(a: unknown[], b: unknown[]): boolean {
  if (a.length !== b.length) return false;
  const rest = [...b];
  return a.every((member) => {
    const index = rest.findIndex((other) => same(member, other));
    return index >= 0 && rest.splice(index, 1).length === 1;
  });
}

function sameProperties(a: object, b: object): boolean {
  const names = new Set(Object.keys(a));
  return (
    names.size === Object.keys(b).length &&
    Object.keys(b).every(
      (name) => names.has(name) && same(Reflect.get(a, name), Reflect.get(b, name)),
    )
  );
}

const scalar = fc.oneof(
  { weight: 3, arbitrary: hostileString },
  fc.constantFrom<unknown>('a', 'b', '', '1', 0, -0, 1, NaN, 1n, true, false, null, undefined),
  fc.double(),
  fc.bigInt(),
);

const key = fc.oneof(fc.constantFrom('a', 'b', '', '__proto__', 'constructor', '0'), hostileString);

/** Everything that decodes again. */
const { revivable } = fc.letrec((tie) => ({
  revivable: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.date({ noInvalidDate: false }),
    fc.array(tie('revivable'), { maxLength: 3 }),
    fc.sparseArray(tie('revivable'), { maxLength: 3, maxNumElements: 2 }),
    record(tie('revivable')),
    fc.array(fc.tuple(tie('revivable'), tie('revivable')), { maxLength: 3 }).map((e) => new Map(e)),
    fc.array(tie('revivable'), { maxLength: 3 }).map((members) => new Set(members)),
  ),
}));

const binary = fc.oneof(
  fc.uint8Array({ maxLength: 4 }),
  fc.int8Array({ maxLength: 4 }),
  fc.uint8ClampedArray({ maxLength: 4 }),
  fc.float32Array({ maxLength: 2 }),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => new DataView(bytes.slice().buffer)),
);

const value = fc.oneof(
  { weight: 6, arbitrary: revivable },
  binary,
  fc.tuple(binary, revivable),
  fc.constantFrom(/a/, /a/g, /a;g/, /\//, /(?:)/),
  fc.webUrl({ withFragments: true }).map((href) => new URL(href)),
);

function record(of: fc.Arbitrary<unknown>): fc.Arbitrary<object> {
  return fc.array(fc.tuple(key, of), { maxLength: 3 }).map((pairs) => Object.fromEntries(pairs));
}

/** Values that a careless encoding takes for `original`; now and then one is equal to it. */
function nearMisses(original: unknown): unknown[] {
  const misread =
    typeof original === 'object' && original !== null
      ? misreadObject(original)
      : [textOf(original), Number(original), Object.is(original, 0) && -0];
  return [
    [original],
    [original, undefined],
    { 0: original },
    { a: original },
    new Set([original]),
    new Map([[original, undefined]]),
    encodeArguments([original]),
    ...misread,
  ];
}

function misreadObject(original: object): unknown[] {
  const entries = Object.entries(original);
  const misread: unknown[] = [{}, Object.fromEntries(entries), entries, new Map(entries)];
  if (original instanceof Date) misread.push(original.getTime(), `${original.getTime()}`);
  if (original instanceof Map || original instanceof Set) misread.push([...original]);
  if (Array.isArray(original)) {
    const texts = original.map(textOf);
    misread.push(texts, texts.join(), texts.join(';'), new Set(original), original.slice(1));
  }
  return misread;
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? '' : `${value as number}`;
}

/** The same value built anew, everything that has no order in another order. */
function reordered(original: unknown): unknown {
  if (Array.isArray(original)) return original.map(reordered); // map keeps holes
  if (original instanceof Map) {
    return new Map([...original].reverse().map(([k, v]) => [reordered(k), reordered(v)]));
  }
  if (original instanceof Set) return new Set([...original].reverse().map(reordered));
  if (kindOf(original as object) !== '[object Object]') return original;
  const pairs = Object.entries(original as object).reverse();
  return Object.fromEntries(pairs.map(([k, v]) => [k, reordered(v)]));
}

const args = fc.array(value, { maxLength: 3 });

describe('encodeArguments, for any arguments', () => {
  it('gives the same text exactly for equal arguments', () => {
    fc.assert(
      fc.property(args, args, (a, b) => (encodeArguments(a) === encodeArguments(b)) === same(a, b)),
      RUNS,
    );
  });

  it('gives the same text exactly for equal scalars, which often are', () => {
    fc.assert(
      fc.property(
        fc.array(scalar, { maxLength: 2 }),
        fc.array(scalar, { maxLength: 2 }),
        (a, b) => (encodeArguments(a) === encodeArguments(b)) === same(a, b),
      ),
      RUNS,
    );
  });

  it('keeps a value apart from all that looks like it', () => {
    fc.assert(
      fc.property(value, (original) => {
        for (const other of nearMisses(original)) {
          const equalText = encodeArguments([original]) === encodeArguments([other]);
          expect([other, equalText]).toEqual([other, same(original, other)]);
        }
      }),
      RUNS,
    );
  });

  it('keeps several arguments apart from one list, and from one more argument', () => {
    fc.assert(
      fc.property(args, (list) => {
        const text = encodeArguments(list);
        expect(encodeArguments([list])).not.toBe(text);
        expect(encodeArguments([...list, undefined])).not.toBe(text);
        expect(encodeArguments([...list, ''])).not.toBe(text);
        expect(encodeArguments([text]) === text).toBe(same([text], list));
      }),
      RUNS,
    );
  });

  it('does not depend on the order of properties, map entries and set members', () => {
    fc.assert(
      fc.property(args, (list) => {
        expect(encodeArguments(list.map(reordered))).toBe(encodeArguments(list));
      }),
      RUNS,
    );
  });

  it('gives text without slash, brace, glob character or space, of at most 200 bytes', () => {
    fc.assert(
      fc.property(args, (list) => {
        const text = encodeArguments(list);
        expect(text).toMatch(/^(?:[\w.~@+=,;:()<>'-]|%[0-9A-F]{2})*(?:#[0-9a-f]{32})?$/);
        expect(text.length).toBeLessThanOrEqual(200);
      }),
      RUNS,
    );
  });

  it('gives every pair of hostile strings different text', () => {
    const texts = HOSTILE_STRINGS.map((text) => encodeArguments([text]));
    expect(new Set(texts).size).toBe(HOSTILE_STRINGS.length);
  });

  it('gives one string the text of the key it is', () => {
    fc.assert(
      fc.property(hostileString, (text) => encodeKey(text) === encodeArguments([text])),
      RUNS,
    );
  });
});

describe('decodeArguments, for any text', () => {
  it('reverses what was not shortened', () => {
    fc.assert(
      fc.property(fc.array(revivable, { maxLength: 3 }), (list) => {
        const text = encodeArguments(list);
        const decoded = decodeArguments(text);
        return CUT.test(text) ? decoded === undefined : same(decoded, list);
      }),
      RUNS,
    );
  });

  it('answers only with what encodes to the text, and never throws', () => {
    const unit = fc.constantFrom(
      ...Array.from(";:()<>'%1an#{"),
      "''",
      ':Map(',
      ':Set(',
      ':Date(',
      ':empty',
      '%2F',
    );
    const text = fc.oneof(fc.string({ unit, maxLength: 12 }), hostileString);
    fc.assert(
      fc.property(text, (text) => {
        const decoded = decodeArguments(text);
        return decoded === undefined || encodeArguments(decoded) === text;
      }),
      { numRuns: 20_000 },
    );
  });
});
