import type { MapEntry } from './map-entry.js';
import type { MigrationParts } from './migration-parts.js';

/** Makes the new value of the one before; undefined if there was none. */
export type Change<V> = (before: V | undefined) => V;

/**
 * Writes an entry as the mode has it, under the lock of the entry. The Map is written first wherever
 * it is written at all: what the cache then refuses is not lost.
 */
export class MapWriter<K, V> {
  constructor(private readonly parts: MigrationParts<K, V>) {}

  set(entry: MapEntry<K, V>, value: V): Promise<void> {
    return this.parts.locks.run(entry.id, () => this.setNow(entry, value));
  }

  /** Sets what is made of the value there is, with nothing in between. */
  update(entry: MapEntry<K, V>, find: () => Promise<V | undefined>, change: Change<V>): Promise<V> {
    return this.parts.locks.run(entry.id, async () => {
      const value = change(await find());
      await this.setNow(entry, value);
      return value;
    });
  }

  /** Stores a loaded value, unless the entry was written since its load began. */
  setLoaded(entry: MapEntry<K, V>, value: V, isOvertaken: () => boolean): Promise<void> {
    return this.parts.locks.run(entry.id, async () => {
      if (!isOvertaken()) await this.setNow(entry, value);
    });
  }

  /** Has the Map keep a value that the cache has loaded, where the Map is still to have everything. */
  keepLoaded(entry: MapEntry<K, V>, value: V, isOvertaken: () => boolean): Promise<void> {
    const { locks, map, modes } = this.parts;
    return locks.run(entry.id, async () => {
      if (isOvertaken() || modes.mode === 'cache-only' || modes.draining) return;
      await map.put(entry.mapKey, value);
    });
  }

  /** @returns whether either side had it */
  delete(entry: MapEntry<K, V>): Promise<boolean> {
    const { map, modes, locks } = this.parts;
    const { mapKey, cache, key } = entry;
    const remove = async (): Promise<boolean> => {
      if (modes.mode === 'cache-only') return cache.del(key);
      const wasInMap = await map.remove(mapKey);
      const wasInCache = await cache.del(key);
      return wasInMap || (wasInCache && modes.mode !== 'map-only');
    };
    return locks.run(entry.id, () => this.marking(entry, remove));
  }

  private setNow(entry: MapEntry<K, V>, value: V): Promise<void> {
    return this.marking(entry, () => this.write(entry, value));
  }

  private async write(entry: MapEntry<K, V>, value: V): Promise<void> {
    const { map, modes, options } = this.parts;
    const { mapKey, cache, key } = entry;
    switch (modes.mode) {
      case 'map-only':
        await map.put(mapKey, value);
        // It may have one from an earlier attempt, which must not come back with the next.
        await cache.del(key);
        return;
      case 'shadow':
        await map.put(mapKey, value);
        await this.store(entry, value);
        return;
      case 'cache-first':
        await map.put(mapKey, value);
        if (modes.draining) await this.storeAndMove(entry, value);
        else await this.store(entry, value);
        return;
      case 'cache-only':
        await cache.set(key, value, { ttl: options.ttlMs?.(value, mapKey) });
    }
  }

  private async store(entry: MapEntry<K, V>, value: V): Promise<void> {
    const refusal = await this.parts.cache.put(entry, value);
    if (refusal) this.parts.log.left(entry.mapKey, refusal);
  }

  /** Just written here: another value that the cache has is of somebody who wrote later. */
  private async storeAndMove(entry: MapEntry<K, V>, value: V): Promise<void> {
    const { cache, mover, log } = this.parts;
    await cache.put(entry, value);
    log.move(entry.mapKey, await mover.move(entry, 'cache-wins'));
  }

  /** Tells work that began before the write, or amid it, that it was overtaken. */
  private async marking<T>({ id }: MapEntry<K, V>, write: () => Promise<T>): Promise<T> {
    const { watch } = this.parts;
    watch.written(id);
    try {
      return await write();
    } finally {
      watch.written(id);
    }
  }
}
