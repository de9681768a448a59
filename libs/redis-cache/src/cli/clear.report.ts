import type { ClearTarget } from './clear-target.js';
import type { FoundEntries } from './entry-count.js';

/** What was cleared. */
export interface ClearReport {
  readonly kind: ClearTarget['kind'];
  readonly what: string;
  /** Entries that were there when they were counted. */
  readonly found: FoundEntries;
  /** Keys that were deleted in Redis; null where a stamp has made them worthless, and they leave by their ttl. */
  readonly deleted: number | null;
}
