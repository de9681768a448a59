import type { CacheService } from '../cache/cache.service.js';
import { isRedisCacheError } from '../errors/redis-cache.error.js';
import type { MapEntry } from './map-entry.js';
import type { Held } from './map-source.interface.js';
import type { ResolvedMapOptions } from './migrating-map.options.js';
import type { LeftReason } from './migration-statistics.js';

/** Why the cache has not taken a value. */
export interface Refusal {
  readonly reason: LeftReason;
  readonly error?: unknown;
}

/** What the cache answers for an entry that was copied to it. */
export interface Copied<V> extends Held<V> {
  /** Why it has not taken it, as far as it says. */
  readonly refusal: Refusal | undefined;
}

/** How long a copy may wait for the refresh of an entry that is past its ttl. */
const REFRESH_TIMEOUT = '5s';

/** The cache, as the migration uses it. */
export class CacheSide<K, V> {
  constructor(
    private readonly caches: CacheService,
    private readonly options: ResolvedMapOptions<K, V>,
  ) {}

  async find({ cache, key }: MapEntry<K, V>): Promise<Held<V> | undefined> {
    const value = await cache.get(key);
    if (value !== undefined) return { value };
    return (await cache.exists(key)) ? { value: value as V } : undefined;
  }

  /** Puts a value in the place of an earlier one; one that is refused still ends the earlier one. */
  put(entry: MapEntry<K, V>, value: V): Promise<Refusal | undefined> {
    const { cache, key, mapKey } = entry;
    return this.watching(entry, async () => {
      try {
        const ttl = this.options.ttlMs?.(value, mapKey);
        await cache.set(key, value, { ttl });
        return undefined;
      } catch (error) {
        await cache.del(key);
        return { reason: isUncacheable(error) ? 'uncacheable' : 'failed', error };
      }
    });
  }

  /**
   * Stores what the Map has, if the cache has nothing. The Map is read under the lease of the entry,
   * so that whoever writes or evicts it meanwhile, in this process or another, is the later one.
   *
   * @param inMap looks it up once more
   * @param known what it was; answered, and not stored, if it has gone
   */
  async copy(
    entry: MapEntry<K, V>,
    known: V,
    inMap: () => Promise<Held<V> | undefined>,
  ): Promise<Copied<V>> {
    const { cache, key, mapKey } = entry;
    const { ttlMs } = this.options;
    let value = known;
    let gone = false;
    const load = async (): Promise<V> => {
      const held = await inMap();
      gone = held === undefined;
      return held ? held.value : known;
    };
    const ttl = ttlMs && ((loaded: V) => ttlMs(loaded, mapKey));
    const policy = { ttl, unless: () => gone, softTimeout: REFRESH_TIMEOUT } as const;
    const refusal = await this.watching(entry, async () => {
      value = await cache.wrap(key, load, policy);
      return undefined;
    });
    return { value, refusal };
  }

  /** Asks Redis itself whether it has the entry; without Redis, the memory of this process. */
  async confirm({ cache, key }: MapEntry<K, V>): Promise<Refusal | undefined> {
    const { near, far } = await cache.explain(key);
    if (far.kind === 'away') return { reason: 'away' };
    const kept = far.kind === 'off' ? near : far;
    const fresh = kept.kind === 'entry' && kept.state === 'fresh';
    return fresh ? undefined : { reason: 'refused' };
  }

  /** Hears what the cache says of the value, for not all refusals are errors. */
  private async watching(
    { encodedKey, tenant }: MapEntry<K, V>,
    work: () => Promise<Refusal | undefined>,
  ): Promise<Refusal | undefined> {
    let heard: Refusal | undefined;
    const stop = this.caches.on('uncacheable', ({ entry, kind }) => {
      const same = entry.tenant === tenant && entry.key === encodedKey;
      if (!same || entry.cache !== this.options.cache) return;
      heard = { reason: kind === 'inexact' ? 'uncacheable' : kind };
    });
    try {
      return (await work()) ?? heard;
    } finally {
      stop();
    }
  }
}

function isUncacheable(error: unknown): boolean {
  return isRedisCacheError(error) && error.code === 'UNCACHEABLE_VALUE';
}
