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

/** Three that stand behind one another: at the price of one, which is mostly that of the call. */
export function readThreeStamps(bytes: Buffer, at: number): [StampId, StampId, StampId] {
  const digits = bytes.toString('hex', at, at + 3 * STAMP_BYTES);
  return [
    digits.slice(0, 2 * STAMP_BYTES),
    digits.slice(2 * STAMP_BYTES, 4 * STAMP_BYTES),
    digits.slice(4 * STAMP_BYTES),
  ];
}
