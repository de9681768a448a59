import { Injectable } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { LimitKeeper } from './limit-keeper.js';
import { limitRule } from './rate-limit.js';
import { ThrottlerKeys } from './throttler-keys.js';

type ThrottlerStorageRecord = Awaited<ReturnType<ThrottlerStorage['increment']>>;

const SECOND_MS = 1_000;

/**
 * Counts requests for the guard of `@nestjs/throttler`, for all processes together: never one more than
 * `limit` within any span of `ttl` while Redis is there.
 *
 * @example { storage, throttlers: [{ limit: 100, ttl: 60_000, blockDuration: 0 }] }
 */
@Injectable()
export class RedisThrottlerStorage implements ThrottlerStorage {
  /** @internal Made by Nest. */
  constructor(
    private readonly keeper: LimitKeeper,
    private readonly keys: ThrottlerKeys,
  ) {}

  /**
   * @param key what the guard's key generator gave
   * @param ttl length of the window in milliseconds
   * @param blockDuration how long a call too many shuts out, in milliseconds. The guard gives `ttl`
   *   where nothing is said, and 0 shuts nobody out.
   * @returns times in whole seconds, rounded up, as the guard puts them into headers
   * @throws {InvalidCacheOptionsError} one of the numbers cannot be used
   */
  async increment(
    key: string,
    ttl: number,
    limit: number,
    blockDuration: number,
    throttlerName: string,
  ): Promise<ThrottlerStorageRecord> {
    const rule = limitRule(throttlerName, limit, ttl, blockDuration);
    const call = await this.keeper.judge(this.keys.callsKey(key, throttlerName), rule, true);
    return {
      totalHits: call.allowed ? limit - call.remaining : limit + 1,
      timeToExpire: Math.ceil(call.resetMs / SECOND_MS),
      isBlocked: !call.allowed,
      timeToBlockExpire: call.allowed ? 0 : Math.ceil(call.retryAfterMs / SECOND_MS),
    };
  }
}
