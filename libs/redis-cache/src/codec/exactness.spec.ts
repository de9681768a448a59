import fc from 'fast-check';
import { arbitraryJson, arbitraryValue } from '../../../../test/support/arbitrary-value.js';
import { strictEqual } from '../../../../test/support/exact-equality.js';
import { fidelityCorpus, refusedCorpus } from '../../../../test/support/fidelity-corpus.js';
import { MAX_DEPTH } from './depth.js';
import { isExactJson } from './exactness.js';

describe('isExactJson', () => {
  it.each(fidelityCorpus)('agrees with a look at what JSON makes of $name', ({ make }) => {
    expect(isExactJson(make())).toBe(survivesJson(make()));
  });

  it.each(refusedCorpus)('is false for $name', ({ make }) => {
    expect(isExactJson(make())).toBe(false);
  });

  it('never says yes to what JSON would change', () => {
    fc.assert(
      fc.property(arbitraryValue, (value) => {
        fc.pre(isExactJson(value));
        expect(survivesJson(value)).toBe(true);
      }),
    );
  });

  it('says yes to whatever was parsed from JSON, but for -0', () => {
    fc.assert(
      fc.property(arbitraryJson, (value) => {
        fc.pre(!holdsMinusZero(value));
        expect(isExactJson(value)).toBe(true);
      }),
    );
  });

  it('is false for what is the same object in two places, or in itself', () => {
    const part = {};
    const self: Record<string, unknown> = {};
    self.self = self;
    expect([isExactJson([part, part]), isExactJson(self), isExactJson([{}, {}])]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('calls no accessor', () => {
    const getter = jest.fn(() => 1);
    expect(isExactJson(Object.defineProperty({}, 'a', { get: getter, enumerable: true }))).toBe(
      false,
    );
    expect(getter).not.toHaveBeenCalled();
  });

  it('takes nesting up to the limit', () => {
    expect([isExactJson(nested(MAX_DEPTH)), isExactJson(nested(MAX_DEPTH + 1))]).toEqual([
      true,
      false,
    ]);
  });

  it('does not step through the length of a sparse array', () => {
    expect(isExactJson(new Array(4e9))).toBe(false);
  });
});

function survivesJson(value: unknown): boolean {
  try {
    return strictEqual(JSON.parse(JSON.stringify(value)), value);
  } catch {
    return false;
  }
}

function holdsMinusZero(value: unknown): boolean {
  if (typeof value === 'object' && value) return Object.values(value).some(holdsMinusZero);
  return Object.is(value, -0);
}

function nested(depth: number): unknown {
  let value: unknown = [];
  for (let level = 1; level < depth; level++) value = [value];
  return value;
}
