import { Module, type DynamicModule } from '@nestjs/common';
import type { Surroundings } from '../cache/surroundings.js';
import { CACHE_SURROUNDINGS } from '../constants/injection.tokens.js';
import { RedisCacheModule } from '../redis-cache.module.js';
import type { RedisCacheModuleOptions } from '../redis-cache.options.js';
import { TestCache, type TestCacheOptions } from './test-cache.js';

/** Options of the cache as in production but for `connection`, and of what stands in for the rest. */
export interface RedisCacheTestingOptions
  extends Omit<RedisCacheModuleOptions, 'connection'>, TestCacheOptions {
  /** Whether all modules see it without importing it. @default true */
  isGlobal?: boolean;
}

/**
 * In the place of `RedisCacheModule` in a test: the cache without Redis, or with a {@link TestRedis},
 * by a clock that the test winds. Inject {@link TestCache} to look at it.
 *
 * Warmers run only when asked to, and nothing is watched for alerts, unless the options say otherwise.
 */
@Module({})
export class RedisCacheTestingModule {
  /** @throws {InvalidCacheOptionsError} while the application boots */
  static forRoot(options: RedisCacheTestingOptions = {}): DynamicModule {
    const { redis, startAt, random, ...cache } = options;
    const root = RedisCacheModule.forRoot({ warm: false, alerts: false, ...cache });
    return {
      module: RedisCacheTestingModule,
      imports: [
        {
          ...root,
          providers: [
            ...(root.providers ?? []),
            // Made anew for each application, also where several import what this returned.
            { provide: TestCache, useFactory: () => new TestCache({ redis, startAt, random }) },
            {
              provide: CACHE_SURROUNDINGS,
              inject: [TestCache],
              useFactory: (cache: TestCache): Surroundings => cache,
            },
          ],
          exports: [...(root.exports ?? []), TestCache],
        },
      ],
      exports: [RedisCacheModule],
    };
  }
}
