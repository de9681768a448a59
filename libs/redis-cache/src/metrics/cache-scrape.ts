import { joinActivities, type ActivitySnapshot, type TimedWork } from '../cache/cache-activity.js';
import type { CacheStatistics } from '../cache/cache-statistics.js';
import type { StatisticsReporter } from '../cache/statistics-reporter.js';
import type { ConnectionState } from '../connection/connection-state.js';
import type { Latencies } from '../statistics/latency-histogram.js';
import type { NearUse } from '../stores/near-node.js';

/** What the metrics of one cache, or of several together, are made of. */
export interface ScrapedCache {
  readonly activity: ActivitySnapshot;
  readonly near: Readonly<NearUse>;
}

/** Every state that a connection can be in. */
export const CONNECTION_STATES: readonly ConnectionState['kind'][] = [
  'connecting',
  'ready',
  'suspended',
  'recovering',
  'closed',
];

/** Stands for the caches that have no series of their own. */
export const OTHERS = 'other';

/** What all metrics of one scrape are made of. */
export class CacheScrape {
  readonly statistics: CacheStatistics;
  /** By name, as many as have series of their own, and the others together. */
  readonly caches: ReadonlyMap<string, ScrapedCache>;

  constructor(reporter: StatisticsReporter, maxCaches: number) {
    this.statistics = reporter.report('start');
    const caches = new Map<string, ScrapedCache>();
    // In the order of their first use, so that no cache ever moves from one series to another.
    for (const [name, activity] of reporter.snapshot().caches) {
      const near = this.statistics.caches[name]?.near ?? { entries: 0, bytes: 0 };
      const label = caches.size < maxCaches ? name : OTHERS;
      const sofar = caches.get(label);
      caches.set(label, sofar ? together(sofar, { activity, near }) : { activity, near });
    }
    this.caches = caches;
  }

  /** Of one kind of work, by cache. */
  latencies(work: TimedWork): ReadonlyMap<string, Latencies> {
    return new Map(
      [...this.caches].map(([cache, { activity }]) => [cache, activity.latency[work]]),
    );
  }
}

function together(a: ScrapedCache, b: ScrapedCache): ScrapedCache {
  return {
    activity: joinActivities([a.activity, b.activity]),
    near: { entries: a.near.entries + b.near.entries, bytes: a.near.bytes + b.near.bytes },
  };
}
