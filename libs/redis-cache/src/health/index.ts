export { RedisCacheHealthIndicator, type CacheHealthOptions } from './redis-cache.health.js';
