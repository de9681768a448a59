import type { RedisFigures } from '../connection/redis-figures.js';
import type { AppMetrics } from './app-metrics.js';
import type { LatencyFigures } from './latency.js';

/** What was seen at one look. */
export interface Sighting {
  readonly atMs: number;
  /** Null where the user of Redis may not ask. */
  readonly figures: RedisFigures | null;
  readonly latency: LatencyFigures;
  readonly applications: AppMetrics | null;
}
