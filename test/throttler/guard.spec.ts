import type { INestApplication } from '@nestjs/common';
import { TenantMissingError } from 'nestjs-redis-cache';
import { RateLimiter, RATE_LIMITS } from 'nestjs-redis-cache/throttler';
import request, { type Response } from 'supertest';
import { KeySpace } from '../../libs/redis-cache/src/keys/key-space.js';
import { RecordingLogger } from '../module/support/recording-logger.js';
import { CacheApps, ownPrefix } from '../support/cache-apps.js';
import { bootChat } from './support/http-app.js';
import { LimitsInRedis } from './support/limit-app.js';

const CHAT = { ...RATE_LIMITS.chat, limit: 3 };

describe.each(['express', 'fastify'] as const)('ThrottlerGuard with Redis, on %s', (http) => {
  const apps = new CacheApps();
  const logger = new RecordingLogger();
  let redis: LimitsInRedis;
  let keys: KeySpace;
  let app: INestApplication;
  let limiter: RateLimiter;

  beforeAll(() => {
    redis = new LimitsInRedis();
  });
  beforeEach(async () => {
    keys = new KeySpace(ownPrefix());
    const booted = await bootChat(apps, http, keys.prefix, logger);
    app = booted.nest;
    limiter = booted.get(RateLimiter);
  });
  afterAll(() => redis.close());

  const call = (
    method: 'get' | 'post',
    path: string,
    { tenant, user }: { tenant?: string; user?: string } = { tenant: 'acme', user: 'u' },
  ): Promise<Response> => {
    const sent = request(app.getHttpServer() as never)[method](path);
    if (tenant !== undefined) void sent.set('x-tenant', tenant);
    if (user !== undefined) void sent.set('x-user', user);
    return Promise.resolve(sent);
  };
  const limitsIn = ({ headers }: Response) =>
    Object.fromEntries(
      Object.entries(headers as Record<string, string>).filter(([name]) =>
        /^x-ratelimit|^retry-after/.test(name),
      ),
    );

  it('answers with the headers of the throttler, and refuses what is too many', async () => {
    const first = await call('post', '/messages');
    expect([first.status, first.text, limitsIn(first)]).toEqual([
      201,
      'sent',
      {
        'x-ratelimit-limit-chat': '3',
        'x-ratelimit-remaining-chat': '2',
        'x-ratelimit-reset-chat': '60',
      },
    ]);
    expect(limitsIn(await call('post', '/messages'))).toMatchObject({
      'x-ratelimit-remaining-chat': '1',
    });
    await call('post', '/messages');
    const refused = await call('post', '/messages');
    expect([refused.status, refused.body]).toEqual([
      429,
      { statusCode: 429, message: 'ThrottlerException: Too Many Requests' },
    ]);
    const { 'retry-after-chat': seconds } = limitsIn(refused);
    expect(Object.keys(limitsIn(refused))).toEqual(['retry-after-chat']);
    expect(Number(seconds)).toBeGreaterThan(30);
    expect(Number(seconds)).toBeLessThanOrEqual(60);
  });

  it('counts the routes together that name one throttler, and with RateLimiter', async () => {
    await call('post', '/messages');
    await call('get', '/messages');
    const third = await limiter.consume('u', CHAT, { tenant: 'acme' });
    expect(third).toMatchObject({ allowed: true, remaining: 0 });
    expect((await call('post', '/messages')).status).toBe(429);
    expect(await redis.keysUnder(keys.prefix)).toEqual([keys.limitCalls('acme', 'chat', 'u')]);
  });

  it('counts every other route by itself, and shuts out as the guard has it by default', async () => {
    const statuses = [];
    for (const path of ['/quotes', '/quotes', '/news', '/quotes', '/news', '/free']) {
      statuses.push((await call('get', path)).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429, 429, 200]);
    const quotes = keys.limitCalls('acme', 'default', 'ChatController;quotes;u');
    expect(await redis.keysUnder(keys.prefix)).toEqual(
      [
        keys.limitCalls('acme', 'default', 'ChatController;news;u'),
        quotes,
        keys.limitBlock(quotes),
      ].sort(),
    );
  });

  it('keeps users apart, and users of the same id in other tenants', async () => {
    for (let i = 0; i < 4; i++) await call('post', '/messages');
    expect((await call('post', '/messages')).status).toBe(429);
    for (const other of [
      { tenant: 'acme', user: 'v' },
      { tenant: 'globex', user: 'u' },
      { tenant: 'ac', user: 'me/u' },
      { tenant: 'acme', user: 'acme/u' },
    ]) {
      const answer = await call('post', '/messages', other);
      expect(limitsIn(answer)).toMatchObject({ 'x-ratelimit-remaining-chat': '2' });
    }
  });

  it('fails without a tenant, and counts nothing', async () => {
    expect((await call('post', '/messages', { user: 'u' })).status).toBe(500);
    expect(logger.of('error').flat()).toContainEqual(expect.any(TenantMissingError));
    expect(await redis.keysUnder(keys.prefix)).toEqual([]);
  });

  it('fails where nobody is known who calls, and counts nothing', async () => {
    expect((await call('post', '/messages', { tenant: 'acme' })).status).toBe(500);
    expect(await redis.keysUnder(keys.prefix)).toEqual([]);
  });

  it('counts by address where that was chosen, whoever calls and in whichever tenant', async () => {
    expect((await call('post', '/login', {})).status).toBe(201);
    const refused = await call('post', '/login', { tenant: 'globex', user: 'v' });
    expect([refused.status, limitsIn(refused)]).toEqual([429, { 'retry-after-auth': '900' }]);
    const callsKey = keys.limitCalls(null, 'auth', '127.0.0.1');
    expect(await redis.keysUnder(keys.prefix)).toEqual([keys.limitBlock(callsKey), callsKey]);
  });
});
