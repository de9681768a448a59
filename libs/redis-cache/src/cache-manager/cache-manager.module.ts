import { Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import { Cache, CACHE_MANAGER } from '@nestjs/cache-manager';
import { CacheService } from '../cache/cache.service.js';
import {
  ConfigurableModuleClass,
  RAW_CACHE_MANAGER_OPTIONS,
  type ASYNC_OPTIONS_TYPE,
  type OPTIONS_TYPE,
} from './cache-manager.module-definition.js';
import {
  CACHE_MANAGER_OPTIONS,
  resolveCacheManagerOptions,
  type ResolvedCacheManagerOptions,
} from './cache-manager.options.js';
import { RedisCacheManager } from './redis-cache-manager.js';
import { ResponseGuard } from './response.guard.js';

/**
 * In the place of `CacheModule` of @nestjs/cache-manager: provides its `CACHE_MANAGER` and `Cache` from
 * our cache, so that what injects them, and its `CacheInterceptor`, goes on unchanged.
 *
 * @example CacheManagerModule.register({ isGlobal: true, ttl: 60_000 })
 */
@Module({
  providers: [
    {
      provide: CACHE_MANAGER_OPTIONS,
      inject: [RAW_CACHE_MANAGER_OPTIONS],
      useFactory: resolveCacheManagerOptions,
    },
    {
      provide: RedisCacheManager,
      inject: [CacheService, CACHE_MANAGER_OPTIONS],
      useFactory: (caches: CacheService, options: ResolvedCacheManagerOptions) =>
        new RedisCacheManager(caches, options),
    },
    { provide: CACHE_MANAGER, useExisting: RedisCacheManager },
    { provide: Cache, useExisting: RedisCacheManager },
    ResponseGuard,
  ],
  exports: [CACHE_MANAGER, Cache],
})
export class CacheManagerModule extends ConfigurableModuleClass implements OnModuleInit {
  /** @internal Made by Nest. */
  constructor(private readonly guard: ResponseGuard) {
    super();
  }

  /**
   * Options at hand.
   *
   * @throws {InvalidCacheOptionsError} while the application boots
   */
  static override register(options: typeof OPTIONS_TYPE = {}): DynamicModule {
    return super.register(options);
  }

  /**
   * Options by `useFactory`, `useClass` or `useExisting`, with `imports` and `inject`.
   *
   * @throws {InvalidCacheOptionsError} while the application boots
   */
  static override registerAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    return super.registerAsync(options);
  }

  /** Before the first request. */
  onModuleInit(): void {
    this.guard.guardAll();
  }
}
