import {
  Logger,
  Module,
  type DynamicModule,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import { failureReason } from '../connection/failure-kind.js';
import type { RedisConnection } from '../connection/redis-connection.js';
import { CACHE_RUNTIME, REDIS_CONNECTION } from '../constants/injection.tokens.js';
import { LimitKeeper } from './limit-keeper.js';
import { LIMIT_COMMANDS } from './limit.script.js';
import { MemoryLimits } from './memory-limits.js';
import {
  RATE_LIMIT_OPTIONS,
  resolveRateLimitOptions,
  type RateLimitModuleOptions,
  type ResolvedRateLimitOptions,
} from './rate-limit.options.js';
import { RateLimitedExplorer } from './rate-limited.explorer.js';
import { RateLimiter } from './rate-limiter.service.js';
import { RedisThrottlerStorage } from './redis-throttler.storage.js';
import { ThrottlerKeys } from './throttler-keys.js';
import { ThrottlerTrackers } from './throttler-trackers.js';

/** How versions of Redis say that a script ran a command that its user may not run. */
const PERMISSION = /NOPERM|executing the script|ACL failure/;

/**
 * Rate limits over the connection that the cache has, for all processes together. Global, so that
 * `ThrottlerModule.forRootAsync` can have the storage and the trackers injected.
 */
@Module({})
export class RateLimitModule implements OnModuleInit, OnApplicationShutdown {
  /** @internal Made by Nest. */
  constructor(
    private readonly keeper: LimitKeeper,
    private readonly explorer: RateLimitedExplorer,
  ) {}

  /** @throws {InvalidCacheOptionsError} an option is unknown or invalid */
  static forRoot(options: RateLimitModuleOptions = {}): DynamicModule {
    return {
      module: RateLimitModule,
      global: true,
      imports: [DiscoveryModule, ...(options.imports ?? [])],
      providers: [
        { provide: RATE_LIMIT_OPTIONS, useValue: resolveRateLimitOptions(options) },
        {
          provide: LimitKeeper,
          inject: [CACHE_RUNTIME, REDIS_CONNECTION, RATE_LIMIT_OPTIONS],
          useFactory: createKeeper,
        },
        ThrottlerKeys,
        RateLimitedExplorer,
        RateLimiter,
        RedisThrottlerStorage,
        ThrottlerTrackers,
      ],
      exports: [RateLimiter, RedisThrottlerStorage, ThrottlerTrackers],
    };
  }

  /** Before the first request, and before the cache says that Redis is there. */
  onModuleInit(): void {
    this.explorer.checkAll();
    this.keeper.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.keeper.stop();
  }
}

function createKeeper(
  { keys, clock }: CacheRuntime,
  connection: RedisConnection | null,
  { maxCalls }: ResolvedRateLimitOptions,
): LimitKeeper {
  return new LimitKeeper({
    connection,
    keys,
    memory: new MemoryLimits(clock, maxCalls),
    onRefused: warnOfRefusals(new Logger('RateLimiter')),
  });
}

/** Once for each reason in a row: calls may be refused by the thousand. */
function warnOfRefusals(logger: Logger): (error: unknown) => void {
  let told = '';
  return (error) => {
    const reason = failureReason(error);
    if (reason === told) return;
    told = reason;
    const remedy = PERMISSION.test(reason) ? ` Grant its user ${LIMIT_COMMANDS}.` : '';
    logger.warn(`Redis does not count calls: each process counts alone (${reason}).${remedy}`);
  };
}
