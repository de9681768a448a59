import {
  Inject,
  Logger,
  Module,
  type DynamicModule,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { DiscoveryModule, ModulesContainer } from '@nestjs/core';
import { CacheAlertsService } from './alerts/cache-alerts.service.js';
import { CacheRolloutService } from './cache/cache-rollout.service.js';
import { CacheRuntime } from './cache/cache-runtime.js';
import { CacheService } from './cache/cache.service.js';
import { InvalidCacheOptionsError } from './errors/invalid-options.error.js';
import { RedisConnection } from './connection/redis-connection.js';
import {
  CACHE_OPERATIONS,
  CACHE_RUNTIME,
  cacheToken,
  REDIS_CLIENT,
  REDIS_CONNECTION,
} from './constants/injection.tokens.js';
import { CachedMethodExplorer } from './decorators/cached-method.explorer.js';
import {
  ConfigurableModuleClass,
  type ASYNC_OPTIONS_TYPE,
  type OPTIONS_TYPE,
} from './redis-cache.module-definition.js';
import { cacheProviders, namedCacheProviders } from './redis-cache.providers.js';
import { warnOfSeveralModules } from './several-modules.warning.js';
import { CacheWarmingService } from './warming/cache-warming.service.js';

/** Caches of some names, for `@InjectCache` in the module that imports it. */
@Module({})
class RedisCacheFeatureModule {}

/**
 * The cache of an application: import it once, with `forRoot` or `forRootAsync`. It is global unless
 * `isGlobal: false` says otherwise.
 */
@Module({
  imports: [DiscoveryModule],
  providers: [...cacheProviders(), CachedMethodExplorer],
  exports: [
    CacheService,
    CacheAlertsService,
    CacheRolloutService,
    CacheWarmingService,
    CACHE_OPERATIONS,
    REDIS_CLIENT,
    REDIS_CONNECTION,
    CACHE_RUNTIME,
  ],
})
export class RedisCacheModule
  extends ConfigurableModuleClass
  implements OnModuleInit, OnApplicationShutdown
{
  /** @internal Made by Nest. */
  constructor(
    private readonly explorer: CachedMethodExplorer,
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(REDIS_CONNECTION) private readonly connection: RedisConnection | null,
    private readonly modules: ModulesContainer,
  ) {
    super();
  }

  /**
   * Options at hand. The caches that they name can be injected by `@InjectCache`. Without options the
   * cache works in the memory of the process alone.
   *
   * @throws {InvalidCacheOptionsError} while the application boots
   */
  static override forRoot(options: typeof OPTIONS_TYPE = {}): DynamicModule {
    const names = Object.keys(options.caches ?? {});
    return withNamedCaches(super.forRoot(options), names);
  }

  /**
   * Options by `useFactory`, `useClass` or `useExisting`, with `imports` and `inject`.
   *
   * @throws {InvalidCacheOptionsError} at once, if none of them is given; else while the application boots
   */
  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    assertWay(options);
    return super.forRootAsync(options);
  }

  /** Makes caches injectable by `@InjectCache` in the module that imports this. */
  static forFeature(...names: string[]): DynamicModule {
    return withNamedCaches({ module: RedisCacheFeatureModule }, names);
  }

  /**
   * Decides the policy of every decorated method, so that a slip stops the boot. Then begins to
   * connect, in the background: an application boots whether Redis is there or not. No sooner, for
   * one that does not boot is never closed, and what it has opened would keep its process alive.
   */
  onModuleInit(): void {
    warnOfSeveralModules(this.modules, this, new Logger('RedisCache'));
    this.explorer.bindAll();
    this.runtime.open();
  }

  /** After the application's own services are done with the cache. */
  async onApplicationShutdown(): Promise<void> {
    await this.runtime.close();
    await this.connection?.close();
  }
}

const WAYS = ['useFactory', 'useClass', 'useExisting'] as const;

function assertWay(options: typeof ASYNC_OPTIONS_TYPE): void {
  if (WAYS.some((way) => options[way] !== undefined)) return;
  throw new InvalidCacheOptionsError(
    'options of forRootAsync',
    typeof options === 'function' ? options : Object.keys(options),
    'useFactory, useClass or useExisting',
    'Write for instance useFactory: () => ({ … }), or forRoot({ … }) for options at hand.',
  );
}

function withNamedCaches(module: DynamicModule, names: readonly string[]): DynamicModule {
  return {
    ...module,
    providers: [...(module.providers ?? []), ...namedCacheProviders(names)],
    exports: [...(module.exports ?? []), ...names.map(cacheToken)],
  };
}
