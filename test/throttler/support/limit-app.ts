import { Redis } from 'ioredis';
import { RateLimiter, RateLimitModule } from 'nestjs-redis-cache/throttler';
import { KeySpace } from '../../../libs/redis-cache/src/keys/key-space.js';
import { type CacheApp, type CacheApps, ownPrefix } from '../../support/cache-apps.js';

/** An application that limits calls, and what it keeps in the Redis of the test run. */
export class LimitApp {
  private constructor(
    readonly app: CacheApp,
    readonly keys: KeySpace,
  ) {}

  static async boot(apps: CacheApps, prefix = ownPrefix()): Promise<LimitApp> {
    const imports = [RateLimitModule.forRoot()];
    const app = await apps.boot({ tier: 'redis', cache: { prefix }, imports });
    return new LimitApp(app, new KeySpace(prefix));
  }

  get limiter(): RateLimiter {
    return this.app.get(RateLimiter);
  }
}

/** Looks at, and meddles with, what stands in the Redis of the test run. */
export class LimitsInRedis {
  readonly client = new Redis(String(process.env.REDIS_URL));

  /** Microseconds of the server's clock. */
  async nowUs(): Promise<number> {
    const [seconds, microseconds] = await this.client.time();
    return Number(seconds) * 1_000_000 + Number(microseconds);
  }

  /** Has calls stand there, made so long ago. */
  async putCalls(callsKey: string, agesMs: readonly number[]): Promise<void> {
    const nowUs = await this.nowUs();
    await this.client.rpush(callsKey, ...agesMs.map((ms) => nowUs - ms * 1_000));
  }

  async keysUnder(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const found of this.client.scanStream({ match: `${prefix}:*`, count: 1_000 })) {
      keys.push(...(found as string[]));
    }
    return keys.sort();
  }

  close(): void {
    this.client.disconnect();
  }
}
