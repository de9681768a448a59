export { namedThrottler } from './named-throttler.js';
export type { RateLimit } from './rate-limit.js';
export { RateLimitModule } from './rate-limit.module.js';
export type { RateLimitModuleOptions } from './rate-limit.options.js';
export { RATE_LIMITS } from './rate-limit.presets.js';
export type {
  AllowedCall,
  CountedCall,
  RateLimitResult,
  RefusedCall,
} from './rate-limit-result.js';
export { RateLimited } from './rate-limited.decorator.js';
export { RateLimiter, type RateLimitCall } from './rate-limiter.service.js';
export { RedisThrottlerStorage } from './redis-throttler.storage.js';
export { ThrottlerTrackers, type ThrottlerTracking, type UserOf } from './throttler-trackers.js';
