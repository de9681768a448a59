import type { ValueWithTtl } from '../cache/call-options.js';
import { durationMs } from '../config/duration.js';

/** What stands for no end: no entry of ours is without one. */
const NO_END_MS = durationMs('3650d', 'NO_END_MS');

/**
 * A ttl as cache-manager and Keyv mean it, as we do: there 0 does not expire, nor does Infinity, and
 * what ends before it begins is not kept.
 *
 * @param ttl in milliseconds
 * @returns undefined where none is said
 * @throws {InvalidCacheOptionsError} it is no number
 */
export function ttlOf(ttl: number | null | undefined): number | undefined {
  if (ttl === undefined || ttl === null) return undefined;
  if (ttl < 0) return 0;
  return ttl === 0 || ttl > NO_END_MS ? NO_END_MS : durationMs(ttl, 'ttl');
}

/** In whole milliseconds since 1970, by the clock of this process. */
export function expiresAtMs({ ttlLeftMs }: ValueWithTtl<unknown>): number {
  return Math.round(Date.now() + ttlLeftMs);
}
