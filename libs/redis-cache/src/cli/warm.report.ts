import type { WarmOutcome } from '../cache/warm-progress.js';

/** How one warmer ended. */
export interface WarmerReport {
  readonly warmer: string;
  readonly outcome: WarmOutcome;
  /** Steps that succeeded. */
  readonly done: number;
  readonly failed: number;
  /** What failed first; null if nothing did. */
  readonly error: string | null;
  readonly durationMs: number;
}

/** What warming came to. */
export interface WarmCommandReport {
  readonly app: string;
  readonly durationMs: number;
  readonly warmers: readonly WarmerReport[];
}
