import { Injectable } from '@nestjs/common';
import type Redis from 'ioredis';
import { Cacheable, InjectRedis, type Duration } from 'nestjs-redis-cache';
import { CacheApps, ownPrefix } from '../support/cache-apps.js';

describe('the ttl of @Cacheable', () => {
  const apps = new CacheApps();

  @Injectable()
  class RateService {
    loads = 0;

    constructor(@InjectRedis() readonly redis: Redis | null) {}

    @Cacheable('rate.fixed', { ttl: '90s' })
    async fixed(): Promise<number> {
      return ++this.loads;
    }

    @Cacheable('rate.own', {
      key: (of: string) => of,
      ttl: (rate: { maxAge: Duration }, of: string) => (of === 'never' ? 0 : rate.maxAge),
    })
    async own(_of: string, maxAge: Duration): Promise<{ maxAge: Duration }> {
      this.loads += 1;
      return { maxAge };
    }
  }

  async function boot() {
    const prefix = ownPrefix();
    const app = await apps.boot({
      tier: 'redis',
      providers: [RateService],
      cache: { prefix, defaults: { scope: 'global' } },
    });
    const rates = app.get(RateService);
    const leftMs = (cache: string, key: string) =>
      (rates.redis as Redis).pttl(`${prefix}:{/${cache}@1/${key}}`);
    return { app, rates, leftMs };
  }

  it('is given to Redis with the entry', async () => {
    const { rates, leftMs } = await boot();
    await rates.fixed();
    const left = await leftMs('rate.fixed', '');
    expect(left).toBeGreaterThan(60_000);
    expect(left).toBeLessThanOrEqual(90_000);
  });

  it('may be told by the result and the arguments', async () => {
    const { rates, leftMs } = await boot();
    await rates.own('short', '2m');
    await rates.own('long', 7_200_000);
    const [short, long] = await Promise.all([
      leftMs('rate.own', 'short'),
      leftMs('rate.own', 'long'),
    ]);
    expect(short).toBeGreaterThan(60_000);
    expect(short).toBeLessThanOrEqual(120_000);
    expect(long).toBeGreaterThan(3_600_000);
    expect(long).toBeLessThanOrEqual(7_200_000);
  });

  it('of 0 stores nothing', async () => {
    const { rates, leftMs } = await boot();
    await rates.own('never', '1h');
    await rates.own('never', '1h');
    expect(rates.loads).toBe(2);
    expect(await leftMs('rate.own', 'never')).toBe(-2);
  });

  it.each([-1, NaN, Infinity, '5 minutes' as '5m', undefined as unknown as Duration])(
    'that is told as %s stores nothing, fails nothing, and is told of',
    async (maxAge) => {
      const { app, rates } = await boot();
      const heard: unknown[] = [];
      app.caches.on('policyError', ({ cache, error }) =>
        heard.push([cache, (error as Error).message]),
      );
      expect(await rates.own('odd', maxAge)).toEqual({ maxAge });
      expect(await rates.own('odd', maxAge)).toEqual({ maxAge });
      expect(rates.loads).toBe(2);
      const message = expect.stringMatching(/^Option ttl of @Cacheable on RateService\.own is /);
      expect(heard).toEqual([
        ['rate.own', message],
        ['rate.own', message],
      ]);
    },
  );
});
