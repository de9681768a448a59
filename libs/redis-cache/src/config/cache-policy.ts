import type { Codec } from '../codec/codec.interface.js';
import type { ClassRef } from '../codec/value-codec.js';
import type { Duration } from './duration.js';
import type { RolloutPolicy } from './rollout-policy.js';

/** Who shares the entries of a cache: each tenant has its own, or one set serves all. */
export type CacheScope = 'tenant' | 'global';

/** How a cache uses the near tier (the bounded store in this process). */
export interface NearPolicy {
  /**
   * The longest time an entry is served from this process before Redis is asked again. Bounds how
   * long an eviction made by another process can stay unnoticed. Never outlives the entry in Redis.
   * @default '5s'
   */
  ttl?: Duration;
  /**
   * Answer hits with the same deeply frozen object instead of a copy: the fastest read, for values
   * nobody changes. A value that cannot be frozen (Date, Map, Set, Buffer inside) is still copied.
   * @default false
   */
  share?: boolean;
}

/** How a cache uses the persistent store (see `persistence` of the module). */
export interface PersistPolicy {
  /**
   * How long an entry is given out of the store, by default for the cache's ttl. Where a call names a
   * ttl for its value by a function, that one counts. At least 1 ms.
   */
  ttl?: Duration;
}

/** What holds for the entries of one cache. Every field has a default. */
export interface CachePolicy {
  /**
   * How long an entry is fresh. 0 stores nothing.
   * @default '5m'
   */
  ttl?: Duration;
  /**
   * How long after `ttl` an entry may still be served if loading fails or is slow. 0 switches it off.
   * With Redis the older value is kept there, so it is not at hand while Redis is away.
   * @default 0
   */
  grace?: Duration;
  /**
   * Share of `ttl`, from 0 to 1, after which a read refreshes the entry in the background while it
   * answers the present value. 0 switches it off.
   * @default 0
   */
  refreshAhead?: number;
  /**
   * Share of `ttl`, from 0 to 1, by which it is shortened at random, so that entries stored together
   * do not expire together. It never lengthens a ttl.
   * @default 0
   */
  jitter?: number;
  /**
   * `'tenant'`: every entry belongs to one tenant, and a call without a tenant is an error.
   * `'global'`: one set of entries serves all tenants.
   * @default 'tenant'
   */
  scope?: CacheScope;
  /**
   * Version of the cached shape, a whole number from 0. Raise it when the cached type changes:
   * entries of another version are never read.
   * @default 1
   */
  version?: number;
  /**
   * The near tier: `false` leaves it out, `true` uses the module's settings.
   * @default true
   */
  near?: boolean | NearPolicy;
  /**
   * How long a caller waits for a fresh value while an older usable one exists (see `grace`).
   * 0 answers the older one at once and loads in the background.
   * @default 0
   */
  softTimeout?: Duration;
  /**
   * How long a load may run before its signal is aborted, its lease lapses and its result is no
   * longer stored. The caller that started it still gets what it yields. At least 1 ms.
   * @default '30s'
   */
  loadTimeout?: Duration;
  /**
   * How long a caller waits for a load of somebody else before it loads for itself, without storing.
   * 0 does not wait.
   * @default '10s'
   */
  waitTimeout?: Duration;
  /**
   * Largest encoded value in bytes. Larger ones are answered but not stored, and counted.
   * @default 1048576
   */
  maxBytes?: number;
  /**
   * Encoded size in bytes from which on an entry is compressed in Redis (gzip, level 1), where that
   * makes it smaller. Blocks the event loop for about 30 µs to write and 15 µs to read 9 KB; below
   * 1,000 bytes there is nothing to gain. Entries of both kinds are always readable, so it may be
   * changed at any time. `false` compresses nothing.
   * @default false
   */
  compressFromBytes?: number | false;
  /**
   * Whether what is loaded is also kept in the module's persistent store, which is asked before a load.
   * To be said in the module's options alone, since whoever evicts has to know.
   * @default false
   */
  persist?: boolean | PersistPolicy;
  /**
   * False switches the cache off, whatever `rollout` says: calls are answered as if the method were not
   * decorated, and evictions go on. To be said in the module's options alone; it may be changed while
   * running.
   * @default true
   */
  enabled?: boolean;
  /**
   * For whom the cache is used. To be said in the module's options alone; it may be changed while running.
   * Left out, for everybody.
   */
  rollout?: RolloutPolicy;
  /** Replaces the built-in choice between JSON and `node:v8`. */
  codec?: Codec;
  /**
   * The classes whose instances a value may hold. They come out of the cache with their prototype,
   * so that methods and serialization rules work on a hit as on a miss. Without it, class instances
   * are not cached.
   */
  type?: () => ClassRef | readonly ClassRef[];
}
