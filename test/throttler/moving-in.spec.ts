import { Controller, Get, type ModuleMetadata } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { RateLimitModule, RedisThrottlerStorage } from 'nestjs-redis-cache/throttler';
import request from 'supertest';
import { CacheApps, ownPrefix } from '../support/cache-apps.js';

const THROTTLERS = [{ limit: 3, ttl: 60_000 }];

/** As it stands in an application whose limits are in the memory of each process. */
@Controller()
class QuotesController {
  @Get('quotes')
  quotes(): string {
    return 'quoted';
  }
}

const IN_MEMORY: ModuleMetadata['imports'] = [ThrottlerModule.forRoot({ throttlers: THROTTLERS })];

const IN_REDIS: ModuleMetadata['imports'] = [
  RateLimitModule.forRoot(),
  ThrottlerModule.forRootAsync({
    inject: [RedisThrottlerStorage],
    useFactory: (storage: RedisThrottlerStorage) => ({ storage, throttlers: THROTTLERS }),
  }),
];

describe('moving rate limits from memory to Redis', () => {
  const apps = new CacheApps();

  /** Processes of one deployment. */
  async function deploy(imports: ModuleMetadata['imports'], processes: number) {
    const cache = { prefix: ownPrefix() };
    const boot = () =>
      apps.boot({
        tier: 'redis',
        cache,
        imports,
        controllers: [QuotesController],
        providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
      });
    const booted = await Promise.all(Array.from({ length: processes }, boot));
    return async (process: number) => {
      const server = booted[process]?.nest.getHttpServer() as never;
      const { status, text, headers } = await request(server).get('/quotes');
      const left = (headers as Record<string, string>)['x-ratelimit-remaining'];
      const body: unknown = status === 200 ? text : JSON.parse(text);
      return [status, body, left] as const;
    };
  }

  const REFUSED = { statusCode: 429, message: 'ThrottlerException: Too Many Requests' };

  it.each([
    ['memory', IN_MEMORY],
    ['Redis', IN_REDIS],
  ])('answers the callers of one process alike: %s', async (_where, imports) => {
    const call = await deploy(imports, 1);
    const answers = [];
    for (let i = 0; i < 4; i += 1) answers.push(await call(0));
    expect(answers).toEqual([
      [200, 'quoted', '2'],
      [200, 'quoted', '1'],
      [200, 'quoted', '0'],
      [429, REFUSED, undefined],
    ]);
  });

  it.each<[string, ModuleMetadata['imports'], number]>([
    ['each by itself in memory', IN_MEMORY, 6],
    ['together in Redis', IN_REDIS, 3],
  ])('has two processes count %s', async (_how, imports, allowed) => {
    const call = await deploy(imports, 2);
    const statuses = [];
    for (let i = 0; i < 10; i += 1) statuses.push((await call(i % 2))[0]);
    expect(statuses.filter((status) => status === 200)).toHaveLength(allowed);
  });
});
