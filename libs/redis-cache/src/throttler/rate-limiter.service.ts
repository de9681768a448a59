import { Inject, Injectable } from '@nestjs/common';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import { CACHE_RUNTIME } from '../constants/injection.tokens.js';
import { encodeKey, type CacheKey } from '../keys/arguments.js';
import { LimitKeeper } from './limit-keeper.js';
import { resolveRateLimit, type RateLimit, type ResolvedRateLimit } from './rate-limit.js';
import type { RateLimitResult } from './rate-limit-result.js';

/** For whom a call is limited. */
export interface RateLimitCall {
  /** @default the tenant of the calling code */
  readonly tenant?: string;
}

/**
 * Limits calls of any kind: messages of a websocket, jobs of a queue, calls of somebody else's API. A
 * limit that a throttler has, too, counts together with the requests to it.
 *
 * Redis being away breaks no call: this process counts alone meanwhile.
 */
@Injectable()
export class RateLimiter {
  /** @internal Made by Nest. */
  constructor(
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    private readonly keeper: LimitKeeper,
  ) {}

  /**
   * Counts a call, if it is allowed.
   *
   * @param key who calls, within the tenant: the id of a user, say
   * @throws {TenantMissingError} the limit is not global, and no tenant is known
   * @throws {InvalidCacheOptionsError} the limit cannot be used as given
   * @throws {InvalidCacheKeyError} the key or the tenant cannot be part of a key
   * @example
   * const call = await limiter.consume(userId, { name: 'chat', limit: 20, window: '1m' });
   * if (!call.allowed) throw new WsException(`Try again in ${call.retryAfterMs} ms`);
   */
  async consume(
    key: CacheKey,
    limit: RateLimit,
    call: RateLimitCall = {},
  ): Promise<RateLimitResult> {
    const rule = resolveRateLimit(limit);
    return this.keeper.judge(this.callsKey('consume', key, rule, call), rule, true);
  }

  /** What {@link consume} would answer; nothing is counted, and nobody shut out. Throws as it does. */
  async peek(key: CacheKey, limit: RateLimit, call: RateLimitCall = {}): Promise<RateLimitResult> {
    const rule = resolveRateLimit(limit);
    return this.keeper.judge(this.callsKey('peek', key, rule, call), rule, false);
  }

  /**
   * Forgets the calls of a caller, and lets one in that is shut out. Throws as {@link consume} does.
   *
   * @returns false where Redis has not confirmed it: then only this process has forgotten
   */
  async reset(key: CacheKey, limit: RateLimit, call: RateLimitCall = {}): Promise<boolean> {
    return this.keeper.reset(this.callsKey('reset', key, resolveRateLimit(limit), call));
  }

  private callsKey(
    operation: string,
    key: CacheKey,
    { name, scope }: ResolvedRateLimit,
    { tenant }: RateLimitCall,
  ): string {
    const { tenants, keys } = this.runtime;
    const owner = tenants.ownerOf(scope, tenant, () => `${operation} of the rate limit '${name}'`);
    return keys.limitCalls(owner, name, encodeKey(key));
  }
}
