import { AT, STAMP_BYTES } from './entry-layout.js';
import { readStamp, writeStamp, type StampId } from './stamp-id.js';

/** A tag of an entry, and the stamp it had when the entry was loaded. */
export interface StampedTag {
  readonly tag: string;
  readonly stamp: StampId;
}

const LENGTH_BYTES = 2;
const MAX_LENGTH = 2 ** (8 * LENGTH_BYTES) - 1;

/**
 * Bytes that the tags take in a header.
 *
 * @throws {RangeError} a tag of more than 65,535 bytes
 */
export function tagsLength(tags: readonly StampedTag[]): number {
  let total = 0;
  for (const { tag } of tags) {
    const length = Buffer.byteLength(tag);
    if (length > MAX_LENGTH) throw new RangeError(`A tag takes ${length} bytes`);
    total += STAMP_BYTES + LENGTH_BYTES + length;
  }
  return total;
}

export function writeTags(bytes: Buffer, tags: readonly StampedTag[]): void {
  let at: number = AT.tags;
  for (const { tag, stamp } of tags) {
    writeStamp(bytes, stamp, at);
    const textAt = at + STAMP_BYTES + LENGTH_BYTES;
    const length = bytes.write(tag, textAt);
    bytes.writeUInt16BE(length, at + STAMP_BYTES);
    at = textAt + length;
  }
}

/** The tags and where they end; `undefined` if they do not fit into the bytes. */
export function readTags(
  bytes: Buffer,
  count: number,
): { readonly tags: readonly StampedTag[]; readonly end: number } | undefined {
  const tags: StampedTag[] = [];
  let at: number = AT.tags;
  while (tags.length < count) {
    const textAt = at + STAMP_BYTES + LENGTH_BYTES;
    if (textAt > bytes.length) return undefined;
    const end = textAt + bytes.readUInt16BE(at + STAMP_BYTES);
    if (end > bytes.length) return undefined;
    tags.push({ tag: bytes.toString('utf8', textAt, end), stamp: readStamp(bytes, at) });
    at = end;
  }
  return { tags, end: at };
}
