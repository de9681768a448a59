import type { ValueWithTtl } from '../cache/call-options.js';
import type { Duration } from '../config/duration.js';

/** What stands for no end: no entry of ours is without one. */
const NO_END: Duration = '3650d';
const NO_END_MS = 3_650 * 24 * 60 * 60 * 1_000;

/**
 * A ttl as cache-manager and Keyv mean it, as we do: there 0 does not expire, nor does Infinity, and
 * what ends before it begins is not kept.
 *
 * @param ttl in milliseconds
 * @returns undefined where none is said
 */
export function ttlOf(ttl: number | null | undefined): Duration | undefined {
  if (ttl === undefined || ttl === null) return undefined;
  if (ttl < 0) return 0;
  return ttl === 0 || ttl > NO_END_MS ? NO_END : ttl;
}

/** In whole milliseconds since 1970, by the clock of this process. */
export function expiresAtMs({ ttlLeftMs }: ValueWithTtl<unknown>): number {
  return Math.round(Date.now() + ttlLeftMs);
}
