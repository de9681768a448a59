import { TerminusModule } from '@nestjs/terminus';
import { RedisCacheHealthIndicator } from 'nestjs-redis-cache/health';
import { RedisCacheMetricsModule } from 'nestjs-redis-cache/metrics';
import { KeyvStore } from 'nestjs-redis-cache/persistence';
import { Scrape } from '../metrics/support/scrape.js';
import { CacheApps } from '../support/cache-apps.js';
import { MemoryKeyv } from '../support/memory-keyv.js';
import { until } from '../support/until.js';

describe('What is seen of a persistent store', () => {
  const apps = new CacheApps();

  const boot = (keyv?: MemoryKeyv) =>
    apps.boot({
      imports: [RedisCacheMetricsModule.forRoot(), TerminusModule],
      providers: [RedisCacheHealthIndicator],
      cache: keyv && {
        near: false,
        caches: { lead: { ttl: '1h', persist: true } },
        persistence: { store: new KeyvStore({ keyv }), timeout: '10s', failures: 1 },
      },
    });

  it('tells what it was asked, and what came of it', async () => {
    const keyv = new MemoryKeyv();
    const app = await boot(keyv);
    const { caches } = app;
    const figures = () => caches.getStats().persistence;
    const health = () => app.get(RedisCacheHealthIndicator).isHealthy();
    await until(() => figures()?.available === true);
    const leads = caches.forTenant('acme').cache('lead');
    await leads.wrap('k', () => 1);
    await until(() => figures()?.stored === 1);
    expect(await leads.wrap('k', () => 2)).toBe(1);
    await leads.del('k');
    expect(figures()).toMatchObject({
      available: true,
      unacknowledged: 0,
      found: 1,
      absent: 1,
      stored: 1,
      refused: 0,
      dropped: 0,
      evicted: 1,
      failed: { look: 0, put: 0, invalidate: 0 },
      latency: { look: { count: 2 }, put: { count: 1 }, invalidate: { count: 1 } },
    });
    expect(await health()).toEqual({ cache: { status: 'up', mode: 'memory', persistence: 'up' } });

    keyv.fault = 'rejects';
    await leads.del('k');
    expect(figures()).toMatchObject({
      available: false,
      unacknowledged: 1,
      failed: { look: 0, put: 0, invalidate: 1 },
    });
    expect(await health()).toEqual({
      cache: { status: 'up', mode: 'memory', persistence: 'away' },
    });
    const scrape = await Scrape.of(app);
    const count = (operation: string, type: string) =>
      scrape.value('cache_persistence_operations_total', { operation, type });
    expect(scrape.value('cache_persistence_available')).toBe(0);
    expect(scrape.value('cache_persistence_unacknowledged')).toBe(1);
    expect([count('look', 'found'), count('look', 'absent'), count('put', 'stored')]).toEqual([
      1, 1, 1,
    ]);
    expect([count('invalidate', 'success'), count('invalidate', 'error')]).toEqual([1, 1]);
    const looks = { operation: 'look' };
    expect(scrape.value('cache_persistence_duration_seconds_count', looks)).toBe(2);
  });

  it('tells nothing where there is none', async () => {
    const app = await boot();
    const scrape = await Scrape.of(app);
    expect(app.caches.getStats().persistence).toBeUndefined();
    expect(scrape.samples('cache_persistence_available')).toEqual([]);
    expect(scrape.samples('cache_persistence_operations_total')).toEqual([]);
    expect(scrape.samples('cache_persistence_duration_seconds')).toEqual([]);
    expect(await app.get(RedisCacheHealthIndicator).isHealthy()).toEqual({
      cache: { status: 'up', mode: 'memory' },
    });
  });
});
