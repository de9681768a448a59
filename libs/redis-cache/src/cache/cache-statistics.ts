import type { ConnectionState } from '../connection/connection-state.js';
import type { CacheCounters } from './cache-counters.js';

/**
 * How the cache works at the moment: `redis` with both tiers, `memory` with the near tier alone
 * because no Redis is configured, `fallback` with the near tier alone because Redis is away.
 */
export type CacheMode = 'redis' | 'memory' | 'fallback';

/** @param connection its state; undefined where no Redis is configured */
export function modeOf(connection: ConnectionState | undefined): CacheMode {
  if (!connection) return 'memory';
  return connection.kind === 'ready' ? 'redis' : 'fallback';
}

/** A snapshot of what the cache did since the start. */
export interface CacheStatistics {
  readonly mode: CacheMode;
  readonly total: CacheCounters;
  /** By cache name; a cache appears with its first use. */
  readonly caches: Readonly<Record<string, CacheCounters>>;
  /** The near tier now: entries, accounted bytes, and entries pushed out to keep its bounds. */
  readonly near: { readonly entries: number; readonly bytes: number; readonly evictions: number };
  /** Loads, refreshes and writes under way in this process. */
  readonly flights: number;
  /** Invalidations kept for a replay, and how many of them Redis has not acknowledged. */
  readonly journal: { readonly size: number; readonly unacknowledged: number };
}
