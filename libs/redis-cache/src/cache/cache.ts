import type { CacheScope } from '../config/cache-policy.js';
import { durationMs, type Duration } from '../config/duration.js';
import { knownFields } from '../config/option-checks.js';
import type { ResolvedPolicy } from '../config/resolve-policy.js';
import { encodeKey, type CacheKey } from '../keys/arguments.js';
import { assertTags } from '../keys/names.js';
import { tenantStorage } from '../tenancy/tenant-scope.js';
import type { CacheRuntime } from './cache-runtime.js';
import type { CommitEvictor } from './commit-evictor.js';
import type { EntryExplanation } from './entry-explanation.js';
import type { ScopedEntry } from './entry-scope.js';
import type { CacheScopes } from './entry-scopes.js';
import type { LoadContext, LoadRequest } from './load-request.js';
import {
  saidOf,
  type Said,
  type SetOptions,
  type ValueWithTtl,
  type WrapPolicy,
} from './call-options.js';

/** Policy and entries of a cache, as its users have agreed on them up to a revision. */
interface Bound {
  readonly policy: ResolvedPolicy;
  readonly scopes: CacheScopes;
  readonly revision: number;
}

/**
 * One named cache, for the tenant of the context or for a given one.
 *
 * Keys: a string, number, bigint, boolean, Date or plain object; an array is several parts, as the
 * arguments of a method are. `1` and `'1'` are different keys.
 */
export class Cache<T = unknown> {
  private bound: Bound;

  /** @internal Injected by `InjectCache`, or got from `CacheService`. */
  constructor(
    private readonly runtime: CacheRuntime,
    /** Its name, e.g. `lead.byPhone`. */
    readonly name: string,
    private readonly tenant?: string,
    private readonly afterCommit = true,
  ) {
    this.bound = this.bind();
  }

  /**
   * The same cache for what must not wait for the commit of a transaction, nor end with its rollback:
   * because what is cached does not come from that database, for instance.
   */
  atOnce(): Cache<T> {
    return new Cache(this.runtime, this.name, this.tenant, false);
  }

  /** Whether each tenant has entries of its own, or one set serves all. */
  get scope(): CacheScope {
    return this.policy.scope;
  }

  /**
   * The value under `key`, or undefined if there is none. Where undefined itself is cached,
   * {@link exists} tells the two apart.
   *
   * @throws {TenantMissingError} the cache is tenant-scoped and no tenant is known
   */
  async get(key: CacheKey): Promise<T | undefined> {
    const looked = await this.runtime.engine.get(this.refOf(key, 'get'), this.policy);
    return looked.kind === 'hit' ? (looked.value as T) : undefined;
  }

  /**
   * As {@link get}, with how long the value is fresh yet: undefined if there is none, and only then.
   *
   * @throws {TenantMissingError} the cache is tenant-scoped and no tenant is known
   */
  async getWithTtl(key: CacheKey): Promise<ValueWithTtl<T> | undefined> {
    const looked = await this.runtime.engine.get(this.refOf(key, 'getWithTtl'), this.policy);
    if (looked.kind === 'miss') return undefined;
    return { value: looked.value as T, ttlLeftMs: looked.ttlLeftMs };
  }

  /**
   * Stores a value in place of an earlier one. With Redis away it is kept in this process for a
   * short time. Within a transaction nothing is stored, as the value is not committed yet: the entry
   * is evicted after the commit instead, and left as it is after a rollback. Calls of one process count
   * in the order in which they are made, awaited or not.
   *
   * @param options a ttl, or ttl and tags
   * @throws {UncacheableValueError} the value cannot be carried so that it comes out as it went in
   */
  async set(key: CacheKey, value: T, options: Duration | SetOptions = {}): Promise<void> {
    const { ttl, tags } = this.optionsOf(options);
    const said = { tags: tags && assertTags(tags), ttlMs: always(this.ttlMs(ttl, 'set')) };
    const request = this.requestOf(this.refOf(key, 'set'), this.policy, () => value, said);
    if (this.evictor.inTransaction) {
      await this.evictor.evict(request.ref);
      return;
    }
    await this.runtime.engine.set(request, value);
  }

  /**
   * Evicts the entry: once this resolves, no value loaded before is served again by this process.
   * With Redis away it acts here at once, and is replayed before Redis is read again. Within a
   * transaction it resolves at once, and the entry is evicted after the commit.
   *
   * @returns whether it was there, as far as could be seen; false if it is evicted later
   */
  async del(key: CacheKey): Promise<boolean> {
    return this.evictor.evict(this.refOf(key, 'del'));
  }

  /** Whether a fresh value is there, also if it is undefined. */
  async exists(key: CacheKey): Promise<boolean> {
    const looked = await this.runtime.engine.get(this.refOf(key, 'exists'), this.policy);
    return looked.kind === 'hit';
  }

  /**
   * The value under `key`, loaded and stored if it is not there. Callers that ask at the same time,
   * in this process or another, share one load.
   *
   * @param load runs under the tenant of the entry and no other context of its caller
   * @param ttlOrPolicy a ttl, or whatever else of the policy differs for this call
   * @throws whatever `load` throws, unchanged
   */
  wrap<R extends T>(
    key: CacheKey,
    load: (context: LoadContext) => R | Promise<R>,
    ttlOrPolicy?: Duration | WrapPolicy<R>,
  ): Promise<R> {
    try {
      return this.wrapBy(key, load, ttlOrPolicy) as Promise<R>;
    } catch (error) {
      const reason = error as Error;
      return Promise.reject(reason);
    }
  }

  /**
   * Evicts all entries of this cache that the tenant has, however many, by one command. Within a
   * transaction it resolves at once, and they are evicted after the commit.
   *
   * @throws {TenantMissingError} the cache is tenant-scoped and no tenant is known
   */
  async flush(): Promise<void> {
    const { invalidations } = this.runtime;
    const owner = this.ownerOf('flush');
    await this.evictor.renewStamp(invalidations.cache(owner, this.name, this.policy.version));
  }

  /**
   * Why a read of the entry would hit or miss at the moment: what each tier has of it, its stamps, who
   * loads it, what evicted it last. Its value is not in the answer, and nothing changes by asking.
   *
   * @throws {TenantMissingError} the cache is tenant-scoped and no tenant is known
   */
  async explain(key: CacheKey): Promise<EntryExplanation> {
    return this.runtime.explain(this.refOf(key, 'explain'), this.policy);
  }

  /** The values of several keys, in their order; undefined where there is none. */
  async mget(keys: readonly CacheKey[]): Promise<(T | undefined)[]> {
    return Promise.all(keys.map((key) => this.get(key)));
  }

  /** Stores several values, each as {@link set} does. */
  async mset(
    entries: readonly (readonly [CacheKey, T])[],
    options: Duration | SetOptions = {},
  ): Promise<void> {
    await Promise.all(entries.map(([key, value]) => this.set(key, value, options)));
  }

  /**
   * Evicts several entries, each as {@link del} does.
   *
   * @returns how many were there, as far as could be seen; 0 if they are evicted later
   */
  async mdel(keys: readonly CacheKey[]): Promise<number> {
    const existed = await Promise.all(keys.map((key) => this.del(key)));
    return existed.filter(Boolean).length;
  }

  // Not async, nor what it calls on the way to a near hit: each promise costs more than the hit.
  private wrapBy(
    key: CacheKey,
    load: LoadRequest['load'],
    said: Duration | WrapPolicy<never> | undefined,
  ): Promise<unknown> {
    const { engine } = this.runtime;
    const { policy: own, scopes } = this.binding;
    if (scopes.rollout.isOff) {
      engine.countBypass(this.name, 'off');
      return Promise.resolve(load({ signal: new AbortController().signal }));
    }
    const policy = typeof said === 'object' ? this.policyOfCall(said) : own;
    const ttlMs = typeof said === 'object' ? undefined : this.ttlMs(said, 'wrap');
    const scope = scopes.of(this.ownerOf('wrap'));
    const encodedKey = encodeKey(key);
    // The short way knows of no refresh but that of the policy.
    const isShort = typeof said !== 'object' || said.refreshWithin === undefined;
    const near = isShort ? engine.nearHit(scope, encodedKey, policy) : undefined;
    if (near) return near;
    const ofEntry = typeof said === 'object' ? saidOf(this.name, said) : { ttlMs: always(ttlMs) };
    return engine.getOrLoad(this.requestOf(scope.entry(encodedKey), policy, load, ofEntry));
  }

  private policyOfCall(said: WrapPolicy<never>): ResolvedPolicy {
    const { tags, unless, refreshWithin, ttl, ...rest } = said;
    const isOwn = ttl === undefined || typeof ttl === 'function';
    if (isOwn && Object.keys(rest).length === 0) return this.policy;
    const place = `policy of ${this.name}.wrap`;
    const policy = typeof ttl === 'function' ? rest : { ...rest, ttl };
    return this.runtime.policies.forCall(this.name, { place, policy });
  }

  private ttlMs(ttl: Duration | undefined, operation: string): number | undefined {
    return ttl === undefined ? undefined : durationMs(ttl, `ttl of ${this.name}.${operation}`);
  }

  private optionsOf(options: Duration | SetOptions): SetOptions {
    if (typeof options !== 'object') return { ttl: options };
    knownFields(options, `options of ${this.name}.set`, ['ttl', 'tags']);
    return options;
  }

  private get evictor(): CommitEvictor {
    return this.runtime.evictor(this.afterCommit);
  }

  private get policy(): ResolvedPolicy {
    return this.binding.policy;
  }

  /** What one user says of a cache's scope or version holds for those who had it before, too. */
  private get binding(): Bound {
    if (this.bound.revision !== this.runtime.policies.revision) this.bound = this.bind();
    return this.bound;
  }

  private bind(): Bound {
    const { policies } = this.runtime;
    const policy = policies.of(this.name);
    const scopes = this.runtime.scopesOf(this.name, policy);
    return { policy, scopes, revision: policies.revision };
  }

  private refOf(key: CacheKey, operation: string): ScopedEntry {
    return this.binding.scopes.of(this.ownerOf(operation)).entry(encodeKey(key));
  }

  private ownerOf(operation: string): string | null {
    const { scope } = this.policy;
    if (this.tenant !== undefined && scope === 'tenant') return this.tenant;
    const place = () => `${operation} in the cache '${this.name}'`;
    return this.runtime.tenants.ownerOf(scope, this.tenant, place);
  }

  private requestOf(
    ref: ScopedEntry,
    policy: ResolvedPolicy,
    load: LoadRequest['load'],
    said: Said,
  ): LoadRequest {
    return { ref, policy, load, loading: tenantStorage().getStore()?.loading, ...said };
  }
}

function always(ttlMs: number | undefined): Said['ttlMs'] {
  return ttlMs === undefined ? undefined : () => ttlMs;
}
