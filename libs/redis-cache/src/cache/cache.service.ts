import type { Duration } from '../config/duration.js';
import { knownFields } from '../config/option-checks.js';
import type { RedisFigures } from '../connection/redis-figures.js';
import type { CacheKey } from '../keys/arguments.js';
import { assertTenant, runWithTenant } from '../tenancy/tenant-context.js';
import type { CacheEvents } from './cache-events.js';
import type { CacheRuntime } from './cache-runtime.js';
import type { BusyTenant, CacheStatistics, StatisticsWindow } from './cache-statistics.js';
import { Cache } from './cache.js';
import type { SetOptions, ValueWithTtl, WrapPolicy } from './call-options.js';
import type { CommitEvictor } from './commit-evictor.js';
import type { EntryExplanation } from './entry-explanation.js';
import type { LoadContext } from './load-request.js';
import type { PurgeProgress } from './purge-progress.js';

/** The cache behind the methods of {@link CacheService} that name none. */
const DEFAULT_CACHE = 'default';

/** What {@link CacheService.purgeTenant} may be told. */
export interface PurgeOptions {
  /** Called at every step; the event `purgeProgress` tells the same. @default none */
  onProgress?: (progress: PurgeProgress) => void;
}

/**
 * The cache as services use it where a decorator does not fit: the cache named `default`, and all
 * that spans caches. Inject it by its class.
 *
 * Within a transaction of the application (see `transaction.current` of the module) every eviction
 * resolves at once and acts after the commit, or never if it is rolled back; {@link atOnce} is a view
 * that does not wait.
 */
export class CacheService {
  private readonly defaultCache: Cache;

  /** @internal Injected by its class, or a view of one that is. */
  constructor(
    private readonly runtime: CacheRuntime,
    private readonly tenant?: string,
    private readonly afterCommit = true,
  ) {
    this.defaultCache = new Cache(runtime, DEFAULT_CACHE, tenant, afterCommit);
  }

  /** A named cache, for the same tenant as this service. */
  cache<T = unknown>(name: string): Cache<T> {
    return new Cache<T>(this.runtime, name, this.tenant, this.afterCommit);
  }

  /**
   * The same service for another tenant, whatever the context says.
   *
   * @throws {InvalidCacheKeyError} `tenant` is not a non-empty string
   */
  forTenant(tenant: string): CacheService {
    return new CacheService(this.runtime, assertTenant(tenant), this.afterCommit);
  }

  /** The same service for what must not wait for the commit of a transaction; see {@link Cache.atOnce}. */
  atOnce(): CacheService {
    return new CacheService(this.runtime, this.tenant, false);
  }

  /** See {@link runWithTenant}. */
  runWithTenant<T>(tenant: string, fn: () => T): T {
    return runWithTenant(tenant, fn);
  }

  /** The tenant of this view, of the context, or of the module's `tenant.resolve`. */
  currentTenant(): string | undefined {
    return this.tenant ?? this.runtime.tenants.current();
  }

  /** See {@link Cache.get}. */
  get<T>(key: CacheKey): Promise<T | undefined> {
    return this.defaultCache.get(key) as Promise<T | undefined>;
  }

  /** See {@link Cache.getWithTtl}. */
  getWithTtl<T>(key: CacheKey): Promise<ValueWithTtl<T> | undefined> {
    return this.defaultCache.getWithTtl(key) as Promise<ValueWithTtl<T> | undefined>;
  }

  /** See {@link Cache.set}. */
  set(key: CacheKey, value: unknown, options?: Duration | SetOptions): Promise<void> {
    return this.defaultCache.set(key, value, options);
  }

  /** See {@link Cache.del}. */
  del(key: CacheKey): Promise<boolean> {
    return this.defaultCache.del(key);
  }

  /** See {@link Cache.exists}. */
  exists(key: CacheKey): Promise<boolean> {
    return this.defaultCache.exists(key);
  }

  /** See {@link Cache.wrap}. */
  wrap<T>(
    key: CacheKey,
    load: (context: LoadContext) => T | Promise<T>,
    ttlOrPolicy?: Duration | WrapPolicy<T>,
  ): Promise<T> {
    return this.defaultCache.wrap(key, load, ttlOrPolicy);
  }

  /** See {@link Cache.mget}. */
  mget<T>(keys: readonly CacheKey[]): Promise<(T | undefined)[]> {
    return this.defaultCache.mget(keys) as Promise<(T | undefined)[]>;
  }

  /** See {@link Cache.mset}. */
  mset(
    entries: readonly (readonly [CacheKey, unknown])[],
    options?: Duration | SetOptions,
  ): Promise<void> {
    return this.defaultCache.mset(entries, options);
  }

  /** See {@link Cache.mdel}. */
  mdel(keys: readonly CacheKey[]): Promise<number> {
    return this.defaultCache.mdel(keys);
  }

  /**
   * Evicts every entry that has one of these tags, in all caches of the tenant, however many: one
   * command for each tag. Entries of global caches are reached by {@link evictGlobalTags}.
   *
   * @throws {TenantMissingError} no tenant is known
   */
  async evictTags(tags: readonly string[]): Promise<void> {
    await this.renewTags(this.ownerOf('evictTags'), tags);
  }

  /** Evicts every entry of the global caches that has one of these tags. */
  async evictGlobalTags(tags: readonly string[]): Promise<void> {
    await this.renewTags(null, tags);
  }

  /**
   * Evicts everything that the tenant has, in all tenant-scoped caches, by one command.
   *
   * @throws {TenantMissingError} no tenant is known
   */
  async evictTenant(): Promise<void> {
    const { invalidations } = this.runtime;
    await this.evictor.renewStamp(invalidations.tenant(this.ownerOf('evictTenant')));
  }

  /**
   * Evicts the tenant's entries that a pattern takes: `'lead.*'` is all of these caches,
   * `'lead.byPhone/+1555*'` what begins so, `'*'` everything. Unlike other evictions of many entries
   * it deletes them in Redis, which it walks through step by step: the more keys the server has, the
   * longer it takes. Where Redis is away, or fails half way, everything of the tenant is evicted. It
   * does not wait for the commit of a transaction.
   *
   * @param pattern `cache/key`; see `escapePattern` for text that is to match itself
   * @returns how many entries were deleted in Redis; where none are kept there, also in this process
   * @throws {TenantMissingError} no tenant is known
   * @throws {InvalidCacheOptionsError} the pattern is none
   */
  async evictPattern(pattern: string): Promise<number> {
    return this.runtime.engine.evictPattern(this.ownerOf('evictPattern'), pattern);
  }

  /** The same for the global caches. */
  async evictGlobalPattern(pattern: string): Promise<number> {
    return this.runtime.engine.evictPattern(null, pattern);
  }

  /**
   * Erases all that Redis and the processes have of the tenant: entries, leases, and stamps with the
   * names of its tags. Nothing from before is served or stored any more, whatever comes of the rest.
   *
   * @returns how many keys were deleted in Redis; where no entries are kept there, also entries in this process
   * @throws {TenantMissingError} no tenant is known
   * @throws {PurgeIncompleteError} Redis is away, or failed before the end: call it again
   */
  async purgeTenant(options: PurgeOptions = {}): Promise<number> {
    knownFields(options, 'options of purgeTenant', ['onProgress']);
    const { onProgress = () => undefined } = options;
    return this.runtime.engine.purge(this.ownerOf('purgeTenant'), onProgress);
  }

  /** See {@link Cache.explain}. */
  async explain(cache: string, key: CacheKey): Promise<EntryExplanation> {
    return this.cache(cache).explain(key);
  }

  /**
   * Evicts everything under the module's prefix, of all tenants and of the global caches, by one
   * command. On the view of a tenant it is {@link evictTenant}: a view never reaches another tenant.
   */
  async flush(): Promise<void> {
    if (this.tenant !== undefined) return this.evictTenant();
    return this.evictor.renewStamp(this.runtime.invalidations.all());
  }

  /**
   * What all caches of this application did. On the view of a tenant, `tenants` names no other one.
   *
   * @param window since the `start`, or over the last minute, 5 or 15; these begin up to 10 s, or a
   *   minute, earlier, or at the start if that is later: see `period`
   */
  getStats(window: StatisticsWindow = 'start'): CacheStatistics {
    const statistics = this.runtime.statistics.report(window);
    return this.tenant === undefined ? statistics : ofTenant(this.tenant, statistics);
  }

  /**
   * What Redis says of itself, of a cluster all masters together: version, memory, clients, look-ups,
   * commands. Undefined where it is away, refuses `INFO`, or none is configured. Never rejects.
   */
  redisStats(): Promise<RedisFigures | undefined> {
    return this.runtime.redisFigures();
  }

  /**
   * Calls `listener` at every `event`, of all caches and tenants. A listener that throws disturbs
   * nothing; its error is logged.
   *
   * @returns removes the listener
   */
  on<E extends keyof CacheEvents>(
    event: E,
    listener: (payload: CacheEvents[E]) => void,
  ): () => void {
    return this.runtime.events.on(event, listener);
  }

  private get evictor(): CommitEvictor {
    return this.runtime.evictor(this.afterCommit);
  }

  private ownerOf(operation: string): string {
    return this.runtime.tenants.ownerOf('tenant', this.tenant, () => `CacheService.${operation}`);
  }

  private async renewTags(owner: string | null, tags: readonly string[]): Promise<void> {
    const { invalidations } = this.runtime;
    await Promise.all(tags.map((tag) => this.evictor.renewStamp(invalidations.tag(owner, tag))));
  }
}

function ofTenant(tenant: string, statistics: CacheStatistics): CacheStatistics {
  const { calls, loads } = statistics.tenants;
  const own = (busy: BusyTenant) => busy.tenant === tenant;
  return { ...statistics, tenants: { calls: calls.filter(own), loads: loads.filter(own) } };
}
