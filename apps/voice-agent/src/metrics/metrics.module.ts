import { Module } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { RedisCacheMetricsModule } from 'nestjs-redis-cache/metrics';
import { Public } from '../access/public.decorator.js';

/** `/metrics` for Prometheus: without a key, as it names neither organizations nor what they have. */
@Module({
  imports: [
    RedisCacheMetricsModule.forRoot({
      path: 'metrics',
      decorators: [Public(), ApiExcludeController()],
    }),
  ],
})
export class MetricsModule {}
