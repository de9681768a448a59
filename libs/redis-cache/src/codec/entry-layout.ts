import { checksum, CHECKSUM_BASIS } from './checksum.js';

/** The format of entries written here. Entries of any earlier released format stay readable. */
export const FORMAT_VERSION = 2;

/** First bytes of an entry of every format: a control character, with which no JSON begins, and `rc`. */
export const MAGIC = [0x01, 0x72, 0x63] as const;

/** The byte of version 0. */
export const VERSION_ZERO = 0x30;

/**
 * Where the parts of an entry's header stand. All of it is ASCII, so that a payload which is text makes one
 * string with it. Numbers are digits of base64url, the highest first; spans are milliseconds.
 */
export const AT = {
  /** 1 byte, `0` and what follows it; from here on the layout is that of format version 2 */
  version: 3,
  /** 2 digits, see {@link KIND} */
  kind: 4,
  /** 7 digits, milliseconds of the server's clock */
  createdAt: 6,
  /** 3 random digits */
  nonce: 13,
  /** 7 digits, from the creation on */
  freshFor: 16,
  /** 7 digits, after that */
  grace: 23,
  /** 11 characters, see `stamps-digest.ts` */
  digest: 30,
  /** 5 digits, see {@link entryChecksum} */
  checksum: 41,
  /** the tags, if there are any; and the payload */
  body: 46,
} as const;

/** What all entries that are written here begin with. */
export const FORMAT: string = String.fromCharCode(...MAGIC, VERSION_ZERO + FORMAT_VERSION);

/** What the number `kind` is made of. */
export const KIND = {
  /** Bytes as they are. */
  bytes: 0,
  /** Bytes that are compressed. */
  gzip: 1,
  /** Text in UTF-8. */
  text: 2,
  /** Text of which each character is one byte. */
  ascii: 3,
  /** The bits of these four. */
  form: 3,
  /** There are tags. */
  tagged: 4,
  /** A bit that means nothing yet: an entry that has it is undecodable. */
  unknown: 8,
  /** By which the codec id is multiplied. */
  codec: 16,
} as const;

const CHECKSUM_BITS = 0x3fffffff;

/**
 * What stands in a header whose tags end at `end`. Another length of the payload always gives another
 * one, and so does the change of any one byte.
 */
export function entryChecksum(bytes: Uint8Array, end: number, payloadBytes: number): number {
  const ofHeader = checksum(bytes, 0, AT.checksum, CHECKSUM_BASIS ^ payloadBytes);
  return checksum(bytes, AT.body, end, ofHeader) & CHECKSUM_BITS;
}
