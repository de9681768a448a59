/** A key in order of when it was put last. */
interface Place<K, V> {
  key: K;
  value: V;
  newer: Place<K, V> | undefined;
  older: Place<K, V> | undefined;
}

/**
 * A map of the keys that were put last, up to so many: a further one drops the one that was put longest ago.
 *
 * A plain `Map` has its keys in order, too. But what was deleted leaves a gap until the `Map` grows, and its
 * first key is looked for behind all the gaps: thousands of them, where the oldest goes each time. So the
 * order is kept in links, and the oldest is at hand.
 */
export class NewestMap<K, V> {
  private readonly places = new Map<K, Place<K, V>>();
  private newest: Place<K, V> | undefined;
  private oldest: Place<K, V> | undefined;

  /** @param max keys held at most, from 1 */
  constructor(private readonly max: number) {}

  get size(): number {
    return this.places.size;
  }

  get(key: K): V | undefined {
    return this.places.get(key)?.value;
  }

  /**
   * Puts a value, in place of an earlier one of the key; it is the newest now.
   *
   * @returns the value that was dropped for it, if there was no room
   */
  put(key: K, value: V): V | undefined {
    const known = this.places.get(key);
    if (known) {
      known.value = value;
      this.renew(known);
      return undefined;
    }
    const { oldest } = this;
    if (oldest && this.places.size >= this.max) return this.replace(oldest, key, value);
    const place: Place<K, V> = { key, value, newer: undefined, older: undefined };
    this.places.set(key, place);
    this.append(place);
    return undefined;
  }

  /** @returns whether it was there */
  delete(key: K): boolean {
    const place = this.places.get(key);
    if (!place) return false;
    this.places.delete(key);
    this.unlink(place);
    return true;
  }

  clear(): void {
    this.places.clear();
    this.newest = undefined;
    this.oldest = undefined;
  }

  /** The oldest first; the one at hand may be deleted meanwhile. */
  *values(): Generator<V> {
    for (let place = this.oldest; place;) {
      const { newer } = place;
      yield place.value;
      place = newer;
    }
  }

  /** A full map makes nothing new. */
  private replace(place: Place<K, V>, key: K, value: V): V {
    const dropped = place.value;
    this.places.delete(place.key);
    place.key = key;
    place.value = value;
    this.places.set(key, place);
    this.renew(place);
    return dropped;
  }

  private renew(place: Place<K, V>): void {
    if (place === this.newest) return;
    this.unlink(place);
    this.append(place);
  }

  private append(place: Place<K, V>): void {
    const { newest } = this;
    place.older = newest;
    place.newer = undefined;
    if (newest) newest.newer = place;
    else this.oldest = place;
    this.newest = place;
  }

  private unlink(place: Place<K, V>): void {
    const { newer, older } = place;
    if (newer) newer.older = older;
    else this.newest = older;
    if (older) older.newer = newer;
    else this.oldest = newer;
    // As in a FifoQueue: what is gone is not to keep alive what came after it.
    place.newer = undefined;
    place.older = undefined;
  }
}
