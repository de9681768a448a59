const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * FNV-1a of a range of bytes, in 32 bits: tells chance damage, not intent.
 *
 * @param from checksum of what comes before the range, if it has several parts
 * @see http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function checksum(
  bytes: Uint8Array,
  start: number,
  end: number,
  from = OFFSET_BASIS,
): number {
  let hash = from;
  for (let index = start; index < end; index++) {
    hash = Math.imul(hash ^ (bytes[index] as number), PRIME);
  }
  return hash >>> 0;
}
