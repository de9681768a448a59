import { combined } from '../statistics/counts.js';

/** Why reads found nothing to answer with. Together they are `misses`. */
export interface MissCounts {
  /** Nothing was there. What is past its ttl and grace is not, for Redis drops it. */
  absent: number;
  /** Past its ttl: looked up without a load, or waited for until it was loaded anew. */
  expired: number;
  /** An eviction by tag, cache, tenant or everything had hit it. */
  outdated: number;
  /** The stored bytes were not an entry. */
  undecodable: number;
  /** Written by a later version of this library. */
  newer: number;
  /** Redis was away. */
  suspended: number;
  /** Redis did not answer in time. */
  timeout: number;
  /** Redis refused the command. */
  refused: number;
}

/** Why calls went past the cache. Together they are `bypassed`. */
export interface BypassCounts {
  /** `condition` said no, or threw. */
  condition: number;
  /** Too many flights at once. */
  full: number;
  /** Made by the load of the same entry, which it would have waited for. */
  recursion: number;
  /** A flight was joined, and took longer than `waitTimeout` or was given up. */
  overdue: number;
  /** A flight was joined, and its value cannot be copied. */
  uncopyable: number;
  /** The application was closing. */
  closed: number;
  /** Its rollout leaves the tenant out, or everybody. */
  off: number;
  /** The cache is in shadow mode. */
  shadow: number;
}

/** What happened in one cache: plain numbers, counted on the way. */
export interface CacheCounters {
  /** Answered from this process. */
  nearHits: number;
  /** Answered from Redis. */
  farHits: number;
  /** Answered from the persistent store. */
  persistentHits: number;
  /** Found in no tier. */
  misses: number;
  missedBy: MissCounts;
  /** Answered with a value past its ttl, within its grace. */
  staleServed: number;
  /** Calls that joined a flight of this process. */
  joined: number;
  /** Leases that this process was given, to load an entry. */
  leasesWon: number;
  /** Leases that another process had. */
  leasesLost: number;
  /** Times a load of another process was waited for. */
  waited: number;
  loads: number;
  loadErrors: number;
  /** Refreshes begun in the background. */
  refreshes: number;
  /** Values stored. */
  fills: number;
  /** Values that the persistent store has taken. */
  persistentFills: number;
  /** Values not stored because an eviction or another write came first. */
  refusedFills: number;
  /** Entries evicted by this process. */
  evictions: number;
  /** Entries that other processes have evicted or replaced. */
  remoteEvictions: number;
  /** Calls that went past the cache. */
  bypassed: number;
  bypassedBy: BypassCounts;
  /** Calls in shadow mode whose load it would have spared, as the entry is there or being loaded. */
  shadowHits: number;
  /** Calls in shadow mode that it would have loaded for. */
  shadowMisses: number;
  /** Values that could not be carried exactly, or were above `maxBytes`. */
  uncacheable: number;
  /** Entries found that a stamp has invalidated. */
  outdated: number;
  /** Stored bytes that were not an entry. */
  undecodable: number;
  /** Work with Redis that failed or was refused. */
  farErrors: number;
}

export type MissCause = keyof MissCounts;
export type BypassReason = keyof BypassCounts;

/** Counters that all stand at zero. */
export function zeroCounters(): CacheCounters {
  return {
    nearHits: 0,
    farHits: 0,
    persistentHits: 0,
    misses: 0,
    missedBy: {
      absent: 0,
      expired: 0,
      outdated: 0,
      undecodable: 0,
      newer: 0,
      suspended: 0,
      timeout: 0,
      refused: 0,
    },
    staleServed: 0,
    joined: 0,
    leasesWon: 0,
    leasesLost: 0,
    waited: 0,
    loads: 0,
    loadErrors: 0,
    refreshes: 0,
    fills: 0,
    persistentFills: 0,
    refusedFills: 0,
    evictions: 0,
    remoteEvictions: 0,
    bypassed: 0,
    bypassedBy: {
      condition: 0,
      full: 0,
      recursion: 0,
      overdue: 0,
      uncopyable: 0,
      closed: 0,
      off: 0,
      shadow: 0,
    },
    shadowHits: 0,
    shadowMisses: 0,
    uncacheable: 0,
    outdated: 0,
    undecodable: 0,
    farErrors: 0,
  };
}

/** The sum of several caches' counters. */
export function sumCounters(all: Iterable<CacheCounters>): CacheCounters {
  let sum = zeroCounters();
  for (const counters of all) sum = combined(sum, counters, (a, b) => a + b);
  return sum;
}
