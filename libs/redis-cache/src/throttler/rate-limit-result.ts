import type { LimitRule } from './rate-limit.js';

/** What has come of a call that is limited. */
export type RateLimitResult = AllowedCall | RefusedCall;

/** What is known of every call that is limited. */
export interface CountedCall {
  /** Calls allowed within a window. */
  readonly limit: number;
  /**
   * `'memory'` where Redis is away or none is configured: then this process has decided by what it
   * knows, and calls that other processes allow meanwhile are not counted.
   */
  readonly countedBy: 'redis' | 'memory';
}

export interface AllowedCall extends CountedCall {
  readonly allowed: true;
  /** Calls that are left now, this one taken off. */
  readonly remaining: number;
  /** When one more is left: how long until the oldest call leaves the window. 0 if none counts. */
  readonly resetMs: number;
}

export interface RefusedCall extends CountedCall {
  readonly allowed: false;
  readonly remaining: 0;
  /** The same as {@link retryAfterMs}. */
  readonly resetMs: number;
  /** A call after this time is allowed, unless others have been made before it. */
  readonly retryAfterMs: number;
  /** Whether the caller is shut out for a while, and not only until a call leaves the window. */
  readonly blocked: boolean;
}

/** What a count says of a call. */
export interface LimitVerdict {
  readonly kind: 'allowed' | 'limited' | 'blocked';
  /** Calls within the window; of an allowed one with itself, if it counts. */
  readonly used: number;
  /** Until one more is allowed, in whole milliseconds. */
  readonly waitMs: number;
}

export function resultOf(
  { limit }: LimitRule,
  { kind, used, waitMs }: LimitVerdict,
  countedBy: 'redis' | 'memory',
): RateLimitResult {
  if (kind === 'allowed') {
    return { allowed: true, limit, remaining: limit - used, resetMs: waitMs, countedBy };
  }
  const blocked = kind === 'blocked';
  return {
    allowed: false,
    limit,
    remaining: 0,
    resetMs: waitMs,
    retryAfterMs: waitMs,
    blocked,
    countedBy,
  };
}
