/**
 * Where a warmer stands.
 *
 * - `running`: it has begun.
 * - `warmed`: it came to its end, though single steps may have failed.
 * - `failed`: it threw, or none of its steps succeeded, or too many in a row failed.
 * - `elsewhere`: left to another process, which is at it.
 * - `recent`: left, since a process has done it lately.
 * - `away`: left, since Redis is away.
 * - `lost`: given up, since another process may have taken over: Redis went away meanwhile.
 * - `stopped`: given up, since the application is closing.
 */
export type WarmState = 'running' | WarmOutcome;

/** How a warmer ended, or why it was not begun. */
export type WarmOutcome =
  'warmed' | 'failed' | 'elsewhere' | 'recent' | 'away' | 'lost' | 'stopped';

/** How far a warmer has come. */
export interface WarmProgress {
  readonly warmer: string;
  readonly state: WarmState;
  /** Steps that succeeded. */
  readonly done: number;
  /** Steps that failed. */
  readonly failed: number;
  /** Steps in all; undefined where the warmer has not said. */
  readonly total: number | undefined;
  /** What failed first: a step, or the warmer itself. Undefined where nothing did. */
  readonly error: unknown;
  readonly durationMs: number;
}
