// @ts-check
import { hitRateOf, readsOf, secondsOf } from './figures.js';

/** @import { CacheCounters } from '../../cache/cache-counters.js' */
/** @import { OperatorFigures, OperatorStatistics } from '../admin.contract.js' */

/**
 * What was at one time. Undefined is what nobody knows, and breaks the line.
 *
 * @typedef {object} Point
 * @property {number} atMs
 * @property {number | undefined} [hitRate] from 0 to 1
 * @property {number | undefined} [loads] per second
 * @property {number | undefined} [failedLoads] per second
 * @property {number | undefined} [farP99Ms]
 * @property {number | undefined} [loadP99Ms]
 */

/**
 * A time in which Redis was away; without `toMs` it still is.
 *
 * @typedef {object} Outage
 * @property {number} fromMs
 * @property {number | undefined} toMs
 */

/** How far back the page remembers. */
const KEPT_MS = 60 * 60_000;

/** Rates are taken over this time, or single calls would be all that is seen. */
const RATE_OVER_MS = 6_000;
/** After so long without figures the line is broken. */
const GAP_MS = 15_000;

/** What this page has seen, and what the server knew when it was opened. */
export class History {
  /** @type {Point[]} */
  #points = [];
  /** @type {{ atMs: number, counters: CacheCounters }[]} the last few, to take rates from */
  #seen = [];
  /** @type {Outage[]} */
  #outages = [];

  /** @returns {readonly Point[]} the oldest first */
  get points() {
    return this.#points;
  }

  /** @returns {readonly Outage[]} */
  get outages() {
    return this.#outages;
  }

  /** @param {OperatorFigures} figures */
  add({ health, counters, lastMinute }) {
    const { atMs } = health;
    this.#noteConnection(health);
    const last = this.#seen.at(-1);
    if (last && (atMs < last.atMs || readsOf(counters) < readsOf(last.counters))) {
      this.#seen = []; // another process, or this one anew
    } else if (last && atMs - last.atMs > GAP_MS) {
      this.#points.push({ atMs: last.atMs + 1 });
      this.#seen = [];
    }
    this.#seen.push({ atMs, counters });
    while (this.#seen.length > 2 && atMs - (this.#seen[1]?.atMs ?? atMs) >= RATE_OVER_MS) {
      this.#seen.shift();
    }
    const { far, load } = lastMinute.total.latency;
    this.#points.push({ atMs, ...this.#rates(), farP99Ms: far.p99Ms, loadP99Ms: load.p99Ms });
    this.#forget(atMs);
  }

  /**
   * Takes what was before the page was opened from what the server sums up. Latencies of then are not
   * known: percentiles of a time do not tell those of a part of it.
   *
   * @param {readonly OperatorStatistics[]} windows of any lengths, all up to now
   */
  seed(windows) {
    const sorted = [...windows].sort((a, b) => a.period.fromMs - b.period.fromMs);
    /** @type {Point[]} */
    const before = [];
    sorted.forEach((whole, index) => {
      const later = sorted[index + 1];
      const toMs = later?.period.fromMs ?? whole.period.toMs;
      if (toMs - whole.period.fromMs < RATE_OVER_MS) return;
      const period = { fromMs: whole.period.fromMs, toMs };
      const rates = ratesOf(whole.total, later?.total, secondsOf(period));
      before.push({ atMs: period.fromMs, ...rates }, { atMs: toMs - 1, ...rates });
    });
    const first = this.#points[0]?.atMs ?? Infinity;
    this.#points = [...before.filter(({ atMs }) => atMs < first), ...this.#points];
  }

  #rates() {
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    if (!first || !last || last.atMs - first.atMs < 500) return {};
    return ratesOf(last.counters, first.counters, (last.atMs - first.atMs) / 1_000);
  }

  /** @param {OperatorFigures['health']} health */
  #noteConnection({ atMs, connection }) {
    const isAway = connection !== null && connection.kind !== 'ready';
    const current = this.#outages.at(-1);
    if (current && current.toMs === undefined) {
      if (!isAway) current.toMs = connection?.kind === 'ready' ? connection.sinceMs : atMs;
    } else if (isAway) {
      const fromMs = connection.kind === 'suspended' ? connection.sinceMs : atMs;
      this.#outages.push({ fromMs, toMs: undefined });
    }
  }

  /** @param {number} nowMs */
  #forget(nowMs) {
    const fromMs = nowMs - KEPT_MS;
    const kept = this.#points.findIndex(({ atMs }) => atMs >= fromMs);
    if (kept > 0) this.#points.splice(0, kept);
    this.#outages = this.#outages.filter(({ toMs }) => toMs === undefined || toMs >= fromMs);
  }
}

/**
 * @param {CacheCounters} later
 * @param {CacheCounters | undefined} earlier nothing, if undefined
 * @param {number} seconds
 */
function ratesOf(later, earlier, seconds) {
  /** @param {'nearHits' | 'farHits' | 'staleServed' | 'misses' | 'loads' | 'loadErrors'} name */
  const between = (name) => Math.max(0, later[name] - (earlier?.[name] ?? 0));
  const counts = {
    ...later,
    nearHits: between('nearHits'),
    farHits: between('farHits'),
    staleServed: between('staleServed'),
    misses: between('misses'),
  };
  return {
    hitRate: hitRateOf(counts),
    loads: between('loads') / seconds,
    failedLoads: between('loadErrors') / seconds,
  };
}
