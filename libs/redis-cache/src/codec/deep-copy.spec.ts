import fc from 'fast-check';
import { arbitraryJson, arbitraryValue } from '../../../../test/support/arbitrary-value.js';
import { expectExact } from '../../../../test/support/exact-equality.js';
import { fidelityCorpus } from '../../../../test/support/fidelity-corpus.js';
import { UncacheableValueError } from '../errors/uncacheable-value.error.js';
import { copyDeep, copyTree } from './deep-copy.js';

describe('copyDeep', () => {
  it.each(fidelityCorpus)('shares nothing with its original: $name', ({ make }) => {
    const original = make();
    const copy = copyDeep(original);
    spoil(copy);
    expectExact(original, make());
    const another = copyDeep(original);
    spoil(original);
    expectExact(another, make());
  });

  it('shares nothing with its original, whatever that is', () => {
    fc.assert(
      fc.property(arbitraryValue, (original) => {
        const reference = copyDeep(original);
        spoil(copyDeep(original));
        expectExact(original, reference);
      }),
      { numRuns: 500 },
    );
  });

  it('gives bytes memory of exactly their size', () => {
    const pooled = copyDeep(Buffer.from('abc')) as Buffer;
    const part = copyDeep(new Uint16Array(new ArrayBuffer(64), 8, 2)) as Uint16Array;
    expect([pooled.buffer.byteLength, part.buffer.byteLength]).toEqual([3, 4]);
  });

  it('is not frozen where its original is', () => {
    const copy = copyDeep(Object.freeze({ list: Object.freeze([1]) })) as { list: number[] };
    copy.list.push(2);
    expect(copy).toEqual({ list: [1, 2] });
  });

  it('refuses instances of unknown classes', () => {
    class Lead {}
    expect(() => copyDeep([new Lead()])).toThrow(UncacheableValueError);
  });

  it('copies a large sparse array by its elements', () => {
    const sparse = Object.assign([], { length: 4e9, 5: 'a' });
    expectExact(copyDeep(sparse), Object.assign([], { length: 4e9, 5: 'a' }));
  });
});

describe('copyTree', () => {
  it('copies all that JSON carries, and shares nothing with it', () => {
    fc.assert(
      fc.property(arbitraryJson, (original) => {
        const reference = copyDeep(original);
        const copy = copyTree(original);
        expectExact(copy, reference);
        spoil(copy);
        expectExact(original, reference);
      }),
      { numRuns: 500 },
    );
  });
});

/** Changes every part that can be reached. */
function spoil(value: unknown, seen = new Set<object>()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (ArrayBuffer.isView(value)) return void bytes(value.buffer).fill(0xee);
  if (value instanceof ArrayBuffer) return void bytes(value).fill(0xee);
  if (value instanceof Map) spoilMembers([...value].flat(), () => value.clear(), seen);
  if (value instanceof Set) spoilMembers([...value], () => value.clear(), seen);
  if (value instanceof Date) value.setTime(42);
  if (value instanceof RegExp) value.lastIndex = 42;
  if (value instanceof URL) value.href = 'https://spoilt.example/';
  for (const key of Object.keys(value)) {
    spoil((value as Record<string, unknown>)[key], seen);
    Object.defineProperty(value, key, { value: 'spoilt' });
  }
  Object.assign(value, { spoilt: true });
}

function spoilMembers(members: readonly unknown[], clear: () => void, seen: Set<object>): void {
  for (const member of members) spoil(member, seen);
  clear();
}

function bytes(buffer: ArrayBufferLike): Uint8Array {
  return new Uint8Array(buffer);
}
