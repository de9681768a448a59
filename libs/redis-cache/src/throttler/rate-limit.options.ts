import type { ModuleMetadata } from '@nestjs/common';
import { knownFields, wholeNumber } from '../config/option-checks.js';

/** Options of `RateLimitModule`. */
export interface RateLimitModuleOptions {
  /**
   * Calls that this process remembers of all limits together, for outages of Redis; each caller counts
   * as one more. What was not used of late is forgotten first, and callers that are shut out last.
   * @default 50000
   */
  maxCalls?: number;
  /** What has to be imported to find the cache, where its module is not global. @default [] */
  imports?: ModuleMetadata['imports'];
}

/** The options with every default filled in. */
export interface ResolvedRateLimitOptions {
  readonly maxCalls: number;
}

/** Token of {@link ResolvedRateLimitOptions}. */
export const RATE_LIMIT_OPTIONS = Symbol.for('nestjs-redis-cache.rate-limit-options');

const FIELDS = ['maxCalls', 'imports'] satisfies (keyof RateLimitModuleOptions)[];

/** @throws {InvalidCacheOptionsError} naming option, received value, expectation and remedy */
export function resolveRateLimitOptions(options: RateLimitModuleOptions): ResolvedRateLimitOptions {
  knownFields(options, 'options of RateLimitModule', FIELDS);
  const { maxCalls = 50_000 } = options;
  return { maxCalls: wholeNumber(maxCalls, 'maxCalls of RateLimitModule', 100) };
}
