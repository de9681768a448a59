/** What happened in one cache since the start: plain numbers, counted on the way. */
export interface CacheCounters {
  /** Answered from this process. */
  nearHits: number;
  /** Answered from Redis. */
  farHits: number;
  /** Found in neither tier. */
  misses: number;
  /** Answered with a value past its ttl, within its grace. */
  staleServed: number;
  /** Calls that joined a flight of this process. */
  joined: number;
  /** Times a load of another process was waited for. */
  waited: number;
  loads: number;
  loadErrors: number;
  /** Refreshes begun in the background. */
  refreshes: number;
  /** Values stored. */
  fills: number;
  /** Values not stored because an eviction or another write came first. */
  refusedFills: number;
  /** Entries evicted by this process. */
  evictions: number;
  /** Calls that went past the cache: `condition` said no, or too many flights at once. */
  bypassed: number;
  /** Values that could not be carried exactly, or were above `maxBytes`. */
  uncacheable: number;
  /** Entries found that a stamp has invalidated. */
  outdated: number;
  /** Stored bytes that were not an entry. */
  undecodable: number;
  /** Work with Redis that failed or was refused. */
  farErrors: number;
}

/** Counters that all stand at zero. */
export function zeroCounters(): CacheCounters {
  return {
    nearHits: 0,
    farHits: 0,
    misses: 0,
    staleServed: 0,
    joined: 0,
    waited: 0,
    loads: 0,
    loadErrors: 0,
    refreshes: 0,
    fills: 0,
    refusedFills: 0,
    evictions: 0,
    bypassed: 0,
    uncacheable: 0,
    outdated: 0,
    undecodable: 0,
    farErrors: 0,
  };
}

/** The sum of several caches' counters. */
export function sumCounters(all: Iterable<CacheCounters>): CacheCounters {
  const sum = zeroCounters();
  for (const counters of all) {
    for (const name of Object.keys(sum) as (keyof CacheCounters)[]) sum[name] += counters[name];
  }
  return sum;
}
