import { Controller, Get, Injectable, type INestApplication } from '@nestjs/common';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import { Redis } from 'ioredis';
import {
  CacheService,
  InvalidCacheOptionsError,
  RedisCacheModule,
  type RedisCacheModuleOptions,
} from 'nestjs-redis-cache';
import { RedisCacheHealthIndicator, type CacheHealthOptions } from 'nestjs-redis-cache/health';
import request from 'supertest';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';

/** What the application asks of the indicator. */
@Injectable()
class HealthSettings {
  key?: string;
  options?: CacheHealthOptions;
}

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly cache: RedisCacheHealthIndicator,
    private readonly settings: HealthSettings,
  ) {}

  @Get()
  @HealthCheck()
  check() {
    const { key, options } = this.settings;
    return this.health.check([() => this.cache.isHealthy(key, options)]);
  }
}

const URL = String(process.env.REDIS_URL);
const AWAY = 'Redis is away: answering from memory and from the methods themselves';

const ok = (cache: object, key = 'cache') => ({
  status: 'ok',
  info: { [key]: cache },
  error: {},
  details: { [key]: cache },
});

const failed = (cache: object) => ({
  status: 'error',
  info: {},
  error: { cache },
  details: { cache },
});

const WITH_REDIS = {
  status: 'up',
  mode: 'redis',
  latencyMs: expect.any(Number) as unknown,
};
const FALLBACK = { status: 'up', mode: 'fallback', message: AWAY };

describe('RedisCacheHealthIndicator', () => {
  let app: INestApplication | undefined;

  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  async function boot(
    connection: RedisCacheModuleOptions['connection'],
    options: RedisCacheModuleOptions = {},
  ): Promise<void> {
    const module = await Test.createTestingModule({
      imports: [RedisCacheModule.forRoot({ connection, ...options }), TerminusModule],
      controllers: [HealthController],
      providers: [RedisCacheHealthIndicator, HealthSettings],
    }).compile();
    app = module.createNestApplication({ logger: false });
    await app.listen(0);
  }

  async function connected(): Promise<void> {
    const caches = (app as INestApplication).get(CacheService);
    if (caches.getStats().connection === 'ready') return;
    await new Promise<void>((resolve) => {
      const stop = caches.on('state', ({ to }) => {
        if (to.kind !== 'ready') return;
        stop();
        resolve();
      });
    });
  }

  async function check(options?: CacheHealthOptions, key?: string) {
    const nest = app as INestApplication;
    Object.assign(nest.get(HealthSettings), { options, key });
    const { status, body } = await request(nest.getHttpServer()).get('/health');
    return { status, body: body as unknown };
  }

  describe('with a Redis that answers', () => {
    it('is up and tells how long the answer took', async () => {
      await boot({ url: URL });
      await connected();
      const { status, body } = await check({ timeout: '5s' });
      expect({ status, body }).toEqual({ status: 200, body: ok(WITH_REDIS) });
      const { latencyMs } = (body as { info: { cache: { latencyMs: number } } }).info.cache;
      expect(latencyMs).toBeGreaterThan(0);
      expect(String(latencyMs)).toMatch(/^\d+(\.\d{1,2})?$/);
    });

    it('is up over the client of the user, too', async () => {
      const client = new Redis(URL);
      await boot(client);
      await connected();
      expect(await check({ timeout: '5s' })).toEqual({ status: 200, body: ok(WITH_REDIS) });
      await app?.close();
      await client.quit();
    });

    it('takes the name it is given', async () => {
      await boot({ url: URL });
      await connected();
      expect(await check({ timeout: '5s' }, 'redis-cache')).toEqual({
        status: 200,
        body: ok(WITH_REDIS, 'redis-cache'),
      });
    });
  });

  it.each(['up', 'down'] as const)(
    'is up where no Redis is configured (degraded: %s)',
    async (degraded) => {
      await boot(false);
      expect(await check({ degraded })).toEqual({
        status: 200,
        body: ok({ status: 'up', mode: 'memory' }),
      });
    },
  );

  describe('where entries are kept in memory alone', () => {
    it('is up and tells how long Redis takes to be told of evictions', async () => {
      await boot({ url: URL }, { far: false });
      await connected();
      expect(await check({ timeout: '5s' })).toEqual({
        status: 200,
        body: ok({ ...WITH_REDIS, mode: 'memory', evictions: 'told' }),
      });
    });

    it.each(['up', 'down'] as const)(
      'is up while evictions wait for Redis (degraded: %s)',
      async (degraded) => {
        await boot({ host: '127.0.0.1', port: 1 }, { far: false });
        const message = 'Redis is away: other processes are told what is evicted once it is back';
        expect(await check({ degraded })).toEqual({
          status: 200,
          body: ok({ status: 'up', mode: 'memory', evictions: 'waiting', message }),
        });
      },
    );
  });

  it('is up by default where Redis is away, for a restart would not bring it back', async () => {
    await boot({ host: '127.0.0.1', port: 1 });
    expect(await check()).toEqual({ status: 200, body: ok(FALLBACK) });
    expect(await check({})).toEqual({ status: 200, body: ok(FALLBACK) });
  });

  it('is down where Redis is away and the option says so', async () => {
    await boot({ host: '127.0.0.1', port: 1 });
    expect(await check({ degraded: 'down' })).toEqual({
      status: 503,
      body: failed({ ...FALLBACK, status: 'down' }),
    });
  });

  it('says nothing of where Redis is and how to log in', async () => {
    await boot({ host: '127.0.0.1', port: 1, username: 'crm', password: 'hunter2' });
    const { body } = await check({ degraded: 'down' });
    expect(JSON.stringify(body)).not.toMatch(/hunter2|crm|127\.0\.0\.1/);
  });

  const DURATION =
    'milliseconds from 0 to ten years, or a number with a unit (ms, s, m, h, d). ' +
    `Write for instance 900000 or '15m'.`;

  it.each<[object, string]>([
    [{ timeout: '5' }, `.timeout is '5'; expected ${DURATION}`],
    [{ timeout: -1 }, `.timeout is -1; expected ${DURATION}`],
    [
      { timeout: 0 },
      '.timeout is 0; expected a time of at least 1 ms. Leave it out for the default.',
    ],
    [
      { degraded: 'Down' },
      `.degraded is 'Down'; expected 'up' or 'down'. ` +
        `Say 'down' only where a restart of this process is to follow.`,
    ],
    [
      { timeoutMs: 5 },
      `.timeoutMs is '***'; expected one of the fields degraded, timeout. ` +
        'Remove it or correct its name.',
    ],
  ])('refuses %j, whatever Redis does', async (options, message) => {
    await boot(false);
    const indicator = (app as INestApplication).get(RedisCacheHealthIndicator);
    const refused = indicator.isHealthy('cache', options);
    await expect(refused).rejects.toBeInstanceOf(InvalidCacheOptionsError);
    await expect(refused).rejects.toThrow(new Error(`Option options of isHealthy${message}`));
  });

  const describeWithServer = hasRedisBinary() ? describe : describe.skip;

  describeWithServer('with a server of its own', () => {
    let server: RedisServerProcess;

    beforeEach(async () => {
      server = await RedisServerProcess.start();
    });

    afterEach(() => server.stop());

    it('answers within its timeout while the server hangs, and is up again after it', async () => {
      await boot({ url: server.url });
      await connected();
      server.pause();
      const beganMs = performance.now();
      const answers = await Promise.all([
        check({ timeout: '50ms' }),
        check({ timeout: '50ms' }),
        check({ timeout: '50ms' }),
      ]);
      // Generous, for a busy machine; without a bound there would be no answer at all.
      expect(performance.now() - beganMs).toBeLessThan(2_000);
      for (const answer of answers) expect(answer).toEqual({ status: 200, body: ok(FALLBACK) });
      expect(await check({ timeout: '50ms', degraded: 'down' })).toMatchObject({ status: 503 });
      server.resume();
      await connected();
      expect(await check({ timeout: '5s' })).toEqual({ status: 200, body: ok(WITH_REDIS) });
    });

    it('answers while the server is gone', async () => {
      await boot({ url: server.url });
      await connected();
      await server.kill();
      expect(await check({ timeout: '5s' })).toEqual({ status: 200, body: ok(FALLBACK) });
    });

    it('opens no connection of its own, however often it is asked', async () => {
      const observer = new Redis(server.url);
      const connections = async () =>
        String(await observer.client('LIST'))
          .trim()
          .split('\n').length;
      await boot({ url: server.url });
      await connected();
      const before = await connections();
      for (let i = 0; i < 20; i++) await check({ timeout: '5s' });
      await Promise.all(Array.from({ length: 20 }, () => check({ timeout: '5s' })));
      expect(await connections()).toBe(before);
      expect(await observer.info('stats')).toMatch(
        new RegExp(`total_connections_received:${String(before)}\\r`),
      );
      await observer.quit();
    });
  });
});
