const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * Remembers of which keys there were entries, by four bytes each: their hash, in a table in which a later
 * key takes the place of an earlier one by chance. Two keys of one hash are taken for one another, which
 * does no more than keep an entry for longer.
 */
export class EvictedKeys {
  private hashes = new Int32Array(0);

  /** @param among of about so many keys before it, those that nobody has displaced are still known */
  add(hash: number, among: number): void {
    // What the smaller table knew will be evicted again.
    if (this.hashes.length < among) this.hashes = new Int32Array(2 ** Math.ceil(Math.log2(among)));
    this.hashes[this.placeOf(hash)] = hash;
  }

  /** Whether it is known; it is not any more then. */
  take(hash: number): boolean {
    const place = this.placeOf(hash);
    if (this.hashes[place] !== hash) return false;
    this.hashes[place] = 0;
    return true;
  }

  clear(): void {
    this.hashes = new Int32Array(0);
  }

  private placeOf(hash: number): number {
    return hash & (this.hashes.length - 1);
  }
}

/**
 * 31 bits and the sign of a text, by FNV-1a over its UTF-16 code units; never 0.
 *
 * @param seed the hash of what comes before it
 * @see http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function hashOf(text: string, seed = OFFSET): number {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), PRIME);
  }
  return hash | 0 || 1;
}
