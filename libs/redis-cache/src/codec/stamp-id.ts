import { STAMP_BYTES } from './entry-layout.js';

/**
 * A stamp as entries hold it: 8 bytes, in memory 16 lower-case hexadecimal digits, so that it can
 * be compared, logged and sent as text.
 */
export type StampId = string;

/** Stands where no stamp has been made. */
export const NO_STAMP: StampId = '00'.repeat(STAMP_BYTES);

/** @throws {RangeError} not 16 hexadecimal digits */
export function writeStamp(bytes: Buffer, stamp: StampId, at: number): void {
  if (stamp.length === 2 * STAMP_BYTES) {
    if (bytes.write(stamp, at, STAMP_BYTES, 'hex') === STAMP_BYTES) return;
  }
  throw new RangeError(`Not a stamp: ${JSON.stringify(stamp)}`);
}

export function readStamp(bytes: Buffer, at: number): StampId {
  return bytes.toString('hex', at, at + STAMP_BYTES);
}

/** Several that stand behind one another: at the price of one, which is mostly that of the call. */
export function readStamps(bytes: Buffer, at: number, count: number): StampId[] {
  const digits = bytes.toString('hex', at, at + count * STAMP_BYTES);
  return Array.from({ length: count }, (_, i) =>
    digits.slice(i * 2 * STAMP_BYTES, (i + 1) * 2 * STAMP_BYTES),
  );
}
