import type { EntryRef } from '../cache/entry-ref.js';
import type { FarExplanation, ReadOutlook } from '../cache/entry-explanation.js';
import type { StoredValue } from './stored-value.js';

/** What Redis has of an entry. */
export interface InspectReport {
  readonly entry: EntryRef;
  /** Of the same cache and owner, the newest first. */
  readonly versionsInUse: readonly number[];
  /** Of a process that has nothing of it in its own memory. */
  readonly outlook: ReadOutlook;
  readonly far: FarExplanation;
  /** While somebody has the right to load it. */
  readonly lease: { readonly leftMs: number } | null;
  /** Only if asked for. */
  readonly value?: StoredValue;
}
