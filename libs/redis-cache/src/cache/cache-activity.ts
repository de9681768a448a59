import { combined, totalOf } from '../statistics/counts.js';
import { LatencyHistogram, NO_LATENCIES, type Latencies } from '../statistics/latency-histogram.js';
import type { NearUse } from '../stores/near-node.js';
import {
  sumCounters,
  zeroCounters,
  type BypassReason,
  type CacheCounters,
  type MissCause,
} from './cache-counters.js';
import { MissPredictor } from './miss-predictor.js';

/** What is timed: hits in this process, work with Redis, loads. */
export type TimedWork = 'near' | 'far' | 'load';

/** What happened in one cache up to some time, or between two times. */
export interface ActivitySnapshot {
  readonly counters: CacheCounters;
  readonly latency: Readonly<Record<TimedWork, Latencies>>;
}

/** Near hits up to the next that is measured: 256 in the mean. */
const LONGEST_GAP = 511;

/** What happens in one cache: counted always, and timed where reading the clock does not show. */
export class CacheActivity {
  private readonly counted = zeroCounters();
  /** What the near tier holds of it; the tier itself keeps it up to date. */
  readonly near: NearUse = { entries: 0, bytes: 0 };
  /** What to expect of Redis. */
  readonly predictor = new MissPredictor();
  readonly latency: Readonly<Record<TimedWork, LatencyHistogram>> = {
    near: new LatencyHistogram(),
    far: new LatencyHistogram(),
    load: new LatencyHistogram(),
  };

  /** Near hits before the gap, and what is left of it: between them one number is enough to count. */
  private hitsBefore = 0;
  private gap = 1;
  private untilMeasured = 1;

  /** @param fraction chance, so that no rhythm of the calls decides which of them are measured */
  constructor(private readonly fraction: () => number) {}

  get counters(): CacheCounters {
    this.counted.nearHits = this.hitsBefore + this.gap - this.untilMeasured;
    return this.counted;
  }

  /**
   * Counts a near hit. Reading the clock takes as long as a hit does, so only one of 256 is measured,
   * at random.
   *
   * @returns whether this is one to be measured
   */
  countNearHit(): boolean {
    this.untilMeasured -= 1;
    return this.untilMeasured === 0;
  }

  /**
   * Takes the time of the hit that was just counted.
   *
   * @returns how many hits it stands for
   */
  measureNearHit(ms: number): number {
    this.latency.near.record(ms);
    const standsFor = this.gap;
    this.hitsBefore += standsFor;
    this.gap = 1 + Math.floor(this.fraction() * LONGEST_GAP);
    this.untilMeasured = this.gap;
    return standsFor;
  }

  /** Whether the next near hit will be measured. */
  get measuresNextHit(): boolean {
    return this.untilMeasured === 1;
  }

  countMiss(reason: MissCause): void {
    this.counted.misses += 1;
    this.counted.missedBy[reason] += 1;
  }

  countBypass(reason: BypassReason): void {
    this.counted.bypassed += 1;
    this.counted.bypassedBy[reason] += 1;
  }

  /** @param before an earlier one, which is given again if nothing has happened since */
  snapshot(before?: ActivitySnapshot): ActivitySnapshot {
    const { near, far, load } = this.latency;
    // None of them ever falls, so all are the same if their sum is.
    if (before && sizeOf(this) === sizeOf(before)) return before;
    return {
      counters: structuredClone(this.counters),
      latency: { near: near.snapshot(), far: far.snapshot(), load: load.snapshot() },
    };
  }
}

/** What happened in several caches together. */
export function joinActivities(all: readonly ActivitySnapshot[]): ActivitySnapshot {
  const latency = (work: TimedWork) =>
    all.reduce((sum, activity) => sum.plus(activity.latency[work]), NO_LATENCIES);
  return {
    counters: sumCounters(all.map(({ counters }) => counters)),
    latency: { near: latency('near'), far: latency('far'), load: latency('load') },
  };
}

/** What happened between two snapshots of one cache. */
export function activitySince(now: ActivitySnapshot, earlier: ActivitySnapshot): ActivitySnapshot {
  const latency = (work: TimedWork) => now.latency[work].minus(earlier.latency[work]);
  return {
    counters: combined(now.counters, earlier.counters, (a, b) => a - b),
    latency: { near: latency('near'), far: latency('far'), load: latency('load') },
  };
}

function sizeOf({
  counters,
  latency: { near, far, load },
}: {
  readonly counters: CacheCounters;
  readonly latency: Readonly<Record<TimedWork, { readonly count: number }>>;
}): number {
  return totalOf(counters) + near.count + far.count + load.count;
}
