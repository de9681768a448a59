import { Controller, Get, Module } from '@nestjs/common';
import { ThrottlerModule, type ThrottlerOptions } from '@nestjs/throttler';
import { InvalidCacheOptionsError, InvalidDecoratorError } from 'nestjs-redis-cache';
import {
  namedThrottler,
  RateLimited,
  RateLimiter,
  RateLimitModule,
  RATE_LIMITS,
  RedisThrottlerStorage,
} from 'nestjs-redis-cache/throttler';
import { CacheApps } from '../support/cache-apps.js';
import { LimitApp, LimitsInRedis } from './support/limit-app.js';

const MINUTE_MS = 60_000;

describe('RedisThrottlerStorage', () => {
  const apps = new CacheApps();
  let redis: LimitsInRedis;
  let one: LimitApp;
  let storage: RedisThrottlerStorage;

  beforeAll(() => {
    redis = new LimitsInRedis();
  });
  beforeEach(async () => {
    one = await LimitApp.boot(apps);
    storage = one.app.get(RedisThrottlerStorage);
  });
  afterAll(() => redis.close());

  it('answers as the guard understands it', async () => {
    const increment = () => storage.increment('k', MINUTE_MS, 2, 5 * MINUTE_MS, 'login');
    const answers = [await increment(), await increment(), await increment()];
    expect(answers).toEqual([
      { totalHits: 1, timeToExpire: 60, isBlocked: false, timeToBlockExpire: 0 },
      { totalHits: 2, timeToExpire: 60, isBlocked: false, timeToBlockExpire: 0 },
      { totalHits: 3, timeToExpire: 300, isBlocked: true, timeToBlockExpire: 300 },
    ]);
  });

  it('lets no key of an application pass for one of a tenant', async () => {
    const victim = one.keys.limitCalls('acme', 'chat', 'u');
    for (const key of [victim, `acme/u`, 'u', '']) {
      await storage.increment(key, MINUTE_MS, 3, 0, 'chat');
    }
    const found = (await redis.keysUnder(one.keys.prefix)).map((key) => one.keys.parse(key));
    expect(found).toHaveLength(4);
    for (const key of found) expect(key).toMatchObject({ kind: 'limitCalls', tenant: null });
    const limiter = one.app.get(RateLimiter);
    const globally = { ...RATE_LIMITS.chat, scope: 'global' } as const;
    expect(await limiter.peek('u', globally)).toMatchObject({ remaining: 20 });
    expect(await limiter.peek('u', RATE_LIMITS.chat, { tenant: 'acme' })).toMatchObject({
      remaining: 20,
    });
  });

  it('refuses numbers that it cannot count by', async () => {
    await expect(storage.increment('k', MINUTE_MS, 2.5, 0, 'login')).rejects.toThrow(
      InvalidCacheOptionsError,
    );
    await expect(storage.increment('k', 0, 2, 0, 'login')).rejects.toThrow(
      /^Option window of the rate limit login is 0;/,
    );
  });
});

describe('throttlers with RedisThrottlerStorage', () => {
  const apps = new CacheApps();

  const boot = (throttler: object, inMemory = false) =>
    apps.boot({
      imports: [
        RateLimitModule.forRoot(),
        ThrottlerModule.forRootAsync({
          inject: [RedisThrottlerStorage],
          useFactory: (storage: RedisThrottlerStorage) => ({
            storage: inMemory ? undefined : storage,
            throttlers: [{ limit: 1, ttl: 1, name: 'fine' }, throttler as ThrottlerOptions],
          }),
        }),
      ],
    });

  it.each<[object, string]>([
    [
      { limit: 20_000, ttl: 1 },
      'Option limit of the rate limit default is 20000; expected at most',
    ],
    [{ limit: '20000', ttl: 1 }, 'Option limit of the rate limit default is 20000;'],
    [{ limit: 20_000, ttl: () => 1 }, 'Option limit of the rate limit default is 20000;'],
    [{ limit: 2.5, ttl: 1, name: 'half' }, 'Option limit of the rate limit half is 2.5;'],
    [{ limit: () => 1, ttl: 0 }, 'Option window of the rate limit default is 0;'],
    [{ limit: 1, ttl: 1, blockDuration: -1 }, 'Option block of the rate limit default is -1;'],
  ])('stop the boot where they cannot be counted by: %p', async (throttler, says) => {
    const booting = boot(throttler);
    await expect(booting).rejects.toThrow(InvalidCacheOptionsError);
    await expect(booting).rejects.toThrow(says);
  });

  it.each<object>([
    { limit: 10_000, ttl: 1, blockDuration: 0 },
    { limit: '10', ttl: '60000', blockDuration: '0' },
    { limit: () => 20_000, ttl: () => 0, blockDuration: () => -1 },
    { name: 'by-route' },
  ])('boot where they can, or where it is not known yet: %p', async (throttler) => {
    await boot(throttler);
  });

  it('boot with any limit where another storage counts', async () => {
    await boot({ limit: 20_000, ttl: MINUTE_MS }, true);
  });
});

describe('@RateLimited', () => {
  const apps = new CacheApps();

  @Controller()
  class Misspelt {
    @Get()
    @RateLimited('chat', 'chta')
    get(): void {
      return undefined;
    }
  }

  @RateLimited('upload')
  @Controller()
  class Uploads {}

  const boot = (controller?: new () => object, throttlers?: ThrottlerOptions[]) => {
    @Module({
      imports: throttlers ? [ThrottlerModule.forRoot(throttlers)] : [],
      controllers: controller ? [controller] : [],
    })
    class AppModule {}
    return apps.boot({ imports: [RateLimitModule.forRoot(), AppModule] });
  };

  it.each<[string, new () => object, ThrottlerOptions[] | undefined, string]>([
    [
      'a method',
      Misspelt,
      [{ limit: 1, ttl: 1 }, namedThrottler(RATE_LIMITS.chat)],
      `@RateLimited('chta') on Misspelt.get names none of the throttlers default, chat.`,
    ],
    [
      'a class',
      Uploads,
      [namedThrottler(RATE_LIMITS.chat)],
      `@RateLimited('upload') on Uploads names none of the throttlers chat.`,
    ],
    ['a class', Uploads, undefined, `@RateLimited('upload') on Uploads finds no throttlers.`],
  ])('stops the boot where %s names what is not there', async (_what, type, throttlers, says) => {
    const booting = boot(type, throttlers);
    await expect(booting).rejects.toThrow(InvalidDecoratorError);
    await expect(booting).rejects.toThrow(says);
  });

  it('boots where the throttlers are there, and without any', async () => {
    await boot(Uploads, [namedThrottler(RATE_LIMITS.upload)]);
    await boot();
  });
});
