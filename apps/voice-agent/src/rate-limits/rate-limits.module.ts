import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import {
  namedThrottler,
  RATE_LIMITS,
  RateLimitModule,
  RedisThrottlerStorage,
  ThrottlerTrackers,
} from 'nestjs-redis-cache/throttler';
import { hashApiKey } from '../access/api-key-hash.js';
import { API_KEY_HEADER } from '../access/api-key.guard.js';
import type { RequestWithHeaders } from '../access/request-with-headers.js';

interface RequestOfConversation {
  readonly params: { readonly conversationId?: string };
}

/**
 * Limits the routes that say so by `@RateLimited`. Imported after the guard that finds out whose a
 * request is, as guards run in the order in which their modules are imported.
 */
@Module({
  imports: [
    RateLimitModule.forRoot(),
    ThrottlerModule.forRootAsync({
      inject: [RedisThrottlerStorage, ThrottlerTrackers],
      useFactory: (storage: RedisThrottlerStorage, trackers: ThrottlerTrackers) => ({
        storage,
        throttlers: [
          {
            ...namedThrottler(RATE_LIMITS.chat),
            ...trackers.tenantAndUser(({ params }: RequestOfConversation) => params.conversationId),
          },
          { ...namedThrottler(RATE_LIMITS.auth), ...trackers.ip() },
          { ...namedThrottler(RATE_LIMITS.upload), ...trackers.tenant() },
          namedThrottler(RATE_LIMITS.search),
        ],
        ...trackers.tenantAndUser(({ headers }: RequestWithHeaders) =>
          hashApiKey(String(headers[API_KEY_HEADER])),
        ),
        errorMessage: (_context, { timeToBlockExpire }) =>
          `Too many requests: try again in ${timeToBlockExpire} s`,
      }),
    }),
  ],
  providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
})
export class RateLimitsModule {}
