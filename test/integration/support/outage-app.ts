import { performance } from 'node:perf_hooks';
import type { INestApplicationContext } from '@nestjs/common';
import {
  CacheService,
  runWithTenant,
  type CacheMode,
  type CachePolicy,
  type RedisCacheModuleOptions,
} from 'nestjs-redis-cache';
import { bootCacheApp, inMode } from './cache-app.js';
import { callsThatWait } from './calls-that-wait.js';
import { QuoteService } from './quote.service.js';

export const CLOSE_TIMEOUT_MS = 500;
const TENANT = 'acme';

/** An application in an outage. */
export class OutageApp {
  private constructor(private readonly app: INestApplicationContext) {}

  static async boot(
    connection: RedisCacheModuleOptions['connection'],
    policy: CachePolicy,
  ): Promise<OutageApp> {
    const options: RedisCacheModuleOptions = {
      connection,
      defaults: policy,
      timeouts: { close: CLOSE_TIMEOUT_MS },
    };
    return new OutageApp(await bootCacheApp(options, [QuoteService]));
  }

  get caches(): CacheService {
    return this.app.get(CacheService);
  }

  get quotes(): QuoteService {
    return this.app.get(QuoteService);
  }

  inMode(mode: CacheMode): Promise<void> {
    return inMode(this.caches, mode);
  }

  asTenant<T>(fn: () => T): T {
    return runWithTenant(TENANT, fn);
  }

  /** How many of so many calls that have to load, one after the other, wait for anything. */
  missesThatWait(calls: number): Promise<number> {
    return callsThatWait(calls, (call) => this.asTenant(() => this.quotes.byId(`miss-${call}`)));
  }

  /** @returns how long it took */
  async close(): Promise<number> {
    const beganMs = performance.now();
    await this.app.close();
    return performance.now() - beganMs;
  }
}
