import type { Cache } from '../cache/cache.js';
import type { CacheService } from '../cache/cache.service.js';
import { InvalidCacheKeyError } from '../errors/invalid-key.error.js';
import { TenantMissingError } from '../errors/tenant-missing.error.js';
import { encodeKey, type CacheKey } from '../keys/arguments.js';
import type { ResolvedMapOptions } from './migrating-map.options.js';

/** An entry as both sides know it. */
export interface MapEntry<K, V> {
  /** Its key in the Map. */
  readonly mapKey: K;
  /** The cache, for its tenant, and its key there. */
  readonly cache: Cache<V>;
  readonly key: CacheKey;
  readonly encodedKey: string;
  /** Null in a global cache. */
  readonly tenant: string | null;
  /** Tells it from all others of this Map. */
  readonly id: string;
}

/** Finds what the Map and the cache each call an entry. */
export class MapEntries<K, V> {
  /** The same cache for every tenant, outside of transactions, which a Map knows nothing of. */
  private readonly caches: CacheService;

  constructor(
    caches: CacheService,
    private readonly options: ResolvedMapOptions<K, V>,
  ) {
    this.caches = caches.atOnce();
  }

  /**
   * @throws {TenantMissingError} the key names no tenant, and the cache is not global
   * @throws {InvalidCacheKeyError} the key names one and the cache is global, or it makes no key
   */
  of(mapKey: K, operation: string): MapEntry<K, V> {
    const { cache: name, entry } = this.options;
    const { tenant, key } = entry(mapKey);
    const encodedKey = encodeKey(key);
    const of = { mapKey, key, encodedKey };
    if (this.caches.cache(name).scope === 'global') {
      if (tenant !== undefined) throw tenantOfGlobal(name);
      return { ...of, cache: this.caches.cache<V>(name), tenant: null, id: encodedKey };
    }
    if (tenant === undefined) throw tenantMissing(name, operation);
    const cache = this.caches.forTenant(tenant).cache<V>(name);
    // An encoded key has no bar.
    return { ...of, cache, tenant, id: `${encodedKey}|${tenant}` };
  }
}

function tenantMissing(cache: string, operation: string): TenantMissingError {
  return new TenantMissingError(
    `${operation} in the MigratingMap '${cache}'`,
    `Have its option entry take the tenant from the key of the Map`,
  );
}

/** The entries of all tenants would be one. */
function tenantOfGlobal(cache: string): InvalidCacheKeyError {
  return new InvalidCacheKeyError(
    'tenant',
    `is given by the MigratingMap '${cache}', and the cache is global`,
    `Leave it out, or give the cache the scope 'tenant'.`,
  );
}
