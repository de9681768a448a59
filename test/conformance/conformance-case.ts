import type { Trial } from './trial.js';
import type { Verdict } from './verdict.js';

/** A promise that a cache may be expected to keep, and the way to find out. */
export interface ConformanceCase {
  /** The heading it stands under. */
  readonly group: string;
  /** A sentence that is true of a library that passes. */
  readonly name: string;
  /** What is done to find out, for the reader of the table. */
  readonly how: string;
  readonly run: (trial: Trial) => Promise<Verdict>;
}

/** Time for a message to come to another process: far more than one takes. */
export const MESSAGE_MS = 300;
