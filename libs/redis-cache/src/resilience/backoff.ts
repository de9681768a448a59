/** Bounds of a backoff. */
export interface BackoffOptions {
  /** Longest pause after the first attempt. */
  readonly firstMs: number;
  /** Longest pause of all. */
  readonly maxMs: number;
  /** By which each pause is longer than the one before. @default 2 */
  readonly growth?: number;
  /** From 0 up to, but not, 1. */
  readonly random: () => number;
}

/** Pause in milliseconds after the given attempt; the first is 1. */
export type Backoff = (attempt: number) => number;

/**
 * The growth with which a pause is about a twentieth of the time that has passed: who waits for a
 * server to come back is late by no more than that part of its absence.
 */
export const GROWTH_OF_WATCHING = 1.05;

/**
 * Pauses that grow from attempt to attempt, each shortened at random by up to half, so that many
 * processes which lost the same server do not come back in step.
 */
export function jitteredBackoff({ firstMs, maxMs, growth = 2, random }: BackoffOptions): Backoff {
  return (attempt) => {
    const fullMs = Math.min(maxMs, firstMs * growth ** Math.max(0, attempt - 1));
    return fullMs * (1 - random() / 2);
  };
}
