import { checksum } from './checksum.js';

/** The format of entries written here. Entries of any earlier format stay readable. */
export const FORMAT_VERSION = 1;

/** First bytes of an entry of every format. No UTF-8 text, and so no JSON, holds the first one. */
export const MAGIC = 0xc17263;
export const MAGIC_BYTES = 3;

/** Where the parts of an entry's header stand. Numbers are big-endian, without sign. */
export const AT = {
  /** 1 byte; from here on the layout is that of format version 1 */
  version: 3,
  /** 1 byte */
  codecId: 4,
  /** 1 byte, see {@link FLAGS} */
  flags: 5,
  /** 6 bytes, milliseconds of the server's clock */
  createdAt: 6,
  /** 4 random bytes */
  nonce: 12,
  /** 6 bytes */
  freshUntil: 16,
  /** 6 bytes */
  usableUntil: 22,
  /** 3 times 8 bytes: of everything, the tenant, the cache */
  stamps: 28,
  /** 4 bytes */
  payloadLength: 52,
  /** 2 bytes */
  tagCount: 56,
  /** 4 bytes, FNV-1a of all of the header but these */
  checksum: 58,
  /** each an 8-byte stamp, 2 bytes of length, UTF-8; behind the last one begins the payload */
  tags: 62,
} as const;

/** Bits of the flags. A set one that is not known makes an entry undecodable. */
export const FLAGS = { gzip: 1 } as const;

export const TIME_BYTES = 6;
export const STAMP_BYTES = 8;

/** The checksum that belongs into a header which ends, tags included, at `end`. */
export function headerChecksum(bytes: Uint8Array, end: number): number {
  return checksum(bytes, AT.tags, end, checksum(bytes, 0, AT.checksum));
}
