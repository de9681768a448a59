import type { KeyPattern } from '../keys/key-pattern.js';
import type { Successor } from './bus-message.js';
import type { Stamp } from './stamp-table.js';

/** What this process hears of the invalidations of others. */
export type HeardInvalidation =
  /** An entry was evicted or replaced. */
  | { readonly kind: 'entry'; readonly key: string; readonly successor?: Successor }
  /** A stamp has changed: into this one, or nobody says into which. */
  | { readonly kind: 'stamp'; readonly key: string; readonly stamp?: Stamp }
  /** All entries that a pattern takes were evicted. */
  | { readonly kind: 'pattern'; readonly pattern: KeyPattern };

/** What this process hears of others. */
export type Heard =
  | HeardInvalidation
  /** For whom caches are used has changed: it is to be read anew. */
  | { readonly kind: 'rollout' };

/** What this process knows of the invalidations of others. */
export interface Coherence {
  /** Whether the near tier may be used. */
  readonly trusted: boolean;

  /**
   * Whether it hears what others invalidate. While it does not, a stamp that it knows may have been
   * renewed unnoticed, and Redis is asked for stamps with every read.
   */
  readonly hearsOthers: boolean;

  /** Whether all that the others had invalidated when this was called is known here by now. */
  upToDate(): Promise<boolean>;
}

/** Where there are no others: no Redis is configured. */
export const ALONE: Coherence = {
  trusted: true,
  hearsOthers: true,
  upToDate: () => Promise.resolve(true),
};

/** Where a staleness of `near.ttl` was chosen instead of a bus: `coherence: 'ttl'`. */
export const BY_TTL: Coherence = {
  trusted: true,
  hearsOthers: false,
  upToDate: () => Promise.resolve(false),
};
