const PRIME = 0x01000193;

/** What a checksum begins with. */
export const CHECKSUM_BASIS = 0x811c9dc5;

/**
 * FNV-1a of a range of bytes, in 32 bits: tells chance damage, not intent. Each step is a bijection, of
 * its lower bits as well, so what differs in one byte or in `from` differs in the end.
 *
 * @param from {@link CHECKSUM_BASIS}, or the checksum of what comes before the range
 * @see http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function checksum(bytes: Uint8Array, start: number, end: number, from: number): number {
  let hash = from;
  for (let index = start; index < end; index++) {
    hash = Math.imul(hash ^ (bytes[index] as number), PRIME);
  }
  return hash >>> 0;
}
