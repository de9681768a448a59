import type { ConnectionState } from '../connection/connection-state.js';
import type { PersistentOperation } from '../persistence/persistent-activity.js';
import type { PersistentTier } from '../persistence/persistent-tier.js';
import type { HeavyHitter } from '../statistics/heavy-hitters.js';
import type { Latencies } from '../statistics/latency-histogram.js';
import { SnapshotHistory } from '../statistics/snapshot-history.js';
import { activitiesSince, type ActivitiesSnapshot } from './cache-activities.js';
import { joinActivities, type ActivitySnapshot } from './cache-activity.js';
import {
  modeOf,
  type BusyTenant,
  type CacheFigures,
  type CacheStatistics,
  type LatencyFigures,
  type PersistenceFigures,
  type StatisticsWindow,
} from './cache-statistics.js';
import type { EngineParts } from './engine-parts.js';

/** What statistics are made from. */
export interface StatisticsSources {
  readonly parts: Pick<
    EngineParts,
    'activities' | 'near' | 'far' | 'flights' | 'journal' | 'persistent' | 'coherence' | 'clock'
  >;
  /** Undefined where no Redis is configured. */
  readonly connectionState: () => ConnectionState | undefined;
  /** Undefined before it was measured, and where there is no bus. */
  readonly busDelayMs: () => number | undefined;
  /** How often text came over the bus that is no message. */
  readonly malformedMessages: () => number;
}

const WINDOW_MS: Readonly<Record<Exclude<StatisticsWindow, 'start'>, number>> = {
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
};

const TENANTS_TOLD = 10;

/** Tells what the caches did, since the start or over the last minutes. */
export class StatisticsReporter {
  private readonly history: SnapshotHistory<ActivitiesSnapshot>;
  private readonly beganMs: number;

  constructor(private readonly sources: StatisticsSources) {
    const { activities, clock } = sources.parts;
    this.beganMs = clock.nowMs();
    this.history = new SnapshotHistory(clock, (before) => activities.snapshot(before));
  }

  /** Begins to keep snapshots. */
  start(): void {
    this.history.start();
  }

  stop(): void {
    this.history.stop();
  }

  /** What happened since the start, with everything that was recorded. */
  snapshot(): ActivitiesSnapshot {
    return this.sources.parts.activities.snapshot();
  }

  /**
   * What happened over the last minutes, with everything that was recorded.
   *
   * @returns `whole` is false while there were not so many yet: then it is since the start
   */
  over(window: StatisticsWindow): {
    readonly fromMs: number;
    readonly whole: boolean;
    readonly activities: ActivitiesSnapshot;
  } {
    const earlier = window === 'start' ? undefined : this.history.before(WINDOW_MS[window]);
    const now = this.snapshot();
    return earlier
      ? { fromMs: earlier.atMs, whole: true, activities: activitiesSince(now, earlier.snapshot) }
      : { fromMs: this.beganMs, whole: window === 'start', activities: now };
  }

  /** Whether the persistent store is asked; undefined where none is configured. */
  get persistenceAvailable(): boolean | undefined {
    return this.sources.parts.persistent?.available;
  }

  /** Of work with the persistent store, by its kind; empty where none is configured. */
  persistentLatencies(): ReadonlyMap<PersistentOperation, Latencies> {
    const latency = Object.entries(this.sources.parts.persistent?.activity.latency ?? {});
    return new Map(
      latency.map(([operation, of]) => [operation as PersistentOperation, of.snapshot()]),
    );
  }

  report(window: StatisticsWindow): CacheStatistics {
    const { near, far, flights, journal, persistent, coherence, clock } = this.sources.parts;
    const { fromMs, activities } = this.over(window);
    const { caches, evictions, calls, loads } = activities;
    const { entries = 0, bytes = 0, evictions: pushedOut = 0 } = near ?? {};
    const state = this.sources.connectionState();
    return {
      mode: modeOf(state, far !== undefined),
      connection: state?.kind,
      period: { fromMs, toMs: clock.nowMs() },
      total: { ...figuresOf(joinActivities([...caches.values()])), near: { entries, bytes } },
      caches: Object.fromEntries([...caches].map((named) => this.figures(...named))),
      evictions,
      tenants: { calls: topOf(calls), loads: topOf(loads) },
      near: { entries, bytes, evictions: pushedOut },
      flights: flights.size,
      journal: { size: journal.size, unacknowledged: journal.unacknowledged },
      persistence: persistent && persistenceOf(persistent),
      bus: {
        trusted: coherence.trusted,
        delayMs: this.sources.busDelayMs(),
        malformed: this.sources.malformedMessages(),
      },
    };
  }

  private figures(cache: string, activity: ActivitySnapshot): [string, CacheFigures] {
    const { near } = this.sources.parts.activities.of(cache);
    return [cache, { ...figuresOf(activity), near: { ...near } }];
  }
}

function figuresOf({ counters, latency }: ActivitySnapshot): Omit<CacheFigures, 'near'> {
  const { near, far, load } = latency;
  return {
    ...counters,
    latency: { near: latencyOf(near), far: latencyOf(far), load: latencyOf(load) },
  };
}

function persistenceOf({
  available,
  unacknowledged,
  activity: { counts, latency },
}: PersistentTier): PersistenceFigures {
  return {
    available,
    unacknowledged: unacknowledged.length,
    ...counts,
    failed: { ...counts.failed },
    latency: {
      look: latencyOf(latency.look.snapshot()),
      put: latencyOf(latency.put.snapshot()),
      invalidate: latencyOf(latency.invalidate.snapshot()),
    },
  };
}

function latencyOf(latencies: Latencies): LatencyFigures {
  return {
    count: latencies.count,
    meanMs: latencies.meanMs,
    p50Ms: latencies.quantileMs(0.5),
    p90Ms: latencies.quantileMs(0.9),
    p99Ms: latencies.quantileMs(0.99),
    maxMs: latencies.quantileMs(1),
  };
}

function topOf(tenants: readonly HeavyHitter<string | null>[]): BusyTenant[] {
  return tenants.slice(0, TENANTS_TOLD).map(({ item, ...counts }) => ({ tenant: item, ...counts }));
}
