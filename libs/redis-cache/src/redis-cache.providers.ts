import type { Provider } from '@nestjs/common';
import { CacheAlertsService } from './alerts/cache-alerts.service.js';
import { CacheRolloutService } from './cache/cache-rollout.service.js';
import type { CacheRuntime } from './cache/cache-runtime.js';
import { CacheService } from './cache/cache.service.js';
import { systemSurroundings } from './cache/surroundings.js';
import type { RedisConnection } from './connection/redis-connection.js';
import { CacheOperations } from './decorators/cache-operations.js';
import {
  ALERT_OPTIONS,
  CACHE_OPERATIONS,
  CACHE_RUNTIME,
  CACHE_SURROUNDINGS,
  cacheToken,
  REDIS_CLIENT,
  REDIS_CONNECTION,
  RESOLVED_OPTIONS,
  WARMING_OPTIONS,
} from './constants/injection.tokens.js';
import { createConnection } from './create-connection.js';
import { createRuntime } from './create-runtime.js';
import { RAW_OPTIONS } from './redis-cache.module-definition.js';
import { resolveOptions, type ResolvedOptions } from './resolve-options.js';
import { CacheWarmerExplorer } from './warming/cache-warmer.explorer.js';
import { CacheWarmingService } from './warming/cache-warming.service.js';

/** Everything one application's cache is made of. */
export function cacheProviders(): Provider[] {
  return [
    {
      provide: RESOLVED_OPTIONS,
      // Optional for the sake of a better word than that of Nest, where the class itself is imported.
      inject: [{ token: RAW_OPTIONS, optional: true }],
      useFactory: resolveOptions,
    },
    { provide: CACHE_SURROUNDINGS, useFactory: systemSurroundings },
    {
      provide: REDIS_CONNECTION,
      inject: [RESOLVED_OPTIONS, CACHE_SURROUNDINGS],
      useFactory: createConnection,
    },
    {
      provide: CACHE_RUNTIME,
      inject: [RESOLVED_OPTIONS, REDIS_CONNECTION, CACHE_SURROUNDINGS],
      useFactory: createRuntime,
    },
    {
      provide: CACHE_OPERATIONS,
      inject: [CACHE_RUNTIME],
      useFactory: (runtime: CacheRuntime) => new CacheOperations(runtime),
    },
    {
      provide: CacheService,
      inject: [CACHE_RUNTIME],
      useFactory: (runtime: CacheRuntime) => new CacheService(runtime),
    },
    {
      provide: CacheRolloutService,
      inject: [CACHE_RUNTIME],
      useFactory: (runtime: CacheRuntime) => new CacheRolloutService(runtime),
    },
    {
      provide: WARMING_OPTIONS,
      inject: [RESOLVED_OPTIONS],
      useFactory: (options: ResolvedOptions) => options.warming,
    },
    {
      provide: ALERT_OPTIONS,
      inject: [RESOLVED_OPTIONS],
      useFactory: (options: ResolvedOptions) => options.alerts,
    },
    CacheAlertsService,
    CacheWarmerExplorer,
    CacheWarmingService,
    {
      provide: REDIS_CLIENT,
      inject: [REDIS_CONNECTION],
      useFactory: (connection: RedisConnection | null) => connection?.client ?? null,
    },
  ];
}

/** One named cache each, for `@InjectCache`. */
export function namedCacheProviders(names: readonly string[]): Provider[] {
  return names.map((name) => ({
    provide: cacheToken(name),
    inject: [CacheService],
    useFactory: (caches: CacheService) => caches.cache(name),
  }));
}
