import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { flag, fraction, knownFields, wholeNumber } from './option-checks.js';

/** What a check says to a value it refuses. */
function refusal(check: () => unknown): string {
  try {
    check();
  } catch (error) {
    if (error instanceof InvalidCacheOptionsError) return error.message;
    throw error;
  }
  throw new Error('It was accepted.');
}

const NUMBERS_NO_OPTION_TAKES: [unknown, string][] = [
  [NaN, 'NaN'],
  [Infinity, 'Infinity'],
  [-1, '-1'],
  ['1', "'1'"],
  [1n, '1n'],
  [null, 'null'],
  [undefined, 'undefined'],
  [true, 'true'],
  [[1], '[ 1 ]'],
];

describe('wholeNumber', () => {
  it.each([0, 1, 2, Number.MAX_SAFE_INTEGER])('takes %d from 0 up', (value) => {
    expect(wholeNumber(value, 'version', 0)).toBe(value);
  });

  it.each<[unknown, string]>([
    ...NUMBERS_NO_OPTION_TAKES,
    [1.5, '1.5'],
    [2 ** 53, '9007199254740992'],
  ])('refuses %p', (value, shown) => {
    expect(refusal(() => wholeNumber(value, 'near.maxEntries', 0))).toBe(
      `Option near.maxEntries is ${shown}; expected a whole number from 0 up. ` +
        `Set it to such a number, or leave it out for the default.`,
    );
  });

  it('refuses what is below the least it takes', () => {
    expect(refusal(() => wholeNumber(0, 'near.maxEntries', 1))).toBe(
      'Option near.maxEntries is 0; expected a whole number from 1 up. ' +
        'Set it to such a number, or leave it out for the default.',
    );
  });
});

describe('fraction', () => {
  it.each([0, 0.1, 0.999, 1])('takes %d', (value) => {
    expect(fraction(value, 'jitter')).toBe(value);
  });

  it.each<[unknown, string]>([...NUMBERS_NO_OPTION_TAKES, [1.001, '1.001'], [80, '80']])(
    'refuses %p',
    (value, shown) => {
      expect(refusal(() => fraction(value, 'defaults.jitter'))).toBe(
        `Option defaults.jitter is ${shown}; expected a number from 0 to 1. ` +
          `It is a share: 0.8 means 80 %.`,
      );
    },
  );
});

describe('flag', () => {
  it.each([true, false])('takes %p', (value) => {
    expect(flag(value, 'near.share')).toBe(value);
  });

  it.each<[unknown, string]>([
    ['true', "'true'"],
    [0, '0'],
    [null, 'null'],
    [undefined, 'undefined'],
  ])('refuses %p', (value, shown) => {
    expect(refusal(() => flag(value, 'defaults.near.share'))).toBe(
      `Option defaults.near.share is ${shown}; expected true or false. ` +
        `Set it to one of them, or leave it out for the default.`,
    );
  });
});

describe('knownFields', () => {
  it.each([{}, { a: 1 }, { a: undefined, b: null }, Object.create(null) as object])(
    'takes %j',
    (value) => {
      expect(() => {
        knownFields(value, 'near', ['a', 'b']);
      }).not.toThrow();
    },
  );

  it.each<[unknown, string]>([
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [5, '5'],
    [['a'], "[ 'a' ]"],
    [() => 1, '[Function (anonymous)]'],
  ])('refuses %p, which is no object', (value, shown) => {
    const check = () => {
      knownFields(value, 'near', ['a']);
    };
    expect(refusal(check)).toBe(
      `Option near is ${shown}; expected an object. Leave it out for the defaults.`,
    );
  });

  it('names the field it does not know, and those it does', () => {
    const check = () => {
      knownFields({ a: 1, c: 2 }, 'near', ['a', 'b']);
    };
    expect(refusal(check)).toBe(
      `Option near.c is '***'; expected one of the fields a, b. Remove it or correct its name.`,
    );
  });

  it.each([
    ['a text in place of the options', 'redis://:hunter2@localhost'],
    ['a field under a wrong name', { password: 'hunter2' }],
  ])('shows nothing of %s, for it may be a secret', (_what, value) => {
    const check = () => {
      knownFields(value, 'options', ['connection']);
    };
    expect(refusal(check)).toContain("is '***'; expected");
    expect(refusal(check)).not.toContain('hunter2');
  });
});
