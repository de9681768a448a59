/** The digits of base64url: whatever is written in them is printable, and takes a byte each. */
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const CODES = Uint8Array.from(DIGITS, (digit) => digit.charCodeAt(0));
/** Of each byte; -1 of what is no digit. */
const VALUES = Int8Array.from({ length: 256 }, (_, code) =>
  DIGITS.indexOf(String.fromCharCode(code)),
);

/** Those of a time or a span in milliseconds: 139 years, which as a date lead up to the year 2109. */
const LOW_DIGITS = 4;
const HIGH_DIGITS = 3;
const LOW = 64 ** LOW_DIGITS;
const MAX_MS = 64 ** (HIGH_DIGITS + LOW_DIGITS) - 1;

/** Writes `value`, of which five digits can hold 30 bits, into `count` digits, the highest first. */
export function writeDigits(bytes: Uint8Array, at: number, count: number, value: number): void {
  let rest = value;
  for (let index = at + count - 1; index >= at; index--) {
    bytes[index] = CODES[rest & 63] as number;
    rest >>= 6;
  }
}

/** @returns a negative number if one of the bytes is no digit */
export function readDigits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index++) {
    value = (value << 6) | (VALUES[bytes[index] as number] as number);
  }
  return value;
}

/** The same of text. */
export function readTextDigits(text: string, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index++) {
    value = (value << 6) | (VALUES[text.charCodeAt(index)] ?? -1);
  }
  return value;
}

/**
 * Writes milliseconds into seven digits. In two parts, as shifts are of 32 bits.
 *
 * @throws {RangeError} negative, or too many
 */
export function writeMs(bytes: Uint8Array, at: number, ms: number): void {
  if (!(ms >= 0 && ms <= MAX_MS)) throw new RangeError(`An entry cannot hold ${ms} ms`);
  const high = Math.floor(ms / LOW);
  writeDigits(bytes, at, HIGH_DIGITS, high);
  writeDigits(bytes, at + HIGH_DIGITS, LOW_DIGITS, ms - high * LOW);
}

export function readMs(bytes: Uint8Array, at: number): number {
  return readDigits(bytes, at, HIGH_DIGITS) * LOW + readDigits(bytes, at + HIGH_DIGITS, LOW_DIGITS);
}
