import type { AlertsOptions } from './alerts/alerts.options.js';
import type { RedisConnectionOptions } from './connection/connection-options.js';
import type { CacheTracing } from './cache/cache-tracing.js';
import type { CachePolicy } from './config/cache-policy.js';
import type { Duration } from './config/duration.js';
import type { CacheTransaction } from './invalidation/cache-transaction.interface.js';
import type { WarmMode } from './warming/cache-warming.service.js';
import type { PersistentStore } from './persistence/persistent-store.interface.js';

/** Bounds of the near tier, for all caches together. */
export interface NearTierOptions {
  /**
   * Bytes held at most: accounted as encoded value, key and a fixed overhead for each entry.
   * @default 67108864
   */
  maxBytes?: number;
  /**
   * Entries held at most.
   * @default 50000
   */
  maxEntries?: number;
  /**
   * Largest part of bytes and entries, above 0 to 1, that one tenant may take.
   * @default 0.5
   */
  tenantShare?: number;
  /** Default of `near.ttl` of every cache. @default '5s' */
  ttl?: Duration;
  /**
   * How long an entry loaded while Redis is away is served from this process; with `far: false`, while
   * evictions of others may go unnoticed.
   * @default '2s'
   */
  degradedTtl?: Duration;
}

/** Time limits of the work with Redis. None of them fails a call: past them it goes on without Redis. */
export interface TimeoutOptions {
  /** What Redis may take of one call's time before the call goes on without it. @default '100ms' */
  command?: Duration;
  /**
   * How long a lease lives unless its holder renews it, three times in that span; after that long at
   * most, another process takes over from a holder that died. Three times `command` at least lets one
   * renewal be late; a shorter one than `command` is refused, as values would come after its end.
   * @default '3s'
   */
  lease?: Duration;
  /**
   * How long closing waits for a Redis that does not answer, and for a load in the background that does
   * not end when its signal aborts.
   * @default '2s'
   */
  close?: Duration;
}

/** When Redis counts as away, and how it is looked for again. */
export interface BreakerOptions {
  /** Timeouts in a row after which Redis is not asked any more. @default 1 */
  failures?: number;
  /** First pause before Redis is probed again; pauses grow from here. @default '50ms' */
  probeInterval?: Duration;
  /** Longest pause between probes; no less than `probeInterval`. @default '1s' */
  maxProbeInterval?: Duration;
}

/** How a process hears what others have invalidated, and how it proves that it does. */
export interface BusOptions {
  /** Pause between two signs of life that this process sends to itself. @default '1s' */
  heartbeat?: Duration;
  /**
   * How long a sign of life may be on its way. After that the near tier is not trusted, and reads go
   * to Redis, until one comes through again.
   * @default '500ms'
   */
  silence?: Duration;
  /**
   * In a cluster whose server has sharded pub/sub (Redis 7.0): tell others by it, so that only the
   * nodes of one slot pass a message on. Every process listens to both kinds, whatever it says here.
   * @default true
   */
  sharded?: boolean;
  /**
   * The largest entry, with its header, that a write tells the others along with its name, so that those who keep the
   * one before need not ask Redis for it. 0: never more than names, as it is of values that are not stored as JSON, by
   * sharded pub/sub, and with `coherence: 'tracking'`.
   * @default 1024
   */
  maxEntryBytes?: number;
}

/** The invalidations that are replayed to Redis after every reconnect. */
export interface JournalOptions {
  /** How long one is kept after Redis has acknowledged it, for a failover may lose it. @default '60s' */
  keep?: Duration;
  /**
   * How many are kept at most. Past that they coarsen: entries to their cache, caches and tags to
   * their tenant, tenants to everything.
   * @default 10000
   */
  maxItems?: number;
}

/** A store between Redis and the loads, for the caches whose policy says `persist`. */
export interface PersistenceOptions {
  /** For instance a `PostgresStore` of `nestjs-redis-cache/persistence`. */
  store: PersistentStore;
  /**
   * What the store may take of one call's time before the call goes on without it; of an eviction's
   * before it counts as not acknowledged. At least 1 ms.
   * @default '250ms'
   */
  timeout?: Duration;
  /** Failures in a row after which it is not asked any more until it has been opened again. @default 3 */
  failures?: number;
}

/** Where the tenant of a call comes from if not from `runWithTenant` or the middleware. */
export interface TenantOptions {
  /**
   * Asked when no tenant is set by this library's own context; undefined means none. In the load of
   * a global cache there is none, and it is not asked.
   */
  resolve?: () => string | undefined;
}

/** The transactions of the application's database, for what is to be evicted after their commit. */
export interface TransactionOptions {
  /**
   * The transaction that the code calling is part of; undefined or null when there is none, and once
   * it has ended. Asked at every eviction and write by the application's own code, so it is to be
   * cheap: an `AsyncLocalStorage` holds it, as a rule.
   */
  current: () => CacheTransaction | null | undefined;
}

/** How the providers marked by `@CacheWarmer()` are run. */
export interface WarmingOptions {
  /** Steps that run at once in this process, of all warmers together. @default 4 */
  concurrency?: number;
  /**
   * How long the lease of a warmer lives unless its holder renews it; after that long at most, another
   * process takes over from a holder that died.
   * @default '10s'
   */
  lease?: Duration;
  /**
   * How long a warmer counts as done, so that processes which boot meanwhile leave it. At least two
   * leases.
   * @default '1m'
   */
  fresh?: Duration;
  /** How long the boot waits at most with `warm: 'blocking'`. @default '30s' */
  timeout?: Duration;
}

/** What keeps the near tiers of several processes in step. */
export type CoherenceMode = 'bus' | 'tracking' | 'ttl';

/** Options of `RedisCacheModule.forRoot` and of the factories of `forRootAsync`. */
export interface RedisCacheModuleOptions {
  /**
   * Redis to use, or your own ioredis client (it is not closed). `false` or absent: the near tier
   * alone, which is a mode and not a fault.
   * @default false
   */
  connection?: RedisConnectionOptions;
  /**
   * Whether entries are kept in Redis. `false`: in the memory of each process alone. Redis is neither read
   * nor filled then, and no read waits for it; but whatever is evicted is told to it and to all other
   * processes, so that nothing old is found there when it is `true` again. Without a `connection` it makes
   * no difference.
   * @default true
   */
  far?: boolean;
  /**
   * Begins every Redis key of this application.
   * @default 'cache'
   */
  prefix?: string;
  /** Policy of every cache, where the cache itself says nothing else. */
  defaults?: CachePolicy;
  /** Policies by cache name. */
  caches?: Record<string, CachePolicy>;
  /** Where the tenant comes from. */
  tenant?: TenantOptions;
  /** How evictions find the transaction whose commit they wait for. */
  transaction?: TransactionOptions;
  /** Bounds of the near tier; `false` switches it off for every cache. */
  near?: NearTierOptions | false;
  /** Time limits of the work with Redis. */
  timeouts?: TimeoutOptions;
  /** When Redis counts as away. */
  breaker?: BreakerOptions;
  /**
   * How the near tiers of several processes are kept in step. `'bus'`: by messages over pub/sub.
   * `'tracking'`: the server tells of every key that changes, so that it is also noticed what others
   * delete in Redis, and what expires or has to go for want of memory; where the server does not, the
   * bus is used. With either, a near tier that has not proven that it hears is not used. `'ttl'`: not
   * at all; what another process evicts may be served for `near.ttl`, for servers without pub/sub.
   * @default 'bus'
   */
  coherence?: CoherenceMode;
  /** How a process listens, for `coherence` other than `'ttl'`. */
  bus?: BusOptions;
  /** What is replayed to Redis after every reconnect. */
  journal?: JournalOptions;
  /**
   * When the providers marked by `@CacheWarmer()` run. `'background'`: once the application has booted.
   * `'blocking'`: the boot waits for them, but not while Redis is away. `false`: on demand only, by
   * `CacheWarmingService`.
   * @default 'background'
   */
  warm?: WarmMode | false;
  /** How they run. */
  warming?: WarmingOptions;
  /**
   * What is looked at to raise alerts, and where they are told. Left out, hit rate, latency, errors and
   * connection are, by events and the log; `false` looks at nothing.
   */
  alerts?: AlertsOptions | false;
  /**
   * The store for the caches whose policy says `persist`. `false` or absent: none; where it is `false`,
   * that policy has no effect, and where it is absent, it is refused.
   */
  persistence?: PersistenceOptions | false;
  /** Follows work with Redis and loads; `nestjs-redis-cache/opentelemetry` makes one. */
  tracing?: CacheTracing;
}
