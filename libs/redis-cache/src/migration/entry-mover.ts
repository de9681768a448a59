import type { CacheSide, Copied, Refusal } from './cache-side.js';
import type { MapEntry } from './map-entry.js';
import type { MapSide } from './map-side.js';
import type { Held } from './map-source.interface.js';
import type { ResolvedMapOptions } from './migrating-map.options.js';

/** Whose value stays where Map and cache have different ones. */
export type DifferingRule = 'leave' | 'cache-wins' | 'map-wins';

/** What has become of an entry. */
export type MoveOutcome =
  | { readonly kind: 'moved' | 'expired' }
  /** It was not in the Map any more. */
  | { readonly kind: 'gone' }
  | ({ readonly kind: 'left' } & Refusal);

/** An entry that is written at every attempt has no rest to be moved in. */
const ATTEMPTS = 3;

/**
 * Moves entries from the Map to the cache: writes to the cache, has Redis confirm it, reads it back,
 * and only then removes it from the Map, if that has the same value still. So there is no moment at
 * which the entry is in neither, and one that both have is found equal and finished by whoever moves
 * it next.
 */
export class EntryMover<K, V> {
  constructor(
    private readonly map: MapSide<K, V>,
    private readonly cache: CacheSide<K, V>,
    private readonly options: ResolvedMapOptions<K, V>,
  ) {}

  /**
   * Copies an entry that the Map has. Never rejects.
   *
   * @returns what the cache has now; undefined if the life of the entry is over
   */
  async copy(entry: MapEntry<K, V>, { value }: Held<V>): Promise<Copied<V> | undefined> {
    try {
      if (this.isOver(entry, value)) return undefined;
      return await this.cache.copy(entry, value, () => this.map.find(entry.mapKey));
    } catch (error) {
      return { value, refusal: { reason: 'failed', error } };
    }
  }

  /** To be called under the lock of the entry. Never rejects. */
  async move(entry: MapEntry<K, V>, rule: DifferingRule): Promise<MoveOutcome> {
    let seen: Held<V> | undefined;
    try {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const held = await this.map.find(entry.mapKey);
        if (!held) return { kind: 'gone' };
        const outcome = await this.attempt(entry, held, seen, rule);
        if (outcome) return outcome;
        seen = held;
      }
      return { kind: 'left', reason: 'differing' };
    } catch (error) {
      return { kind: 'left', reason: 'failed', error };
    }
  }

  /**
   * @param seen what an attempt before has stored
   * @returns undefined if it is to be tried again
   */
  private async attempt(
    entry: MapEntry<K, V>,
    held: Held<V>,
    seen: Held<V> | undefined,
    rule: DifferingRule,
  ): Promise<MoveOutcome | undefined> {
    const { mapKey } = entry;
    const { equals } = this.options;
    if (this.isOver(entry, held.value)) {
      return (await this.map.removeIf(mapKey, held.value)) ? { kind: 'expired' } : undefined;
    }
    const { refusal } = await this.cache.copy(entry, held.value, () => this.map.find(mapKey));
    const unconfirmed = await this.cache.confirm(entry);
    if (unconfirmed) return { kind: 'left', ...(refusal ?? unconfirmed) };
    const cached = await this.cache.find(entry);
    if (!cached) return { kind: 'left', reason: 'refused' };
    if (await this.map.removeIf(mapKey, cached.value)) return { kind: 'moved' };
    // The Map has changed since: there is a newer value to move.
    if (equals(cached.value, held.value)) return undefined;
    // What the cache has came from the Map, which has gone on.
    const isOlder = seen !== undefined && equals(cached.value, seen.value);
    return this.settle(entry, held, isOlder ? 'map-wins' : rule);
  }

  private async settle(
    entry: MapEntry<K, V>,
    { value }: Held<V>,
    rule: DifferingRule,
  ): Promise<MoveOutcome | undefined> {
    switch (rule) {
      case 'leave':
        return { kind: 'left', reason: 'differing' };
      case 'cache-wins':
        return (await this.map.removeIf(entry.mapKey, value)) ? { kind: 'moved' } : undefined;
      case 'map-wins': {
        const refusal = await this.cache.put(entry, value);
        return refusal && { kind: 'left', ...refusal };
      }
    }
  }

  private isOver({ mapKey }: MapEntry<K, V>, value: V): boolean {
    return this.options.ttlMs?.(value, mapKey) === 0;
  }
}
