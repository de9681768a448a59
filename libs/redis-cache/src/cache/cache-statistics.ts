import type { ConnectionState } from '../connection/connection-state.js';
import type { PersistentCounts, PersistentOperation } from '../persistence/persistent-activity.js';
import type { NearUse } from '../stores/near-node.js';
import type { EvictionCounts } from './cache-activities.js';
import type { TimedWork } from './cache-activity.js';
import type { CacheCounters } from './cache-counters.js';

/**
 * How the cache works at the moment: `redis` with both tiers, `memory` with the near tier alone
 * because no Redis is configured or `far` is `false`, `fallback` with the near tier alone because Redis is
 * away.
 */
export type CacheMode = 'redis' | 'memory' | 'fallback';

/**
 * @param connection its state; undefined where no Redis is configured
 * @param usesFar whether entries are kept in Redis
 */
export function modeOf(connection: ConnectionState | undefined, usesFar: boolean): CacheMode {
  if (!connection || !usesFar) return 'memory';
  return connection.kind === 'ready' ? 'redis' : 'fallback';
}

/** The time that statistics are about: all of it, or the last minutes. */
export type StatisticsWindow = 'start' | '1m' | '5m' | '15m';

/**
 * Latencies of one kind of work, off by 6.25 % at most but for `count` and `meanMs`. Undefined where
 * `count` is 0.
 */
export interface LatencyFigures {
  readonly count: number;
  readonly meanMs: number | undefined;
  readonly p50Ms: number | undefined;
  readonly p90Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly maxMs: number | undefined;
}

/** What one cache did, or all of them. */
export interface CacheFigures extends CacheCounters {
  /**
   * `near` of hits in this process, about one of 256; `far` of work with Redis, each step of it, failed
   * ones too; `load` of all loads.
   */
  readonly latency: Readonly<Record<TimedWork, LatencyFigures>>;
  /** What the near tier holds now. */
  readonly near: Readonly<NearUse>;
}

/** What the persistent store does for this process, since the start. */
export interface PersistenceFigures extends Readonly<PersistentCounts> {
  /** Whether it is asked. */
  readonly available: boolean;
  /** Invalidations of this process that it has not acknowledged. */
  readonly unacknowledged: number;
  /** Of each kind of work, failed ones too. */
  readonly latency: Readonly<Record<PersistentOperation, LatencyFigures>>;
}

/** A tenant among those with the most calls or loads. */
export interface BusyTenant {
  /** Null is the global scope. */
  readonly tenant: string | null;
  /** At least what it has had, and at most `excess` more: only a hundred tenants are told apart. */
  readonly count: number;
  readonly excess: number;
}

/** A snapshot of what the cache did. */
export interface CacheStatistics {
  readonly mode: CacheMode;
  /**
   * State of the connection to Redis, by which evictions are told in mode `memory`, too; undefined where
   * none is configured.
   */
  readonly connection: ConnectionState['kind'] | undefined;
  /** The time that the counts are about, in milliseconds since 1970. */
  readonly period: { readonly fromMs: number; readonly toMs: number };
  readonly total: CacheFigures;
  /** By cache name; a cache appears with its first use. */
  readonly caches: Readonly<Record<string, CacheFigures>>;
  /** Evictions by what they hit, and whether they were made here or by another process. */
  readonly evictions: EvictionCounts;
  /** The ten tenants with the most calls and with the most loads. */
  readonly tenants: {
    readonly calls: readonly BusyTenant[];
    readonly loads: readonly BusyTenant[];
  };
  /** The near tier now: entries, accounted bytes, and entries pushed out since the start. */
  readonly near: { readonly entries: number; readonly bytes: number; readonly evictions: number };
  /** Loads, refreshes and writes under way in this process. */
  readonly flights: number;
  /** Invalidations kept for a replay, and how many of them Redis has not acknowledged. */
  readonly journal: { readonly size: number; readonly unacknowledged: number };
  /** The persistent store; undefined where none is configured. */
  readonly persistence: PersistenceFigures | undefined;
  /**
   * Whether evictions of other processes are heard, so that the near tier is trusted, and how long the
   * last sign of life took from this process through Redis back to it. Undefined where there is none.
   * And how often text came over the bus since the start that is no message of this version.
   */
  readonly bus: {
    readonly trusted: boolean;
    readonly delayMs: number | undefined;
    readonly malformed: number;
  };
}
