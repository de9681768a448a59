import type { RedisFigures } from '../connection/redis-figures.js';
import type { AppCache, AppProcess } from './app-metrics.js';
import type { CacheCount, EntryCount } from './keyspace-survey.js';

/** What there is of the cache, and how it does. */
export interface StatsReport {
  readonly redis: string;
  readonly prefix: string;
  /** Null where the user of Redis may not ask. */
  readonly figures: RedisFigures | null;
  readonly keyspace: EntryCount & {
    /** False where the walk ended at `--max-keys`. */
    readonly complete: boolean;
    readonly lookedAt: number;
    readonly leases: number;
    readonly stamps: number;
    readonly tenants: number;
    /** Those with the most entries first. */
    readonly caches: readonly CacheCount[];
  };
  /** Null without `--from`: what is hit or missed, only applications know. */
  readonly applications: {
    readonly processes: readonly AppProcess[];
    readonly caches: readonly (AppCache & { readonly hitRate: number | null })[];
  } | null;
}
