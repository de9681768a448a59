import type { RedisFigures } from '../connection/redis-figures.js';
import type { LatencyFigures } from './latency.js';

/** How Redis is. */
export type HealthReport =
  | { readonly status: 'away'; readonly redis: string; readonly reason: string }
  | {
      /** `unwell`: it answers, and takes or keeps less than it should. */
      readonly status: 'ok' | 'unwell';
      readonly redis: string;
      readonly problems: readonly string[];
      /** E.g. `Redis 7.2.4`; null where it does not say. */
      readonly server: string | null;
      readonly connectMs: number;
      readonly latency: LatencyFigures;
      /** Null where the user of Redis may not ask. */
      readonly figures: RedisFigures | null;
    };
