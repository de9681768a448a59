import type { EntryStamps } from './entry-stamps.js';

/** Under what a value is loaded, and since when, by the server's clock. */
export interface LoadStart {
  readonly stamps: EntryStamps;
  readonly beganMs: number;
  /** The same as {@link StampTable.changes} counts. */
  readonly begunAt: number;
  /**
   * Whether the cache was used for the tenant then. If it is not any more when the value is there, the
   * stamps do not hold.
   */
  readonly served: boolean;
}

/** Argument tags as they were when the load began, and the result's as they are now. */
export function withResultTags({ stamps }: LoadStart, result: EntryStamps): EntryStamps {
  return stamps.withTags(new Map([...result.tags, ...stamps.tags]));
}
