import type { DrainProgress } from './drain-progress.js';
import type { MigrationMode } from './migration-mode.js';
import type { LeftReason } from './migration-statistics.js';

/** What can be listened to with `MigratingMap.on`, and what each event carries. Keys are the Map's. */
export interface MigrationEvents<K = unknown> {
  /** The mode was changed. */
  switch: { cache: string; from: MigrationMode; to: MigrationMode };
  /** Map and cache have different values, as a read in shadow or a drain has seen. */
  difference: { cache: string; key: K };
  /** An entry stays in the Map: the cache did not take it. `error` says more where there was one. */
  left: { cache: string; key: K; reason: LeftReason; error?: unknown };
  /** A comparison in shadow failed, because the Map did. */
  backgroundError: { cache: string; error: unknown };
  /** A drain has come an entry further. */
  drainProgress: { cache: string } & DrainProgress;
}
