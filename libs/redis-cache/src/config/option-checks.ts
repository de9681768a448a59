import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';

/** Stands for a value that may be a secret put into the wrong place: a URL, or a password. */
export const UNSEEN = '***';

/** @throws {InvalidCacheOptionsError} unless `value` is a whole number from `min` up */
export function wholeNumber(value: unknown, option: string, min: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min) {
    throw new InvalidCacheOptionsError(
      option,
      value,
      `a whole number from ${min} up`,
      `Set it to such a number, or leave it out for the default.`,
    );
  }
  return value;
}

/** @throws {InvalidCacheOptionsError} unless `value` is a number from 0 to 1 */
export function fraction(value: unknown, option: string): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= 1)) {
    throw new InvalidCacheOptionsError(
      option,
      value,
      'a number from 0 to 1',
      `It is a share: 0.8 means 80 %.`,
    );
  }
  return value;
}

/** @throws {InvalidCacheOptionsError} unless `value` is true or false */
export function flag(value: unknown, option: string): boolean {
  if (typeof value !== 'boolean') {
    throw new InvalidCacheOptionsError(
      option,
      value,
      'true or false',
      `Set it to one of them, or leave it out for the default.`,
    );
  }
  return value;
}

/**
 * @param elsewhere what to do about fields that are understood, and do not belong here
 * @throws {InvalidCacheOptionsError} if `value` is no object, or has a field not named in `fields`
 */
export function knownFields(
  value: unknown,
  option: string,
  fields: readonly string[],
  elsewhere: Readonly<Record<string, string>> = {},
): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidCacheOptionsError(
      option,
      typeof value === 'string' ? UNSEEN : value,
      'an object',
      `Leave it out for the defaults.`,
    );
  }
  const unknown = Object.keys(value).find((field) => !fields.includes(field));
  if (unknown !== undefined) {
    throw new InvalidCacheOptionsError(
      `${option}.${unknown}`,
      UNSEEN,
      `one of the fields ${fields.join(', ')}`,
      elsewhere[unknown] ?? `Remove it or correct its name.`,
    );
  }
}
