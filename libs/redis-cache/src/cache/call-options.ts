import type { CachePolicy } from '../config/cache-policy.js';
import { durationMs, type Duration } from '../config/duration.js';
import { assertTags } from '../keys/names.js';
import type { LoadRequest } from './load-request.js';

/** What a single `wrap` may say about its entry; where entries are kept is the cache's matter. */
export interface WrapPolicy<T = unknown> extends Omit<
  CachePolicy,
  'ttl' | 'scope' | 'version' | 'persist' | 'enabled' | 'rollout'
> {
  /**
   * How long the value is fresh, or a function of it that says so. 0 stores nothing.
   * @default the cache's ttl, also where the function gives undefined
   */
  ttl?: Duration | ((value: T) => Duration | undefined);
  /** Called with the loaded value: true answers it without storing it. @default every value is stored */
  unless?: (value: T) => boolean;
  /**
   * A read refreshes the entry in the background once less than this is left of its ttl, or a function
   * of the value that says so; 0 never. What `refreshAhead` says as a share, and beside it.
   * @default 0
   */
  refreshWithin?: Duration | ((value: T) => Duration);
  /** Tags of the entry, for `CacheService.evictTags`; they belong to its tenant. @default none */
  tags?: readonly string[];
  scope?: never;
  version?: never;
  persist?: never;
  enabled?: never;
  rollout?: never;
}

/** A value, and what is left of its ttl. */
export interface ValueWithTtl<T> {
  readonly value: T;
  /** Above 0; the entry may be evicted sooner. */
  readonly ttlLeftMs: number;
}

/** What a single `set` may say about its entry. */
export interface SetOptions {
  /** How long it is fresh; 0 only removes the earlier value. @default the cache's ttl */
  ttl?: Duration;
  /** Tags of the entry, for `CacheService.evictTags`; they belong to its tenant. @default none */
  tags?: readonly string[];
}

/** What a call says of its entry beside the policy. */
export type Said = Pick<LoadRequest, 'tags' | 'ttlMs' | 'unless' | 'refreshWithinMs'>;

/** What a `wrap` of a cache says of its entry. */
export function saidOf(cache: string, said: WrapPolicy<never>): Said {
  const { tags, unless, ttl, refreshWithin = 0 } = said as WrapPolicy;
  return {
    tags: tags && assertTags(tags),
    unless,
    ttlMs: typeof ttl === 'function' ? (value) => ttlMsOf(cache, ttl(value)) : undefined,
    refreshWithinMs: refreshWithinOf(cache, refreshWithin),
  };
}

function ttlMsOf(cache: string, ttl: Duration | undefined): number | undefined {
  return ttl === undefined ? undefined : durationMs(ttl, `ttl of ${cache}.wrap`);
}

function refreshWithinOf(
  cache: string,
  said: Duration | ((value: unknown) => Duration),
): Said['refreshWithinMs'] {
  const option = `refreshWithin of ${cache}.wrap`;
  if (typeof said !== 'function') return durationMs(said, option);
  return (value) => durationMs(said(value), option);
}
