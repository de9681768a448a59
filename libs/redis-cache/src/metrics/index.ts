export type { RedisCacheMetricsOptions } from './metrics.options.js';
export { RedisCacheMetrics } from './redis-cache-metrics.js';
export { RedisCacheMetricsModule } from './redis-cache-metrics.module.js';
