/** Bounds of a backoff. */
export interface BackoffOptions {
  /** Longest pause after the first attempt. */
  readonly firstMs: number;
  /** Longest pause of all. */
  readonly maxMs: number;
  /** From 0 up to, but not, 1. */
  readonly random: () => number;
}

/** Pause in milliseconds after the given attempt; the first is 1. */
export type Backoff = (attempt: number) => number;

/**
 * Pauses that double from attempt to attempt, each shortened at random by up to half, so that many
 * processes which lost the same server do not come back in step.
 */
export function jitteredBackoff({ firstMs, maxMs, random }: BackoffOptions): Backoff {
  return (attempt) => {
    const fullMs = Math.min(maxMs, firstMs * 2 ** Math.max(0, attempt - 1));
    return fullMs * (1 - random() / 2);
  };
}
