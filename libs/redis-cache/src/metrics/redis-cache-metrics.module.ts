import { Module, type DynamicModule } from '@nestjs/common';
import { metricsController } from './metrics.controller.js';
import {
  METRICS_OPTIONS,
  resolveMetricsOptions,
  type RedisCacheMetricsOptions,
} from './metrics.options.js';
import { RedisCacheMetrics } from './redis-cache-metrics.js';

/**
 * What the cache does as metrics of prom-client, on any registry, and served if asked to.
 *
 * @example RedisCacheMetricsModule.forRoot({ path: 'metrics' })
 */
@Module({})
export class RedisCacheMetricsModule {
  /** @throws {InvalidCacheOptionsError} an option is unknown or invalid */
  static forRoot(options: RedisCacheMetricsOptions = {}): DynamicModule {
    const resolved = resolveMetricsOptions(options);
    const { path, decorators = [], imports = [] } = options;
    return {
      module: RedisCacheMetricsModule,
      imports,
      controllers: path === undefined ? [] : [metricsController(path, decorators)],
      providers: [{ provide: METRICS_OPTIONS, useValue: resolved }, RedisCacheMetrics],
      exports: [RedisCacheMetrics],
    };
  }
}
