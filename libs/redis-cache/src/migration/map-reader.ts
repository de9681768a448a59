import { BackgroundTasks } from '../cache/background-tasks.js';
import type { MapEntry } from './map-entry.js';
import type { Held } from './map-source.interface.js';
import type { MigrationParts } from './migration-parts.js';

/** Comparisons under way at most; past that, reads in shadow are answered without one. */
const MAX_COMPARISONS = 100;

/** Runs work under the lock of an entry. */
type Locked<V> = (work: () => Promise<Held<V> | undefined>) => Promise<Held<V> | undefined>;

/** Reads an entry as the mode has it. */
export class MapReader<K, V> {
  private comparisons = 0;
  private readonly background: BackgroundTasks;

  constructor(private readonly parts: MigrationParts<K, V>) {
    this.background = new BackgroundTasks((_, error) => {
      parts.log.events.emit('backgroundError', { cache: parts.options.cache, error });
    });
  }

  /** The value; undefined if there is none, or undefined itself is all that the cache has. */
  find(entry: MapEntry<K, V>): Promise<Held<V> | undefined> {
    return this.findBy(entry, (work) => this.parts.locks.run(entry.id, work));
  }

  /** The same for who has the lock of the entry. */
  findLocked(entry: MapEntry<K, V>): Promise<Held<V> | undefined> {
    return this.findBy(entry, (work) => work());
  }

  private async findBy(entry: MapEntry<K, V>, locked: Locked<V>): Promise<Held<V> | undefined> {
    const { map, modes } = this.parts;
    switch (modes.mode) {
      case 'map-only':
        return map.find(entry.mapKey);
      case 'shadow': {
        const held = await map.find(entry.mapKey);
        if (held) this.compareLater(entry);
        return held ?? locked(() => this.restore(entry));
      }
      case 'cache-first':
        return (await this.findInCache(entry)) ?? locked(() => this.fetch(entry));
      case 'cache-only':
        return this.findInCache(entry);
    }
  }

  async has(entry: MapEntry<K, V>): Promise<boolean> {
    const { map, modes } = this.parts;
    const inMap = () => map.has(entry.mapKey);
    const inCache = () => entry.cache.exists(entry.key);
    switch (modes.mode) {
      case 'map-only':
        return inMap();
      case 'shadow':
        return (await inMap()) || inCache();
      case 'cache-first':
        // It may have moved between the two looks.
        return (await inCache()) || (await inMap()) || inCache();
      case 'cache-only':
        return inCache();
    }
  }

  /** Resolves when what is being compared now has been. */
  idle(): Promise<void> {
    return this.background.idle();
  }

  private async findInCache({ cache, key }: MapEntry<K, V>): Promise<Held<V> | undefined> {
    const value = await cache.get(key);
    return value === undefined ? undefined : { value };
  }

  /** What only the Map has comes to the cache, and while a drain empties the Map, it leaves it. */
  private async fetch(entry: MapEntry<K, V>): Promise<Held<V> | undefined> {
    const { map, mover, modes, log } = this.parts;
    const held = await map.find(entry.mapKey);
    if (!held) return this.findInCache(entry);
    const copied = await mover.copy(entry, held);
    if (!copied) return undefined;
    if (modes.draining) log.move(entry.mapKey, await mover.move(entry, 'leave'));
    else if (!copied.refusal) log.counters.copied += 1;
    else log.left(entry.mapKey, copied.refusal);
    return copied;
  }

  /** What only the cache has comes back to the Map, so that a switch back finds it there. */
  private async restore(entry: MapEntry<K, V>): Promise<Held<V> | undefined> {
    const { map, cache, log } = this.parts;
    const held = await map.find(entry.mapKey);
    if (held) return held;
    const cached = await cache.find(entry);
    if (!cached) return undefined;
    await map.put(entry.mapKey, cached.value);
    log.counters.restored += 1;
    return cached;
  }

  private compareLater(entry: MapEntry<K, V>): void {
    if (this.comparisons >= MAX_COMPARISONS) {
      this.parts.log.counters.uncompared += 1;
      return;
    }
    this.comparisons += 1;
    const comparing = this.compare(entry).finally(() => {
      this.comparisons -= 1;
    });
    this.background.run('compare', comparing);
  }

  private async compare(entry: MapEntry<K, V>): Promise<void> {
    const { map, cache, watch, log, options } = this.parts;
    const watching = watch.begin(entry.id);
    try {
      const cached = await cache.find(entry);
      const held = await map.find(entry.mapKey);
      // Of a write under way one side has heard before the other.
      if (watching.overtaken || !held) return;
      log.counters.compared += 1;
      if (!cached) log.counters.onlyInMap += 1;
      else if (!options.equals(cached.value, held.value)) log.difference(entry.mapKey);
    } finally {
      watching.end();
    }
  }
}
