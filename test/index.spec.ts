import * as library from 'nestjs-redis-cache';
import * as admin from 'nestjs-redis-cache/admin';
import * as cacheManager from 'nestjs-redis-cache/cache-manager';
import * as health from 'nestjs-redis-cache/health';
import * as metrics from 'nestjs-redis-cache/metrics';
import * as migration from 'nestjs-redis-cache/migration';
import * as opentelemetry from 'nestjs-redis-cache/opentelemetry';
import * as persistence from 'nestjs-redis-cache/persistence';
import * as throttler from 'nestjs-redis-cache/throttler';
import { entryPoints } from '../tools/package/entry-points.js';

/** What users can import. A name that goes, or comes, is a change of the public interface. */
describe('the package', () => {
  it('exports from its main entry point these names and no others', () => {
    expect(Object.keys(library).sort()).toEqual([
      'Cache',
      'CacheAlertsService',
      'CacheDefaults',
      'CacheEvict',
      'CachePut',
      'CacheRolloutService',
      'CacheService',
      'CacheStatusInterceptor',
      'CacheWarmer',
      'CacheWarmingService',
      'Cacheable',
      'InjectCache',
      'InjectRedis',
      'InvalidCacheKeyError',
      'InvalidCacheOptionsError',
      'InvalidDecoratorError',
      'PurgeIncompleteError',
      'RedisCacheError',
      'RedisCacheModule',
      'RolloutConflictError',
      'TenantMissingError',
      'TenantScopeMissingError',
      'UncacheableValueError',
      'cacheStatusInterceptor',
      'currentTenant',
      'escapePattern',
      'isRedisCacheError',
      'runWithTenant',
      'setTenant',
      'tenantGuard',
      'tenantMiddleware',
      'verifyCacheWebhook',
    ]);
  });

  it('exports from /admin', () => {
    expect(Object.keys(admin).sort()).toEqual([
      'CACHE_SIGNATURE_HEADER',
      'RedisCacheAdminModule',
      'adminOpenApi',
      'signCacheWebhook',
    ]);
  });

  it('exports from /cache-manager', () => {
    expect(Object.keys(cacheManager).sort()).toEqual(['CacheManagerModule', 'KeyvCacheAdapter']);
  });

  it('exports from /health', () => {
    expect(Object.keys(health)).toEqual(['RedisCacheHealthIndicator']);
  });

  it('exports from /metrics', () => {
    expect(Object.keys(metrics).sort()).toEqual(['RedisCacheMetrics', 'RedisCacheMetricsModule']);
  });

  it('exports from /migration', () => {
    const names = ['MIGRATION_MODES', 'MigratingMap', 'MigrationRefusedError'];
    expect(Object.keys(migration).sort()).toEqual(names);
  });

  it('exports from /opentelemetry', () => {
    expect(Object.keys(opentelemetry)).toEqual(['openTelemetry']);
  });

  it('exports from /persistence', () => {
    expect(Object.keys(persistence).sort()).toEqual(['KeyvStore', 'PostgresStore']);
  });

  it('exports from /throttler', () => {
    expect(Object.keys(throttler).sort()).toEqual([
      'RATE_LIMITS',
      'RateLimitModule',
      'RateLimited',
      'RateLimiter',
      'RedisThrottlerStorage',
      'ThrottlerTrackers',
      'namedThrottler',
    ]);
  });

  it('has no other entry points', () => {
    expect(entryPoints()).toEqual([
      'admin',
      'cache-manager',
      'health',
      'metrics',
      'migration',
      'opentelemetry',
      'persistence',
      'testing',
      'throttler',
    ]);
  });

  const { RATE_LIMITS: presets, ...limits } = throttler;

  it.each(
    Object.entries({
      ...library,
      ...cacheManager,
      ...health,
      ...metrics,
      ...opentelemetry,
      ...limits,
    }),
  )('has nothing undefined for %s', (_name, value) => {
    expect(typeof value).toBe('function');
  });

  it('has limits for chat, authentication, uploads and searches', () => {
    expect(Object.keys(presets)).toEqual(['chat', 'auth', 'upload', 'search']);
  });
});
