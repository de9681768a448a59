export type { CacheService } from 'nestjs-redis-cache';
export type { RedisCacheAdminModule } from 'nestjs-redis-cache/admin';
export type { RedisCacheHealthIndicator } from 'nestjs-redis-cache/health';
export type { RedisCacheMetricsModule } from 'nestjs-redis-cache/metrics';
export type { MigratingMap } from 'nestjs-redis-cache/migration';
export type { openTelemetry } from 'nestjs-redis-cache/opentelemetry';
export type { PostgresStore } from 'nestjs-redis-cache/persistence';
export type { RateLimitModule } from 'nestjs-redis-cache/throttler';
