import type { InvalidationLevel } from '../invalidation/invalidation.js';
import { combined } from '../statistics/counts.js';
import { HeavyHitters, hittersSince, type HeavyHitter } from '../statistics/heavy-hitters.js';
import { activitySince, CacheActivity, type ActivitySnapshot } from './cache-activity.js';

/** Evictions by this process, and by others as the bus told. */
export interface EvictionOrigins {
  here: number;
  /** Of entries, those that others have replaced count too; a pattern is told, and counts, twice. */
  remote: number;
}

/** Evictions by what they hit. */
export type EvictionCounts = Readonly<Record<InvalidationLevel, EvictionOrigins>>;

/** What happened in all caches up to some time, or between two times. */
export interface ActivitiesSnapshot {
  readonly caches: ReadonlyMap<string, ActivitySnapshot>;
  readonly evictions: EvictionCounts;
  /** Tenants with the most calls; null is the global scope. */
  readonly calls: readonly HeavyHitter<string | null>[];
  /** Those with the most loads. */
  readonly loads: readonly HeavyHitter<string | null>[];
}

/** Tenants that are kept an eye on: each with a hundredth of all calls is among them. */
const TENANTS = 100;

/** What happens in all caches of one application. A cache appears when it is first used. */
export class CacheActivities {
  readonly evictions: EvictionCounts = {
    entry: { here: 0, remote: 0 },
    pattern: { here: 0, remote: 0 },
    tag: { here: 0, remote: 0 },
    cache: { here: 0, remote: 0 },
    tenant: { here: 0, remote: 0 },
    all: { here: 0, remote: 0 },
  };
  readonly calls = new HeavyHitters<string | null>(TENANTS);
  readonly loads = new HeavyHitters<string | null>(TENANTS);
  private readonly caches = new Map<string, CacheActivity>();

  /** @param fraction chance, from 0 up to but not 1 */
  constructor(private readonly fraction: () => number) {}

  of(cache: string): CacheActivity {
    return this.caches.get(cache) ?? this.begin(cache);
  }

  /** Of a cache that this process has used. */
  known(cache: string): CacheActivity | undefined {
    return this.caches.get(cache);
  }

  /** @param before an earlier one, to share with it what has not changed */
  snapshot(before?: ActivitiesSnapshot): ActivitiesSnapshot {
    const caches = [...this.caches].map(
      ([cache, activity]) => [cache, activity.snapshot(before?.caches.get(cache))] as const,
    );
    return {
      caches: new Map(caches),
      evictions: structuredClone(this.evictions),
      calls: this.calls.snapshot(),
      loads: this.loads.snapshot(),
    };
  }

  private begin(cache: string): CacheActivity {
    const activity = new CacheActivity(this.fraction);
    this.caches.set(cache, activity);
    return activity;
  }
}

/** What happened between two snapshots. */
export function activitiesSince(
  now: ActivitiesSnapshot,
  earlier: ActivitiesSnapshot,
): ActivitiesSnapshot {
  const caches = [...now.caches].map(([cache, activity]) => {
    const before = earlier.caches.get(cache);
    return [cache, before ? activitySince(activity, before) : activity] as const;
  });
  return {
    caches: new Map(caches),
    evictions: combined(now.evictions, earlier.evictions, (a, b) => a - b),
    calls: hittersSince(now.calls, earlier.calls),
    loads: hittersSince(now.loads, earlier.loads),
  };
}
