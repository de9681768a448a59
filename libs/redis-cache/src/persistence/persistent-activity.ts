import { LatencyHistogram } from '../statistics/latency-histogram.js';

/** What the persistent store is asked for. */
export type PersistentOperation = 'look' | 'put' | 'invalidate';

/** What became of it, since the start. */
export interface PersistentCounts {
  /** Looks that found an entry. */
  found: number;
  /** Looks that found none, or none that may still be given. */
  absent: number;
  /** Entries that it has taken. */
  stored: number;
  /** Entries that it refused, for an eviction since their load began. */
  refused: number;
  /** Entries that were not put, as too many were on their way. */
  dropped: number;
  /** Evictions that it has taken, those that Redis remembered among them. */
  evicted: number;
  /** What failed, or was not answered in time. */
  failed: Record<PersistentOperation, number>;
}

/** What the persistent store does for this process, counted and timed. */
export class PersistentActivity {
  readonly counts: PersistentCounts = {
    found: 0,
    absent: 0,
    stored: 0,
    refused: 0,
    dropped: 0,
    evicted: 0,
    failed: { look: 0, put: 0, invalidate: 0 },
  };

  /** Of what failed, too. */
  readonly latency: Readonly<Record<PersistentOperation, LatencyHistogram>> = {
    look: new LatencyHistogram(),
    put: new LatencyHistogram(),
    invalidate: new LatencyHistogram(),
  };
}
