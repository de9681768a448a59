import {
  Controller,
  Get,
  Module,
  Post,
  type LoggerService,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { SkipThrottle, Throttle, ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { tenantMiddleware } from 'nestjs-redis-cache';
import {
  namedThrottler,
  RateLimited,
  RateLimitModule,
  RATE_LIMITS,
  RedisThrottlerStorage,
  ThrottlerTrackers,
} from 'nestjs-redis-cache/throttler';
import type { CacheApp, CacheApps } from '../../support/cache-apps.js';

interface Headers {
  readonly headers: Readonly<Record<string, string | undefined>>;
}

const MINUTE_MS = 60_000;

@Controller()
class ChatController {
  @Post('messages')
  @SkipThrottle()
  @RateLimited('chat')
  send(): string {
    return 'sent';
  }

  @Get('messages')
  @SkipThrottle()
  @RateLimited('chat')
  list(): string {
    return 'list';
  }

  @Post('login')
  @SkipThrottle()
  @RateLimited('auth')
  logIn(): string {
    return 'in';
  }

  @Get('quotes')
  quotes(): string {
    return 'quotes';
  }

  @Get('news')
  @Throttle({ default: { limit: 1, ttl: MINUTE_MS, blockDuration: 0 } })
  news(): string {
    return 'news';
  }

  @Get('free')
  @SkipThrottle()
  free(): string {
    return 'free';
  }
}

@Module({
  imports: [
    ThrottlerModule.forRootAsync({
      inject: [RedisThrottlerStorage, ThrottlerTrackers],
      useFactory: (storage: RedisThrottlerStorage, trackers: ThrottlerTrackers) => ({
        storage,
        throttlers: [
          { limit: 2, ttl: MINUTE_MS },
          namedThrottler({ ...RATE_LIMITS.chat, limit: 3 }),
          { ...namedThrottler({ ...RATE_LIMITS.auth, limit: 1 }), ...trackers.ip() },
        ],
        ...trackers.tenantAndUser(({ headers }: Headers) => headers['x-user']),
      }),
    }),
  ],
  controllers: [ChatController],
  providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
})
class ChatModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    const tenantOf = ({ headers }: Headers) => headers['x-tenant'];
    consumer.apply(tenantMiddleware<Headers>(tenantOf)).forRoutes('{*path}');
  }
}

/** An application whose callers say who they are, which no other should let them. */
export function bootChat(
  apps: CacheApps,
  http: 'express' | 'fastify',
  prefix: string,
  logger: LoggerService,
): Promise<CacheApp> {
  const imports = [RateLimitModule.forRoot(), ChatModule];
  return apps.boot({ tier: 'redis', http, cache: { prefix }, imports, logger });
}
