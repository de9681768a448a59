import { createHash } from 'node:crypto';

/** Encoded text longer than this is shortened; all of it is ASCII, so characters are bytes. */
const MAX_BYTES = 200;
const KEPT_BYTES = 100;
/** No escape is cut in two. */
const MIN_KEPT_BYTES = KEPT_BYTES - 2;
const DIGEST_HEX_DIGITS = 32;
const CUT_ESCAPES = [3, 6, 9];

/** The alphabet of a segment is what this leaves out. Redis globs and hash tags have no part in it. */
const UNSAFE = /[^A-Za-z0-9._~@+=,-]/;
const EACH_UNSAFE = new RegExp(UNSAFE, 'gu');

const LONE_SURROGATE = /^[\uD800-\uDFFF]$/;
const ENCODED_LONE_SURROGATE = /%ED%([AB][0-9A-F])%([89AB][0-9A-F])/g;
const SHORTENED = new RegExp(
  `^[A-Za-z0-9._~@+=,%-]{${MIN_KEPT_BYTES},${KEPT_BYTES}}#[0-9a-f]{${DIGEST_HEX_DIGITS}}$`,
);

/**
 * One part of a Redis key: `raw` percent-encoded outside `[A-Za-z0-9._~@+=,-]`, and shortened above
 * 200 bytes. Two different strings never give the same segment; the empty string gives `''`.
 *
 * @example
 * encodeSegment('+15551234567'); // '+15551234567'
 * encodeSegment('a/b {c}*');     // 'a%2Fb%20%7Bc%7D%2A'
 * @see {@link decodeSegment}
 */
export function encodeSegment(raw: string): string {
  return isClean(raw) ? raw : shorten(percentEncode(raw));
}

/**
 * The string {@link encodeSegment} was given.
 *
 * @returns `undefined` for a shortened segment, which cannot be reversed, and for any text that
 *   `encodeSegment` never gives
 */
export function decodeSegment(encoded: string): string | undefined {
  const raw = percentDecode(encoded);
  // Encoding again refuses every other spelling: lower-case hex, needless escapes, too long a text.
  return raw !== undefined && encodeSegment(raw) === encoded ? raw : undefined;
}

/** Whether `raw` is its own segment: nothing to escape, nothing to cut. */
export function isClean(raw: string): boolean {
  return raw.length <= MAX_BYTES && !UNSAFE.test(raw);
}

/** Whether `encoded` has the form that {@link shorten} gives to long text. */
export function isShortened(encoded: string): boolean {
  return SHORTENED.test(encoded);
}

/** What a segment stands for, as far as it can be read. */
export interface SegmentText {
  /** With its percent escapes undone. */
  readonly text: string;
  /** False where the segment was shortened: then `text` is how the whole began. */
  readonly whole: boolean;
}

/**
 * The text of a segment, also of one that holds encoded arguments, whose marks stay as they are.
 *
 * @returns `undefined` where the escapes are not UTF-8, which no segment has
 */
export function segmentText(segment: string): SegmentText | undefined {
  const mark = segment.indexOf('#');
  if (mark < 0) return textOf(segment, true);
  // The last character may have lost some of its bytes, at most three of four.
  for (const lost of [0, ...CUT_ESCAPES]) {
    const text = textOf(segment.slice(0, mark - lost), false);
    if (text) return text;
  }
  return undefined;
}

/**
 * The longest beginning of `raw` that stands unchanged at the beginning of the segment of every text
 * that begins so, shortened or not.
 */
export function plainBeginning(raw: string): string {
  const unsafe = raw.search(UNSAFE);
  return raw.slice(0, Math.min(unsafe < 0 ? raw.length : unsafe, MIN_KEPT_BYTES));
}

/**
 * Every UTF-8 byte outside `[A-Za-z0-9._~@+=,-]` as `%XX`, whatever the length. Half a surrogate
 * pair, which UTF-8 cannot say, is encoded as its three bytes of WTF-8, so that no two strings meet
 * in U+FFFD.
 *
 * @see https://simonsapin.github.io/wtf-8/
 */
export function percentEncode(raw: string): string {
  return UNSAFE.test(raw) ? raw.replace(EACH_UNSAFE, percentEncodeCharacter) : raw;
}

/**
 * `encoded` as it is up to 200 bytes, else its first 100 and `#` with the first 128 bits of the
 * SHA-256 of the whole. `#` is outside the alphabet, so no short text looks like a shortened one.
 */
export function shorten(encoded: string): string {
  if (encoded.length <= MAX_BYTES) return encoded;
  const digest = createHash('sha256').update(encoded, 'latin1').digest('hex');
  return `${keptPart(encoded)}#${digest.slice(0, DIGEST_HEX_DIGITS)}`;
}

function keptPart(encoded: string): string {
  const escape = encoded.indexOf('%', KEPT_BYTES - 2);
  return encoded.slice(0, escape >= 0 && escape < KEPT_BYTES ? escape : KEPT_BYTES);
}

function percentEncodeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x80) return percent(code);
  if (!LONE_SURROGATE.test(character)) return encodeURIComponent(character);
  return percent(0xed) + percent(0x80 | ((code >> 6) & 0x3f)) + percent(0x80 | (code & 0x3f));
}

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

function textOf(encoded: string, whole: boolean): SegmentText | undefined {
  const text = percentDecode(encoded);
  return text === undefined ? undefined : { text, whole };
}

export function percentDecode(encoded: string): string | undefined {
  if (!encoded.includes('%')) return encoded;
  try {
    return decodeURIComponent(encoded.replace(ENCODED_LONE_SURROGATE, loneSurrogate));
  } catch {
    return undefined; // not UTF-8
  }
}

function loneSurrogate(_bytes: string, middle: string, last: string): string {
  const bits = ((parseInt(middle, 16) & 0x3f) << 6) | (parseInt(last, 16) & 0x3f);
  return String.fromCharCode(0xd000 | bits);
}
