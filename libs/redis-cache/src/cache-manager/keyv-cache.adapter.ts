import type { CacheService } from '../cache/cache.service.js';
import type { Cache } from '../cache/cache.js';
import { knownFields } from '../config/option-checks.js';
import { encodeSegment } from '../keys/segment.js';
import { ttlOf } from './manager-ttl.js';

/** Options of {@link KeyvCacheAdapter}. */
export interface KeyvCacheAdapterOptions {
  /** The name of the cache behind it; its policy stands in `caches` of the module. @default 'keyv' */
  cache?: string;
}

/**
 * The cache as a store for Keyv 5: for the tenant of the context, or that of a view. `clear()` takes what
 * was set under the namespace of the Keyv. An entry without a ttl lives for the cache's; none can be
 * listed, so a Keyv on it has no `iterator`.
 *
 * @example new Keyv({ store: new KeyvCacheAdapter(caches), namespace: 'sessions' })
 */
export class KeyvCacheAdapter {
  /** What a Keyv looks into; nothing here is decided by it. */
  readonly opts: Record<string, unknown> = {};
  /** Set by the Keyv. An adapter is for one of them. */
  namespace?: string | undefined;
  protected readonly cache: Cache;

  /** @throws {InvalidCacheOptionsError} an option is unknown or invalid */
  constructor(
    private readonly caches: CacheService,
    options: KeyvCacheAdapterOptions = {},
  ) {
    knownFields(options, 'options of KeyvCacheAdapter', ['cache']);
    this.cache = caches.cache(options.cache ?? 'keyv');
  }

  /** What was set, as it went in; undefined if it is not there. */
  get<T>(key: string): Promise<T | undefined> {
    return this.cache.get(key) as Promise<T | undefined>;
  }

  getMany<T>(keys: string[]): Promise<(T | undefined)[]> {
    return this.cache.mget(keys) as Promise<(T | undefined)[]>;
  }

  /** @param ttl in milliseconds @default the cache's ttl */
  async set(key: string, value: unknown, ttl?: number): Promise<boolean> {
    const { tag } = this;
    await this.cache.set(key, value, { ttl: ttlOf(ttl), tags: tag === undefined ? [] : [tag] });
    return true;
  }

  /** @returns whether it was there, as far as could be seen */
  delete(key: string): Promise<boolean> {
    return this.cache.del(key);
  }

  has(key: string): Promise<boolean> {
    return this.cache.exists(key);
  }

  /** Evicts what was set under the namespace, by one command; without one, all of the cache. */
  async clear(): Promise<void> {
    const { tag, caches } = this;
    if (tag === undefined) await this.cache.flush();
    else if (this.cache.scope === 'global') await caches.evictGlobalTags([tag]);
    else await caches.evictTags([tag]);
  }

  /** Nothing is told: failures of Redis stand in the events of `CacheService`. */
  on(_event: string, _listener: (...args: unknown[]) => void): this {
    return this;
  }

  private get tag(): string | undefined {
    if (this.namespace === undefined) return undefined;
    // Encoded, so that no colon of a name passes for the one in between.
    return [this.cache.name, this.namespace].map(encodeSegment).join(':');
  }
}
