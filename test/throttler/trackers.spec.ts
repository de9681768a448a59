import { Controller, Get, Module, type MiddlewareConsumer, type NestModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import {
  Throttle,
  ThrottlerGuard,
  ThrottlerModule,
  type ThrottlerOptions,
} from '@nestjs/throttler';
import { InvalidCacheKeyError, setTenant, tenantMiddleware } from 'nestjs-redis-cache';
import {
  namedThrottler,
  RateLimited,
  RateLimitModule,
  RedisThrottlerStorage,
  ThrottlerTrackers,
  type ThrottlerTracking,
} from 'nestjs-redis-cache/throttler';
import request from 'supertest';
import { KeySpace } from '../../libs/redis-cache/src/keys/key-space.js';
import { RecordingLogger } from '../module/support/recording-logger.js';
import { CacheApps, ownPrefix } from '../support/cache-apps.js';
import { LimitsInRedis } from './support/limit-app.js';

type Headers = Readonly<Record<string, string>>;
type Own = Pick<ThrottlerOptions, 'getTracker' | 'generateKey'>;

const LIMIT = 2;
const OWN_TRACKER: Own = { getTracker: ({ headers }) => String((headers as Headers)['x-device']) };
const NO_TRACKER: Own = { getTracker: () => undefined as never };
const OWN_KEY: Own = { generateKey: (_context, tracker, name) => `${name} ${tracker}` };

const userOf = ({ headers }: { headers: Headers }) => headers['x-user'];

const ofRoute = (own: Own) => Throttle({ chat: own });

@Controller()
class ChatController {
  @Get('mine')
  @RateLimited('chat')
  mine(): string {
    return 'mine';
  }

  /** For who has no account: told apart by what they send. */
  @Get('guest')
  @RateLimited('chat')
  @ofRoute(OWN_TRACKER)
  guest(): string {
    return 'guest';
  }

  @Get('unknown')
  @RateLimited('chat')
  @ofRoute(NO_TRACKER)
  unknown(): string {
    return 'unknown';
  }

  @Get('keyed')
  @RateLimited('chat')
  @ofRoute(OWN_KEY)
  keyed(): string {
    return 'keyed';
  }
}

@Module({})
class TenantModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(tenantMiddleware(() => 'acme')).forRoutes('{*path}');
  }
}

describe('trackers, beside a getTracker of a route', () => {
  const apps = new CacheApps();
  let redis: LimitsInRedis;
  let keys: KeySpace;
  let logger: RecordingLogger;

  beforeAll(() => {
    redis = new LimitsInRedis();
  });
  beforeEach(() => {
    keys = new KeySpace(ownPrefix());
    logger = new RecordingLogger();
  });
  afterAll(() => redis.close());

  const boot = async (tracking: (trackers: ThrottlerTrackers) => ThrottlerTracking) => {
    const { nest } = await apps.boot({
      tier: 'redis',
      logger,
      cache: { prefix: keys.prefix },
      controllers: [ChatController],
      imports: [
        TenantModule,
        RateLimitModule.forRoot(),
        ThrottlerModule.forRootAsync({
          inject: [RedisThrottlerStorage, ThrottlerTrackers],
          useFactory: (storage: RedisThrottlerStorage, trackers: ThrottlerTrackers) => ({
            storage,
            throttlers: [namedThrottler({ name: 'chat', limit: LIMIT, window: '1m' })],
            ...tracking(trackers),
          }),
        }),
      ],
      providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
    });
    return async (path: string, headers: Headers): Promise<number> =>
      (
        await request(nest.getHttpServer() as never)
          .get(path)
          .set(headers)
      ).status;
  };
  const usedUp = async (call: () => Promise<number>) => {
    for (let i = 0; i < LIMIT; i += 1) expect(await call()).toBe(200);
    expect(await call()).toBe(429);
  };

  it.each(['victim', 'acme/victim', 'tracked;victim', 'mallory', 'acme/mallory'])(
    'let nobody use up the count of a user by sending %s',
    async (device) => {
      const get = await boot((trackers) => trackers.tenantAndUser(userOf));
      await usedUp(() => get('/guest', { 'x-device': device, 'x-user': 'mallory' }));
      for (const user of ['victim', 'mallory', 'tracked;victim']) {
        expect(await get('/mine', { 'x-user': user })).toBe(200);
      }
    },
  );

  it.each(['acme', 'acme/acme', ''])(
    'let nobody use up the count of a tenant by sending %p',
    async (device) => {
      const get = await boot((trackers) => trackers.tenant());
      await usedUp(() => get('/guest', { 'x-device': device }));
      expect(await get('/mine', {})).toBe(200);
    },
  );

  it('let nobody use up the count of an address by sending it', async () => {
    const get = await boot((trackers) => trackers.ip());
    await usedUp(() => get('/guest', { 'x-device': '127.0.0.1' }));
    expect(await get('/mine', {})).toBe(200);
  });

  it('count what such a route sends within the tenant, each by itself', async () => {
    const get = await boot((trackers) => trackers.tenantAndUser(userOf));
    await usedUp(() => get('/guest', { 'x-device': 'one' }));
    expect(await get('/guest', { 'x-device': 'two' })).toBe(200);
    expect(await redis.keysUnder(keys.prefix)).toEqual([
      keys.limitCalls('acme', 'chat', 'tracked;one'),
      keys.limitCalls('acme', 'chat', 'tracked;two'),
    ]);
  });

  it.each(['tenant', 'ip'] as const)('fail where it knows nobody, beside %s()', async (kind) => {
    const get = await boot((trackers) => trackers[kind]());
    expect(await get('/unknown', {})).toBe(500);
    expect(logger.of('error').flat()).toContainEqual(expect.any(InvalidCacheKeyError));
    expect(await redis.keysUnder(keys.prefix)).toEqual([]);
  });

  it('take no text for a user that was made of theirs and what a caller sends', async () => {
    const get = await boot((trackers) => {
      const { getTracker, generateKey } = trackers.tenantAndUser(userOf);
      const longer: ThrottlerTracking['getTracker'] = async (sent, context) =>
        (await getTracker(sent, context)) + String((sent.headers as Headers)['x-device']);
      return { getTracker: longer, generateKey };
    });
    await usedUp(() => get('/mine', { 'x-user': 'vic', 'x-device': 'tim' }));
    expect(await get('/mine', { 'x-user': 'victim', 'x-device': '' })).toBe(200);
  });

  it('give a generateKey of a route the same text in all processes', async () => {
    const tracking = (trackers: ThrottlerTrackers) => trackers.tenantAndUser(userOf);
    const [one, other] = [await boot(tracking), await boot(tracking)];
    expect(await one('/keyed', { 'x-user': 'u' })).toBe(200);
    expect(await other('/keyed', { 'x-user': 'u' })).toBe(200);
    expect(await one('/keyed', { 'x-user': 'u' })).toBe(429);
  });

  it('count for the tenant that the request had when they were asked', async () => {
    const get = await boot((trackers) =>
      trackers.tenantAndUser<{ headers: Headers }>((sent) => {
        setTenant('globex');
        return userOf(sent);
      }),
    );
    expect(await get('/mine', { 'x-user': 'u' })).toBe(200);
    expect(await redis.keysUnder(keys.prefix)).toEqual([keys.limitCalls('acme', 'chat', 'u')]);
  });
});
