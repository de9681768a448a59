import { InvalidCacheOptionsError } from 'nestjs-redis-cache';
import {
  RedisCacheMetrics,
  RedisCacheMetricsModule,
  type RedisCacheMetricsOptions,
} from 'nestjs-redis-cache/metrics';
import { Counter, Registry } from 'prom-client';
import { CacheApps, ownPrefix, type BootOptions, type CacheApp } from '../support/cache-apps.js';
import { until } from '../support/until.js';
import { Scrape } from './support/scrape.js';

describe('RedisCacheMetricsModule', () => {
  const apps = new CacheApps();

  const boot = (options: RedisCacheMetricsOptions = {}, rest: BootOptions = {}) =>
    apps.boot({ ...rest, imports: [RedisCacheMetricsModule.forRoot(options)] });

  it('counts exactly what was done with Redis', async () => {
    const prefix = ownPrefix();
    const [a, b] = [
      await boot({}, { tier: 'redis', cache: { prefix } }),
      await boot({}, { tier: 'redis', cache: { prefix } }),
    ];
    const [leadsOfA, leadsOfB] = [a, b].map(({ caches }) => caches.forTenant('acme').cache('lead'));
    await leadsOfA?.wrap('k', () => 1);
    await leadsOfA?.wrap('k', () => 1);
    await leadsOfA?.wrap('failing', () => Promise.reject(new Error('own'))).catch(() => undefined);
    await leadsOfA?.get('none');
    await leadsOfB?.wrap('k', () => 1);
    await leadsOfB?.wrap('k', () => 1);
    await leadsOfA?.del('k');
    await until(() => b.counters('lead').remoteEvictions === 1);
    await leadsOfA?.flush();
    await until(() => b.caches.getStats().evictions.cache.remote === 1);

    const [ofA, ofB] = [await Scrape.of(a), await Scrape.of(b)];
    expect(ofA.operations('lead')).toEqual({
      'read near_hit': 1,
      'read miss_absent': 3,
      'load success': 1,
      'load error': 1,
      'lease won': 2,
      'fill stored': 1,
      'evict here': 1,
      'far success': expect.any(Number) as unknown,
    });
    expect(ofB.operations('lead')).toEqual({
      'read near_hit': 1,
      'read far_hit': 1,
      'evict remote': 1,
      'far success': 1,
    });
    expect(ofB.value('cache_far_duration_seconds_count', { resource: 'lead' })).toBe(1);
    expect(ofA.value('cache_load_duration_seconds_count', { resource: 'lead' })).toBe(2);
    expect(ofA.value('cache_evictions_total', { kind: 'entry', origin: 'here' })).toBe(1);
    expect(ofA.value('cache_evictions_total', { kind: 'cache', origin: 'here' })).toBe(1);
    expect(ofB.value('cache_evictions_total', { kind: 'cache', origin: 'remote' })).toBe(1);
    expect(ofA.value('cache_journal_evictions')).toBe(2);
    expect(ofA.value('cache_journal_unacknowledged')).toBe(0);
  });

  it('tells of connection, bus, near tier and work under way', async () => {
    const app = await boot({}, { tier: 'redis' });
    await app.caches.forTenant('acme').wrap('k', () => 'value');
    const scrape = await Scrape.of(app);
    const states = scrape
      .samples('cache_connection_state')
      .map(({ labels, value }) => [labels.state, value]);
    expect(Object.fromEntries(states)).toEqual({
      connecting: 0,
      ready: 1,
      suspended: 0,
      recovering: 0,
      closed: 0,
    });
    expect(scrape.value('cache_bus_trusted')).toBe(1);
    expect(scrape.value('cache_bus_delay_seconds')).toBeGreaterThan(0);
    expect(scrape.value('cache_bus_delay_seconds')).toBeLessThan(1);
    expect(scrape.value('cache_bus_malformed_messages_total')).toBe(0);
    expect(scrape.value('cache_near_entries', { resource: 'default' })).toBe(1);
    expect(scrape.value('cache_near_bytes', { resource: 'default' })).toBeGreaterThan(256);
    expect(scrape.value('cache_near_pushed_out_total')).toBe(0);
    expect(scrape.value('cache_flights')).toBe(0);
  });

  it('tells nothing of a connection that is not configured', async () => {
    const scrape = await Scrape.of(await boot());
    expect(scrape.samples('cache_connection_state')).toEqual([]);
    expect(scrape.samples('cache_bus_delay_seconds')).toEqual([]);
  });

  it('puts latencies into buckets in seconds', async () => {
    const app = await boot();
    await app.caches.forTenant('acme').wrap('k', () => 1);
    const { latency } = app.caches.getStats().total;
    const scrape = await Scrape.of(app);
    const loads = scrape.samples('cache_load_duration_seconds');
    expect(loads.map(({ labels }) => labels.le).slice(0, 3)).toEqual(['0.0005', '0.001', '0.002']);
    expect(scrape.value('cache_load_duration_seconds_sum')).toBeCloseTo(
      (latency.load.meanMs ?? NaN) / 1_000,
      9,
    );
  });

  it('reads the cache when it is scraped, and never twice for one scrape', async () => {
    const app = await boot();
    const before = await Scrape.of(app);
    await app.caches.forTenant('acme').wrap('k', () => 1);
    expect(before.operations('default')).toEqual({});
    const after = await Scrape.of(app);
    expect(after.operations('default')).toMatchObject({ 'load success': 1 });
    expect((await Scrape.of(app)).operations('default')).toEqual(after.operations('default'));
  });

  it('labels by cache and by nothing that callers name', async () => {
    const app = await boot({}, { tier: 'redis' });
    const acme = app.caches.forTenant('tenant-of-test');
    await acme.cache('lead').set('key-of-test', 'value-of-test', { tags: ['tag-of-test'] });
    await acme.evictTags(['tag-of-test']);
    await acme.cache('lead').wrap('key-of-test', () => 'value-of-test');
    const text = await app.get(RedisCacheMetrics).registry.metrics();
    expect(text).toContain('resource="lead"');
    expect(text).not.toContain('of-test');
  });

  it('gives series of their own to so many caches, and counts the others together', async () => {
    const app = await boot({ maxCaches: 2 });
    const acme = app.caches.forTenant('acme');
    for (const name of ['a', 'b', 'c', 'd', 'a']) await acme.cache(name).wrap('k', () => 1);
    const scrape = await Scrape.of(app);
    const resources = scrape.samples('cache_near_entries').map(({ labels }) => labels.resource);
    expect(resources).toEqual(['a', 'b', 'other']);
    expect(scrape.operations('a')).toMatchObject({ 'load success': 1, 'read near_hit': 1 });
    expect(scrape.operations('other')).toMatchObject({ 'load success': 2, 'read miss_absent': 2 });
    expect(scrape.value('cache_near_entries', { resource: 'other' })).toBe(2);
    expect(scrape.value('cache_load_duration_seconds_count', { resource: 'other' })).toBe(2);
  });

  it('writes names of caches so that they can be read again', async () => {
    const app = await boot();
    const name = 'a "quoted"\\ name,\n with="labels"}';
    await app.caches
      .forTenant('acme')
      .cache(name)
      .wrap('k', () => 1);
    expect((await Scrape.of(app)).operations(name)).toMatchObject({ 'load success': 1 });
  });

  it('writes OpenMetrics for a registry of that kind', async () => {
    const registry = new Registry();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
    const app = await boot({ registry });
    await app.caches.forTenant('acme').wrap('k', () => 1);
    const text = await registry.metrics();
    expect(text).toMatch(/# EOF\n$/);
    expect(text).toContain(
      'cache_operations_total{type="success",operation="load",resource="default"} 1',
    );
    expect(text).toContain('cache_load_duration_seconds_count{resource="default"} 1');
  });

  describe('registries', () => {
    const loads = async (app: CacheApp, load: number): Promise<void> => {
      const caches = app.caches.forTenant('acme');
      for (let key = 0; key < load; key += 1) await caches.wrap(key, () => 1);
    };

    it('of several applications do not meet', async () => {
      const [a, b] = [await boot(), await boot()];
      await loads(a, 2);
      await loads(b, 3);
      const told = await Promise.all(
        [a, b].map(async (app) => (await Scrape.of(app)).operations('default')),
      );
      expect(told.map((operations) => operations['load success'])).toEqual([2, 3]);
    });

    it('can be the one that the application has, and be shared under other names', async () => {
      const registry = new Registry();
      new Counter({ name: 'own_total', help: 'Of the application.', registers: [registry] }).inc();
      await loads(await boot({ registry }), 2);
      await loads(await boot({ registry, prefix: 'other_cache' }), 3);
      const scrape = Scrape.from(await registry.metrics());
      expect(scrape.value('own_total')).toBe(1);
      expect(scrape.operations('default')['load success']).toBe(2);
      expect(
        scrape.value('other_cache_operations_total', { operation: 'load', type: 'success' }),
      ).toBe(3);
    });

    it('refuse a second application under the same names, and say what to do', async () => {
      const registry = new Registry();
      await boot({ registry });
      await expect(boot({ registry })).rejects.toThrow(
        'Give each application a registry of its own, or another prefix.',
      );
    });

    it('are left as they were when the application closes', async () => {
      const registry = new Registry();
      const app = await boot({ registry });
      await app.nest.close();
      expect(registry.getMetricsAsArray()).toEqual([]);
      await boot({ registry });
    });
  });

  describe.each(['express', 'fastify'] as const)('on %s', (http) => {
    it('serves the registry under the path that it is given', async () => {
      const app = await boot({ path: 'internal/metrics' }, { http });
      await app.caches.forTenant('acme').wrap('k', () => 1);
      await app.nest.listen(0, '127.0.0.1');
      const answer = await fetch(`${await app.nest.getUrl()}/internal/metrics`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      const scrape = Scrape.from(await answer.text());
      expect(scrape.operations('default')).toMatchObject({ 'load success': 1 });
    });

    it('serves nothing unless it is given one', async () => {
      const app = await boot({}, { http });
      await app.nest.listen(0, '127.0.0.1');
      expect((await fetch(`${await app.nest.getUrl()}/metrics`)).status).toBe(404);
    });
  });

  it('decorates the controller of its route', async () => {
    const seen: string[] = [];
    await boot({ path: 'm', decorators: [({ name }) => void seen.push(name)] });
    expect(seen).toEqual(['RedisCacheMetricsController']);
  });

  it.each([
    [{ prefix: '1cache' }, 'prefix'],
    [{ prefix: 'cache_' }, 'prefix'],
    [{ prefix: '' }, 'prefix'],
    [{ maxCaches: 0 }, 'maxCaches'],
    [{ maxCache: 5 }, 'maxCache'],
  ])('refuses %j before anything is registered', (options, name) => {
    const refused = () => RedisCacheMetricsModule.forRoot(options as RedisCacheMetricsOptions);
    expect(refused).toThrow(InvalidCacheOptionsError);
    expect(refused).toThrow(name);
  });
});
