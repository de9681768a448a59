import type { ResolvedPolicy } from '../config/resolve-policy.js';
import type { KeySpace } from '../keys/key-space.js';
import type { TypedEmitter } from '../resilience/emitter.js';
import type { TenantResolver } from '../tenancy/tenant-resolver.js';
import { zeroCounters, type CacheCounters } from './cache-counters.js';
import type { CacheEngine } from './cache-engine.js';
import type { CacheEvents } from './cache-events.js';
import type { CachePolicies } from './cache-policies.js';
import type { CacheStatistics } from './cache-statistics.js';
import type { EntryRef } from './entry-ref.js';

/** Everything that one application's caches share. */
export class CacheRuntime {
  constructor(
    readonly engine: CacheEngine,
    readonly policies: CachePolicies,
    readonly tenants: TenantResolver,
    readonly events: TypedEmitter<CacheEvents>,
    readonly statistics: () => CacheStatistics,
    private readonly keys: KeySpace,
  ) {}

  /** The entry under an encoded key of a cache, for an owner decided by {@link tenants}. */
  refOf(cache: string, policy: ResolvedPolicy, owner: string | null, key: string): EntryRef {
    const redisKey = this.keys.entry(owner, cache, policy.version, key);
    return { tenant: owner, cache, key, redisKey };
  }
}

/** The counters of every cache, made when a cache is first used. */
export class CounterTable {
  private readonly counters = new Map<string, CacheCounters>();

  of(cache: string): CacheCounters {
    let counters = this.counters.get(cache);
    if (!counters) this.counters.set(cache, (counters = zeroCounters()));
    return counters;
  }

  /** A snapshot that does not change any more. */
  snapshot(): Record<string, CacheCounters> {
    return Object.fromEntries([...this.counters].map(([cache, counts]) => [cache, { ...counts }]));
  }
}
