import { asBuffer } from './binary.js';
import {
  AT,
  FLAGS,
  FORMAT_VERSION,
  headerChecksum,
  MAGIC,
  MAGIC_BYTES,
  STAMP_BYTES,
  TIME_BYTES,
} from './entry-layout.js';
import { readTags, tagsLength, writeTags, type StampedTag } from './entry-tags.js';
import { readThreeStamps, writeStamp, type StampId } from './stamp-id.js';

export { NO_STAMP, type StampId } from './stamp-id.js';

/** What an entry says about itself. Times are whole milliseconds of the server's clock. */
export interface EntryHeader {
  /** By which codec the payload is to be read, 0 to 255. */
  readonly codecId: number;
  /** Whether the payload is compressed. */
  readonly gzip?: boolean;
  readonly createdAtMs: number;
  readonly freshUntilMs: number;
  readonly usableUntilMs: number;
  /** The stamps the entry was loaded under. */
  readonly stamps: { readonly all: StampId; readonly tenant: StampId; readonly cache: StampId };
  readonly tags: readonly StampedTag[];
}

/** What stored bytes turned out to be. */
export type DecodedEntry =
  /** The payload is a view onto the bytes that were read. */
  | { readonly kind: 'entry'; readonly header: EntryHeader; readonly payload: Uint8Array }
  /** Written by a later version of this library, and to be left to it. */
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'undecodable'; readonly reason: string };

/**
 * Number of leading bytes that tell an entry from any other written under its key: they hold the
 * time of its making and a random number.
 */
export const IDENTITY_BYTES: number = AT.freshUntil;

/**
 * The bytes to store: a header, of 62 bytes if the entry has no tags, and the payload.
 *
 * @throws {RangeError} a number out of its range, a stamp that is none, more than 65,535 tags, a
 *   tag of more than 65,535 bytes
 */
export function encodeEntry(header: EntryHeader, payload: Uint8Array): Buffer {
  const payloadAt = AT.tags + tagsLength(header.tags);
  const bytes = Buffer.allocUnsafe(payloadAt + payload.byteLength);
  bytes.writeUIntBE(MAGIC, 0, MAGIC_BYTES);
  bytes.writeUInt8(FORMAT_VERSION, AT.version);
  bytes.writeUInt8(header.codecId, AT.codecId);
  bytes.writeUInt8(header.gzip ? FLAGS.gzip : 0, AT.flags);
  bytes.writeUIntBE(header.createdAtMs, AT.createdAt, TIME_BYTES);
  bytes.writeUInt32BE(Math.floor(Math.random() * 2 ** 32), AT.nonce);
  bytes.writeUIntBE(header.freshUntilMs, AT.freshUntil, TIME_BYTES);
  bytes.writeUIntBE(header.usableUntilMs, AT.usableUntil, TIME_BYTES);
  writeStamp(bytes, header.stamps.all, AT.stamps);
  writeStamp(bytes, header.stamps.tenant, AT.stamps + STAMP_BYTES);
  writeStamp(bytes, header.stamps.cache, AT.stamps + 2 * STAMP_BYTES);
  bytes.writeUInt32BE(payload.byteLength, AT.payloadLength);
  bytes.writeUInt16BE(header.tags.length, AT.tagCount);
  writeTags(bytes, header.tags);
  bytes.writeUInt32BE(headerChecksum(bytes, payloadAt), AT.checksum);
  bytes.set(payload, payloadAt);
  return bytes;
}

/**
 * Reads an entry back, whatever the bytes are; never throws. Truncated and foreign bytes and any
 * chance damage to the header are noticed. Damage to the payload is for its codec to notice, which
 * it cannot where the payload still makes sense (another digit in JSON).
 */
export function decodeEntry(bytes: Uint8Array): DecodedEntry {
  const entry = asBuffer(bytes);
  const decoded = decodeHeader(entry);
  if (decoded.kind !== 'header') return decoded;
  const { header, end } = decoded;
  if (entry.length - end !== entry.readUInt32BE(AT.payloadLength)) {
    return undecodable('payload of another length than written');
  }
  return { kind: 'entry', header, payload: entry.subarray(end) };
}

/** What the beginning of stored bytes turned out to be; `end` is where the payload begins. */
export type DecodedHeader =
  | { readonly kind: 'header'; readonly header: EntryHeader; readonly end: number }
  | Exclude<DecodedEntry, { readonly kind: 'entry' }>;

/** The header alone, for which the beginning of an entry is enough; else as {@link decodeEntry}. */
export function decodeHeader(bytes: Uint8Array): DecodedHeader {
  const entry = asBuffer(bytes);
  if (entry.length <= AT.version || entry.readUIntBE(0, MAGIC_BYTES) !== MAGIC) {
    return undecodable('not an entry of this library');
  }
  const version = entry[AT.version] as number;
  if (version > FORMAT_VERSION) return { kind: 'newer', version };
  if (version < FORMAT_VERSION) return undecodable(`there is no format version ${version}`);
  if (entry.length < AT.tags) return undecodable('truncated header');
  const tagged = readTags(entry, entry.readUInt16BE(AT.tagCount));
  if (!tagged) return undecodable('truncated tags');
  const { tags, end } = tagged;
  if (entry.readUInt32BE(AT.checksum) !== headerChecksum(entry, end)) {
    return undecodable('damaged header');
  }
  const flags = entry[AT.flags] as number;
  if (flags > FLAGS.gzip) return undecodable(`unknown flags ${flags}`);
  return { kind: 'header', header: readHeader(entry, tags), end };
}

function readHeader(entry: Buffer, tags: readonly StampedTag[]): EntryHeader {
  const [all, tenant, cache] = readThreeStamps(entry, AT.stamps);
  return {
    codecId: entry[AT.codecId] as number,
    gzip: entry[AT.flags] === FLAGS.gzip,
    createdAtMs: entry.readUIntBE(AT.createdAt, TIME_BYTES),
    freshUntilMs: entry.readUIntBE(AT.freshUntil, TIME_BYTES),
    usableUntilMs: entry.readUIntBE(AT.usableUntil, TIME_BYTES),
    stamps: { all, tenant, cache },
    tags,
  };
}

function undecodable(reason: string): Extract<DecodedEntry, { kind: 'undecodable' }> {
  return { kind: 'undecodable', reason };
}
