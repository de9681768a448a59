import { readDigits, writeDigits } from './base64-digits.js';
import { AT } from './entry-layout.js';
import { readStamp, STAMP_DIGITS, writeStamp, type StampId } from './stamp-id.js';

/** A tag of an entry, and the stamp it had when the entry was loaded. */
export interface StampedTag {
  readonly tag: string;
  readonly stamp: StampId;
}

/** Of the number of bytes of one tag. */
const LENGTH_DIGITS = 3;
/** Of the number of bytes of all that follows. */
const TOTAL_DIGITS = 4;
const FIRST_AT = AT.body + TOTAL_DIGITS;

const MAX_LENGTH = 64 ** LENGTH_DIGITS - 1;
const MAX_TOTAL = 64 ** TOTAL_DIGITS - 1;

/**
 * Bytes that the tags take behind a header.
 *
 * @throws {RangeError} a tag of more than 262,143 bytes, or more than 16,777,215 bytes in all
 */
export function tagsLength(tags: readonly StampedTag[]): number {
  if (tags.length === 0) return 0;
  let total = 0;
  for (const { tag } of tags) {
    const length = Buffer.byteLength(tag);
    if (length > MAX_LENGTH) throw new RangeError(`A tag takes ${length} bytes`);
    total += STAMP_DIGITS + LENGTH_DIGITS + length;
  }
  if (total > MAX_TOTAL) throw new RangeError(`Tags take ${total} bytes`);
  return TOTAL_DIGITS + total;
}

/** Writes the tags of an entry, which end at `end`. */
export function writeTags(bytes: Buffer, tags: readonly StampedTag[], end: number): void {
  if (tags.length === 0) return;
  writeDigits(bytes, AT.body, TOTAL_DIGITS, end - FIRST_AT);
  let at: number = FIRST_AT;
  for (const { tag, stamp } of tags) {
    writeStamp(bytes, at, stamp);
    const textAt = at + STAMP_DIGITS + LENGTH_DIGITS;
    const length = bytes.write(tag, textAt);
    writeDigits(bytes, at + STAMP_DIGITS, LENGTH_DIGITS, length);
    at = textAt + length;
  }
}

/** The tags of an entry that has some, and where they end; `undefined` if they do not fit into the bytes. */
export function readTags(
  bytes: Buffer,
): { readonly tags: readonly StampedTag[]; readonly end: number } | undefined {
  if (bytes.length < FIRST_AT) return undefined;
  const end = FIRST_AT + readDigits(bytes, AT.body, TOTAL_DIGITS);
  if (end < FIRST_AT || end > bytes.length) return undefined;
  const tags: StampedTag[] = [];
  for (let at = FIRST_AT; at < end;) {
    const textAt = at + STAMP_DIGITS + LENGTH_DIGITS;
    const textEnd = textAt + readDigits(bytes, at + STAMP_DIGITS, LENGTH_DIGITS);
    if (textEnd < textAt || textEnd > end) return undefined;
    tags.push({ tag: bytes.toString('utf8', textAt, textEnd), stamp: readStamp(bytes, at) });
    at = textEnd;
  }
  return { tags, end };
}
