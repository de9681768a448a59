import type { ThrottlerOptions } from '@nestjs/throttler';
import { resolveRateLimit, type RateLimit } from './rate-limit.js';
import { namesThrottler } from './rate-limited.decorator.js';

/**
 * A limit as a throttler of its name, for the routes alone that name it by `@RateLimited`: the guard
 * would apply any other to every route. Its `scope` counts for `RateLimiter` only, as here the tracker
 * says who is limited.
 *
 * @throws {InvalidCacheOptionsError} the limit cannot be used as given
 * @example throttlers: [namedThrottler(RATE_LIMITS.chat)]
 */
export function namedThrottler(limit: RateLimit): ThrottlerOptions {
  const { name, limit: calls, windowMs, blockMs } = resolveRateLimit(limit);
  return {
    name,
    limit: calls,
    ttl: windowMs,
    blockDuration: blockMs,
    skipIf: (context) => !namesThrottler(context, name),
  };
}
