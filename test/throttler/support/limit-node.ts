import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  CacheService,
  RedisCacheModule,
  type CacheMode,
  type RedisCacheModuleOptions,
} from 'nestjs-redis-cache';
import {
  RateLimiter,
  RateLimitModule,
  type RateLimit,
  type RateLimitResult,
} from 'nestjs-redis-cache/throttler';
import { inMode } from '../../integration/support/cache-app.js';
import { until } from '../../support/until.js';

/** What came of many calls. */
export interface Tally {
  readonly redis: { readonly allowed: number; readonly refused: number };
  readonly memory: { readonly allowed: number; readonly refused: number };
}

/** Calls that wait for their answer at a time. */
const CALLS_AT_ONCE = 20;

/** An application that limits calls, in this process or in one of its own. */
export class LimitNode {
  private constructor(private readonly app: INestApplicationContext) {}

  static async boot(options: RedisCacheModuleOptions): Promise<LimitNode> {
    class LimitNodeModule {}
    const imports = [RedisCacheModule.forRoot(options), RateLimitModule.forRoot()];
    return new LimitNode(
      await NestFactory.createApplicationContext(
        { module: LimitNodeModule, imports },
        { logger: false },
      ),
    );
  }

  async inMode(mode: CacheMode): Promise<void> {
    await inMode(this.app.get(CacheService), mode);
  }

  /** Resolves once Redis can be used, for whatever. */
  async connected(): Promise<void> {
    await until(() => this.app.get(CacheService).getStats().connection === 'ready');
  }

  consume(key: string, limit: RateLimit): Promise<RateLimitResult> {
    return this.app.get(RateLimiter).consume(key, limit, { tenant: 'acme' });
  }

  peek(key: string, limit: RateLimit): Promise<RateLimitResult> {
    return this.app.get(RateLimiter).peek(key, limit, { tenant: 'acme' });
  }

  reset(key: string, limit: RateLimit): Promise<boolean> {
    return this.app.get(RateLimiter).reset(key, limit, { tenant: 'acme' });
  }

  async consumeMany(count: number, key: string, limit: RateLimit): Promise<Tally> {
    const tally = { redis: { allowed: 0, refused: 0 }, memory: { allowed: 0, refused: 0 } };
    let left = count;
    const callOn = async () => {
      while (left-- > 0) {
        const { countedBy, allowed } = await this.consume(key, limit);
        tally[countedBy][allowed ? 'allowed' : 'refused'] += 1;
      }
    };
    await Promise.all(Array.from({ length: CALLS_AT_ONCE }, callOn));
    return tally;
  }

  close(): Promise<void> {
    return this.app.close();
  }
}
