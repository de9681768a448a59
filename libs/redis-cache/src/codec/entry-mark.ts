import { readDigits, readTextDigits } from './base64-digits.js';
import type { TextOrBytes } from './binary.js';
import { AT, FORMAT } from './entry-layout.js';

/**
 * 30 bits that tell an entry from the one which stood under its key before: the last 12 of the time of its
 * making, and its random number of 18. Those of two made within the same millisecond agree by a chance of one in
 * 262,144, of others by next to none.
 */
export type EntryMark = number;

/** Of an entry of which nobody knows that it stands in Redis. */
export const NO_MARK: EntryMark = -1;

export const MARK_DIGITS = 5;
/** Where the digits of a mark stand in an entry. */
export const MARK_AT: number = AT.freshFor - MARK_DIGITS;

/** @returns {@link NO_MARK} for what is no entry, or one of another format */
export function markOf(entry: TextOrBytes): EntryMark {
  if (entry.length < AT.body) return NO_MARK;
  const mark = typeof entry === 'string' ? markOfText(entry) : markOfBytes(entry);
  return Math.max(mark, NO_MARK);
}

function markOfText(entry: string): EntryMark {
  return entry.startsWith(FORMAT) ? readTextDigits(entry, MARK_AT, MARK_DIGITS) : NO_MARK;
}

function markOfBytes(entry: Uint8Array): EntryMark {
  for (let at = 0; at < FORMAT.length; at++) {
    if (entry[at] !== FORMAT.charCodeAt(at)) return NO_MARK;
  }
  return readDigits(entry, MARK_AT, MARK_DIGITS);
}
