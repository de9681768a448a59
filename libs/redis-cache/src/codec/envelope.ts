import { asBuffer, byteLengthOf, type TextOrBytes } from './binary.js';
import { readDigits, readMs, writeDigits, writeMs } from './base64-digits.js';
import { AT, entryChecksum, FORMAT_VERSION, KIND, MAGIC, VERSION_ZERO } from './entry-layout.js';
import { readTags, tagsLength, writeTags, type StampedTag } from './entry-tags.js';
import { readDigest, writeDigest, type StampsDigest } from './stamps-digest.js';

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
  /** Of the stamps of everything, the tenant and the cache that the entry was loaded under. */
  readonly digest: StampsDigest;
  /** With the stamps that the entry was loaded under. */
  readonly tags: readonly StampedTag[];
}

/** What stored bytes turned out to be. */
export type DecodedEntry =
  | {
      readonly kind: 'entry';
      readonly header: EntryHeader;
      /** Text where the payload was text, else a view onto the bytes that were read. */
      readonly payload: TextOrBytes;
      /** As it is stored. */
      readonly payloadBytes: number;
    }
  /** Written by a later version of this library, and to be left to it. */
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'undecodable'; readonly reason: string };

/**
 * Number of leading bytes that tell an entry from any other written under its key: they hold the
 * time of its making and a random number.
 */
export const IDENTITY_BYTES: number = AT.freshFor;

const KIND_DIGITS = 2;
const NONCE_DIGITS = 3;
const CHECKSUM_DIGITS = 5;
const MAX_CODEC_ID = 255;

/**
 * What to store: a header, of 46 bytes if the entry has no tags, and the payload. It is text where the
 * payload is: sending it takes no copy into a buffer then.
 *
 * @param payloadBytes length of the payload, where it is known
 * @throws {RangeError} a number out of its range, a stamp or digest that is none, tags that are too long
 */
export function encodeEntry(
  header: EntryHeader,
  payload: TextOrBytes,
  payloadBytes = byteLengthOf(payload),
): TextOrBytes {
  const end = AT.body + tagsLength(header.tags);
  const head = Buffer.allocUnsafe(end);
  const form = formOf(header.gzip === true, payload, payloadBytes);
  head.set(MAGIC);
  head[AT.version] = VERSION_ZERO + FORMAT_VERSION;
  writeDigits(head, AT.kind, KIND_DIGITS, kindOf(header, form));
  writeMs(head, AT.createdAt, header.createdAtMs);
  writeDigits(head, AT.nonce, NONCE_DIGITS, Math.floor(Math.random() * 64 ** NONCE_DIGITS));
  writeMs(head, AT.freshFor, header.freshUntilMs - header.createdAtMs);
  writeMs(head, AT.grace, header.usableUntilMs - header.freshUntilMs);
  writeDigest(head, AT.digest, header.digest);
  writeTags(head, header.tags, end);
  writeDigits(head, AT.checksum, CHECKSUM_DIGITS, entryChecksum(head, end, payloadBytes));
  if (typeof payload !== 'string') return Buffer.concat([head, payload]);
  return head.toString(end === AT.body ? 'latin1' : 'utf8') + payload;
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
  const { header, form, end } = decoded;
  const payloadBytes = entry.length - end;
  if (readDigits(entry, AT.checksum, CHECKSUM_DIGITS) !== entryChecksum(entry, end, payloadBytes)) {
    return undecodable('damaged, or of another length than written');
  }
  return { kind: 'entry', header, payload: readPayload(entry, end, form), payloadBytes };
}

/** What the beginning of stored bytes turned out to be. */
export type DecodedHeader =
  | {
      readonly kind: 'header';
      readonly header: EntryHeader;
      readonly form: PayloadForm;
      /** Where the payload begins. */
      readonly end: number;
    }
  | Exclude<DecodedEntry, { readonly kind: 'entry' }>;

/** How a payload stands in an entry: one of {@link KIND}, or 0 for bytes as they are. */
type PayloadForm = number;

/**
 * The header alone, for which the beginning of an entry is enough; else as {@link decodeEntry}, but
 * that damage is not noticed: it takes the whole entry to see that.
 */
export function decodeHeader(bytes: Uint8Array): DecodedHeader {
  const entry = asBuffer(bytes);
  if (entry.length <= AT.version || !hasMagic(entry)) {
    return undecodable('not an entry of this library');
  }
  const version = (entry[AT.version] as number) - VERSION_ZERO;
  if (version > FORMAT_VERSION) return { kind: 'newer', version };
  if (version < FORMAT_VERSION) return undecodable(`there is no format version ${version}`);
  if (entry.length < AT.body) return undecodable('truncated header');
  const kind = readDigits(entry, AT.kind, KIND_DIGITS);
  if ((kind & KIND.unknown) !== 0) return undecodable('a kind of entry that is not known');
  const tagged = kind & KIND.tagged ? readTags(entry) : UNTAGGED;
  if (!tagged) return undecodable('truncated or damaged tags');
  const form = kind & KIND.form;
  const header = readHeader(entry, kind, tagged.tags);
  return { kind: 'header', header, form, end: tagged.end };
}

function hasMagic(entry: Buffer): boolean {
  return entry[0] === MAGIC[0] && entry[1] === MAGIC[1] && entry[2] === MAGIC[2];
}

const UNTAGGED: NonNullable<ReturnType<typeof readTags>> = { tags: [], end: AT.body };

function readHeader(entry: Buffer, kind: number, tags: readonly StampedTag[]): EntryHeader {
  const createdAtMs = readMs(entry, AT.createdAt);
  const freshUntilMs = createdAtMs + readMs(entry, AT.freshFor);
  return {
    codecId: Math.floor(kind / KIND.codec),
    gzip: (kind & KIND.form) === KIND.gzip,
    createdAtMs,
    freshUntilMs,
    usableUntilMs: freshUntilMs + readMs(entry, AT.grace),
    digest: readDigest(entry, AT.digest),
    tags,
  };
}

function readPayload(entry: Buffer, from: number, form: PayloadForm): TextOrBytes {
  switch (form) {
    case KIND.ascii:
      return entry.toString('latin1', from);
    case KIND.text:
      return entry.toString('utf8', from);
    default:
      return entry.subarray(from);
  }
}

/** @throws {RangeError} a codec id that does not fit */
function kindOf({ codecId, tags }: EntryHeader, form: PayloadForm): number {
  if (!(codecId >= 0 && codecId <= MAX_CODEC_ID)) throw new RangeError(`Codec id ${codecId}`);
  return codecId * KIND.codec + (tags.length > 0 ? KIND.tagged : 0) + form;
}

function formOf(gzip: boolean, payload: TextOrBytes, payloadBytes: number): PayloadForm {
  if (typeof payload !== 'string') return gzip ? KIND.gzip : KIND.bytes;
  return payload.length === payloadBytes ? KIND.ascii : KIND.text;
}

function undecodable(reason: string): Extract<DecodedEntry, { kind: 'undecodable' }> {
  return { kind: 'undecodable', reason };
}
