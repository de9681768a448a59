import { AssertionError } from 'node:assert';
import type { CacheKey } from '../keys/arguments.js';
import type { CacheVerdict } from './cache-verdict.js';
import type { OfTenant } from './named-entry.js';
import type { TestCache } from './test-cache.js';
import { verdictOnCached } from './verdict-on-cached.js';
import { verdictOnEvicted, verdictOnEvictedTag } from './verdict-on-evictions.js';
import { verdictOnLoads } from './verdict-on-loads.js';

/**
 * What `expect(cache)` has of {@link cacheMatchers}, `cache` being a {@link TestCache}. For the type of
 * `expect` to have it, a file of yours says so: see docs/testing.md.
 */
export interface CacheMatchers<R = unknown> {
  /** A call would be answered with this entry now. A key that is an array is several arguments. */
  toHaveCached(cache: string, key: CacheKey, options?: OfTenant): R;
  /**
   * This entry was evicted, by itself or with all of its cache, its tenant or everything; without a key,
   * all of the cache was. What an eviction by tag or pattern took is not known by then.
   */
  toHaveEvicted(cache: string, key?: CacheKey, options?: OfTenant): R;
  /** What has this tag was evicted, by the tag or with all of its tenant or everything. */
  toHaveEvictedTag(tag: string, options?: OfTenant): R;
  /** The method behind this entry ran so often, successfully or not; without a key, behind all of the cache. */
  toHaveLoadedTimes(times: number, cache: string, key?: CacheKey, options?: OfTenant): R;
}

/** For `expect.extend` of Jest or Vitest. */
export const cacheMatchers: {
  readonly [K in keyof CacheMatchers]: (
    received: unknown,
    ...args: Parameters<CacheMatchers[K]>
  ) => CacheVerdict;
} = {
  toHaveCached: (received, cache, key, options = {}) =>
    verdictOnCached(testCache(received), cache, key, options),
  toHaveEvicted: (received, cache, key, options = {}) =>
    verdictOnEvicted(testCache(received), cache, key, options),
  toHaveEvictedTag: (received, tag, options = {}) =>
    verdictOnEvictedTag(testCache(received), tag, options),
  toHaveLoadedTimes: (received, times, cache, key, options = {}) =>
    verdictOnLoads(testCache(received), times, cache, key, options),
};

/**
 * The same as `expect(cache).toHaveCached(…)`, for tests that have no `expect` to extend.
 *
 * @throws {AssertionError} there is no such entry
 */
export function expectCached(
  test: TestCache,
  cache: string,
  key: CacheKey,
  options: OfTenant = {},
): void {
  assertVerdict(verdictOnCached(test, cache, key, options), expectCached);
}

/**
 * The same as `expect(cache).not.toHaveCached(…)`.
 *
 * @throws {AssertionError} there is such an entry
 */
export function expectNotCached(
  test: TestCache,
  cache: string,
  key: CacheKey,
  options: OfTenant = {},
): void {
  const { pass, message } = verdictOnCached(test, cache, key, options);
  assertVerdict({ pass: !pass, message }, expectNotCached);
}

function assertVerdict(
  { pass, message }: CacheVerdict,
  stackStartFn: (...args: never[]) => void,
): void {
  if (!pass) throw new AssertionError({ message: message(), stackStartFn });
}

/** By what it has, for a package that is loaded twice has two classes of the name. */
function testCache(received: unknown): TestCache {
  const { entries, log } = (received ?? {}) as Partial<TestCache>;
  if (typeof entries === 'function' && Array.isArray(log)) return received as TestCache;
  throw new TypeError(
    `The matchers of the cache take a TestCache, as expect(module.get(TestCache)).toHaveCached(…) does.`,
  );
}
