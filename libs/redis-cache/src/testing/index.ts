export { CACHE_SURROUNDINGS } from '../constants/injection.tokens.js';
export type { Clock, ScheduleOptions } from '../resilience/clock.js';
export {
  cacheMatchers,
  expectCached,
  expectNotCached,
  type CacheMatchers,
} from './cache-matchers.js';
export type { CacheVerdict } from './cache-verdict.js';
export type { CacheRecord, RecordedEntry, RecordedEviction } from './cache-record.js';
export type { CachedEntry } from './cached-entry.js';
export { FakeClock } from './fake-clock.js';
export type { OfTenant } from './named-entry.js';
export {
  RedisCacheTestingModule,
  type RedisCacheTestingOptions,
} from './redis-cache-testing.module.js';
export { TestCache, type TestCacheOptions } from './test-cache.js';
export type { TestRedisCommand } from './test-redis.command.js';
export { TestRedis } from './test-redis.js';
