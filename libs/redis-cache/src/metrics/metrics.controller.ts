import { Controller, Get, Res, type Type } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { RedisCacheMetrics } from './redis-cache-metrics.js';

/** Makes the controller that serves a registry under a path. */
export function metricsController(path: string, decorators: readonly ClassDecorator[]): Type {
  @Controller(path)
  class RedisCacheMetricsController {
    constructor(
      private readonly metrics: RedisCacheMetrics,
      private readonly adapterHost: HttpAdapterHost,
    ) {}

    @Get()
    async scrape(@Res({ passthrough: true }) response: unknown): Promise<string> {
      const { registry } = this.metrics;
      this.adapterHost.httpAdapter.setHeader(response, 'Content-Type', registry.contentType);
      return registry.metrics();
    }
  }
  for (const decorate of decorators) decorate(RedisCacheMetricsController);
  return RedisCacheMetricsController;
}
