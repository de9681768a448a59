import { Controller, Get, UseFilters } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  HealthCheck,
  HealthCheckService,
  MemoryHealthIndicator,
  type HealthCheckResult,
} from '@nestjs/terminus';
import { RedisCacheHealthIndicator } from 'nestjs-redis-cache/health';
import { Public } from '../access/public.decorator.js';
import type { Environment } from '../config/environment.js';
import { DatabaseHealthIndicator } from './database.health.js';
import { HealthReportFilter } from './health-report.filter.js';

@ApiTags('health')
@Controller('health')
@UseFilters(HealthReportFilter)
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly database: DatabaseHealthIndicator,
    private readonly cache: RedisCacheHealthIndicator,
    private readonly memory: MemoryHealthIndicator,
    private readonly config: ConfigService<Environment, true>,
  ) {}

  /** Redis being away degrades the app and does not break it, so the cache stays `up` then. */
  @Public()
  @Get()
  @HealthCheck()
  @ApiOperation({ summary: 'Database, cache and memory', security: [] })
  check(): Promise<HealthCheckResult> {
    const maxHeapBytes = this.config.get('HEALTH_MAX_HEAP_MB', { infer: true }) * 1_048_576;
    return this.health.check([
      () => this.database.isHealthy('database'),
      () => this.cache.isHealthy('cache'),
      () => this.memory.checkHeap('memory', maxHeapBytes),
    ]);
  }
}
