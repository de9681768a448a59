import type { LoadContext } from '../cache/load-request.js';
import type { MapEntry } from './map-entry.js';
import type { MapWriter } from './map-writer.js';
import type { MigrationParts } from './migration-parts.js';
import type { Watch } from './write-watch.js';

/** Produces a value that is not there. */
export type MapLoad<V> = (context: LoadContext) => V | Promise<V>;

interface RunningLoad<V> {
  readonly value: Promise<V>;
  readonly watching: Watch;
}

/** Loads an entry that is on neither side, once for all who ask for it, and stores it. */
export class MapLoader<K, V> {
  private readonly running = new Map<string, RunningLoad<V>>();

  constructor(
    private readonly parts: MigrationParts<K, V>,
    private readonly writer: MapWriter<K, V>,
  ) {}

  load(entry: MapEntry<K, V>, load: MapLoad<V>): Promise<V> {
    switch (this.parts.modes.mode) {
      case 'map-only':
      case 'shadow':
        return this.loadOnce(entry, load);
      case 'cache-first':
      case 'cache-only':
        return this.loadByCache(entry, load);
    }
  }

  private loadOnce(entry: MapEntry<K, V>, load: MapLoad<V>): Promise<V> {
    const known = this.running.get(entry.id);
    if (known && !known.watching.overtaken) return known.value;
    const watching = this.parts.watch.begin(entry.id);
    const began: RunningLoad<V> = { watching, value: this.loadHere(entry, load, watching) };
    this.running.set(entry.id, began);
    const end = () => {
      watching.end();
      if (this.running.get(entry.id) === began) this.running.delete(entry.id);
    };
    return began.value.finally(end);
  }

  private async loadHere(entry: MapEntry<K, V>, load: MapLoad<V>, watching: Watch): Promise<V> {
    // It may have been written between the look of the caller and the beginning of the watch.
    const held = await this.parts.map.find(entry.mapKey);
    if (held) return held.value;
    const value = await load({ signal: new AbortController().signal });
    await this.writer.setLoaded(entry, value, () => watching.overtaken);
    return value;
  }

  /** One load for all processes, and under the lease of the entry. */
  private async loadByCache(entry: MapEntry<K, V>, load: MapLoad<V>): Promise<V> {
    const { map, modes, options, watch } = this.parts;
    const { cache, key, mapKey } = entry;
    const { ttlMs } = options;
    const watching = watch.begin(entry.id);
    const done = { loading: false };
    const loadUnlessInMap = async (context: LoadContext): Promise<V> => {
      const held = modes.mode === 'cache-only' ? undefined : await map.find(mapKey);
      if (held) return held.value;
      const value = await load(context);
      done.loading = true;
      return value;
    };
    try {
      const policy = ttlMs && { ttl: (value: V) => ttlMs(value, mapKey) };
      const value = await cache.wrap(key, loadUnlessInMap, policy);
      if (done.loading) await this.writer.keepLoaded(entry, value, () => watching.overtaken);
      return value;
    } finally {
      watching.end();
    }
  }
}
