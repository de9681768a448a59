import type { LeftReason } from './migration-statistics.js';

/** How far a drain has come. */
export interface DrainProgress {
  /** Entries that it has been through. */
  readonly seen: number;
  /** How many there were when it began; undefined where the Map does not tell. */
  readonly total: number | undefined;
  /** Entries that have left the Map for the cache. */
  readonly moved: number;
  /** Entries that have left the Map as their life was over. */
  readonly expired: number;
  /** Keys under which there was nothing any more. */
  readonly gone: number;
  /** Entries that stay in the Map, by reason. */
  readonly left: Readonly<Record<LeftReason, number>>;
}
