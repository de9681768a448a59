// @ts-check
/** @import { CacheCounters } from '../../cache/cache-counters.js' */
/** @import { CacheStatistics } from '../../cache/cache-statistics.js' */

/**
 * Reads, answered or not.
 *
 * @param {CacheCounters} counters
 */
export function readsOf({ nearHits, farHits, staleServed, misses }) {
  return nearHits + farHits + staleServed + misses;
}

/**
 * Hits among all reads, as in the Grafana dashboard: what is past its ttl is none.
 *
 * @param {CacheCounters} counters
 * @returns {number | undefined} from 0 to 1; undefined without reads
 */
export function hitRateOf(counters) {
  return share(counters.nearHits + counters.farHits, readsOf(counters));
}

/** @param {number} part @param {number} whole @returns {number | undefined} undefined of nothing */
export function share(part, whole) {
  return whole > 0 ? part / whole : undefined;
}

/** @param {CacheStatistics['period']} period */
export function secondsOf({ fromMs, toMs }) {
  return Math.max(0.001, (toMs - fromMs) / 1_000);
}
