import { readDigits, writeDigits } from './base64-digits.js';

/**
 * A stamp: 16 lower-case hexadecimal digits, so that it can be compared, logged and sent as text.
 * Entries hold that of a tag in 12 digits of base64url.
 */
export type StampId = string;

/** Stands where no stamp has been made. */
export const NO_STAMP: StampId = '0'.repeat(16);

export const STAMP_DIGITS = 12;
const STAMP = /^[0-9a-f]{16}$/;

/** Hexadecimal digits that go together, as the 16 bits of three others. */
const PART = 4;
const PART_DIGITS = 3;

/** @throws {RangeError} not 16 hexadecimal digits */
export function writeStamp(bytes: Uint8Array, at: number, stamp: StampId): void {
  if (!STAMP.test(stamp)) throw new RangeError(`Not a stamp: ${JSON.stringify(stamp)}`);
  for (let part = 0; part < STAMP_DIGITS / PART_DIGITS; part++) {
    const value = parseInt(stamp.slice(part * PART, (part + 1) * PART), 16);
    writeDigits(bytes, at + part * PART_DIGITS, PART_DIGITS, value);
  }
}

export function readStamp(bytes: Uint8Array, at: number): StampId {
  let stamp = '';
  for (let part = 0; part < STAMP_DIGITS / PART_DIGITS; part++) {
    const value = readDigits(bytes, at + part * PART_DIGITS, PART_DIGITS);
    stamp += value.toString(16).padStart(PART, '0');
  }
  return stamp;
}
