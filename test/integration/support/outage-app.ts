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
import { QuoteService } from './quote.service.js';
import { SteadyLoad } from './steady-load.js';

export const COMMAND_TIMEOUT_MS = 100;
export const CLOSE_TIMEOUT_MS = 500;
const CALLERS = 64;
const TENANT = 'acme';
const HOT_IDS = 20;

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
      timeouts: { command: COMMAND_TIMEOUT_MS, close: CLOSE_TIMEOUT_MS },
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

  /** Callers of all sorts: hits, misses, puts, evictions. */
  load(): SteadyLoad {
    return new SteadyLoad(CALLERS, (turn) => this.asTenant(() => this.turn(turn)));
  }

  /** The median time of calls that have to load, one after the other. */
  async medianOfMissesMs(calls: number): Promise<number> {
    const spans: number[] = [];
    for (let call = 0; call < calls; call++) {
      const beganMs = performance.now();
      await this.asTenant(() => this.quotes.instantly(`${beganMs}`));
      spans.push(performance.now() - beganMs);
    }
    return spans.sort((a, b) => a - b)[calls >> 1] as number;
  }

  /** @returns how long it took */
  async close(): Promise<number> {
    const beganMs = performance.now();
    await this.app.close();
    return performance.now() - beganMs;
  }

  private async turn(turn: number): Promise<string> {
    const hot = `hot-${turn % HOT_IDS}`;
    const id = turn % 4 === 0 ? `cold-${turn}` : hot;
    if (turn % 17 === 0) {
      await this.quotes.forget(hot);
      return 'eviction';
    }
    const rewrites = turn % 13 === 0;
    const quote = rewrites ? await this.quotes.rewrite(hot) : await this.quotes.byId(id);
    if (quote.id !== (rewrites ? hot : id)) throw new Error(`Wrong answer: ${quote.id}`);
    if (rewrites) return 'put';
    return id === hot ? 'hot read' : 'cold read';
  }
}
