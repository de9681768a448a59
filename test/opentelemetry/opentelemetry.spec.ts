import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { context, propagation, trace } from '@opentelemetry/api';
import { InvalidCacheOptionsError, type CacheTracing } from 'nestjs-redis-cache';
import { openTelemetry, type OpenTelemetryOptions } from 'nestjs-redis-cache/opentelemetry';
import { CacheApps, ownPrefix } from '../support/cache-apps.js';
import { EngineHarness } from '../support/engine-harness.js';
import { FakeClock } from '../support/fake-clock.js';
import { MemoryPersistentStore, SharedRows } from '../support/memory-persistent.store.js';
import { replyError } from '../support/fake-redis-client.js';
import { RecordedSpans } from './support/recorded-spans.js';

describe('openTelemetry', () => {
  const spans = new RecordedSpans();
  const apps = new CacheApps();
  const { provider } = spans;
  const tracer = provider.getTracer('test');

  const bootWith = (options: OpenTelemetryOptions, cache: object = {}) =>
    apps.boot({ tier: 'redis', cache: { tracing: openTelemetry(options), ...cache } });

  const harness = (options: OpenTelemetryOptions = {}) =>
    new EngineHarness({ tracing: openTelemetry({ tracerProvider: provider, ...options }) });

  it('leaves the spans of a persistent store’s client within the call, though it runs outside of it', async () => {
    const rows = new SharedRows();
    const store = new MemoryPersistentStore(new FakeClock(), rows);
    const look = store.look.bind(store);
    store.look = (key) => {
      tracer.startSpan('statement').end();
      return look(key);
    };
    const tracing = openTelemetry({ tracerProvider: provider });
    const h = await new EngineHarness({ tracing, store }).openStore();
    await tracer.startActiveSpan('request', async (request) => {
      await h.engine.getOrLoad(h.request(() => 'v', { persist: true }));
      request.end();
    });
    await h.background.idle();
    const statements = spans.ended().filter(({ name }) => name === 'statement');
    expect(statements.map(({ parent }) => parent)).toEqual(['request']);
  });

  it('makes a span for each step of a read and for its load, all within the call', async () => {
    const { caches } = await bootWith({ tracerProvider: provider });
    await tracer.startActiveSpan('request', async (request) => {
      await caches
        .forTenant('secret-tenant')
        .cache('lead')
        .wrap('secret-key', () => 'secret-value');
      request.end();
    });
    const far = { 'db.system.name': 'redis', 'cache.name': 'lead' };
    expect(spans.ended()).toEqual([
      {
        name: 'nestjs-redis-cache get',
        parent: 'request',
        attributes: { ...far, 'cache.operation': 'get', 'cache.outcome': 'absent' },
        failed: false,
      },
      {
        name: 'nestjs-redis-cache acquire',
        parent: 'request',
        attributes: { ...far, 'cache.operation': 'acquire', 'cache.outcome': 'lease' },
        failed: false,
      },
      {
        name: 'nestjs-redis-cache load',
        parent: 'request',
        attributes: { 'cache.operation': 'load', 'cache.name': 'lead' },
        failed: false,
      },
      {
        name: 'nestjs-redis-cache fill',
        parent: 'request',
        attributes: { ...far, 'cache.operation': 'fill', 'cache.outcome': 'filled' },
        failed: false,
      },
      { name: 'request', parent: undefined, attributes: {}, failed: false },
    ]);
    expect(JSON.stringify(spans.ended())).not.toContain('secret');
  });

  it('makes none for a hit in this process', async () => {
    const { caches } = await bootWith({ tracerProvider: provider });
    const acme = caches.forTenant('acme');
    await acme.wrap('k', () => 1);
    const before = spans.ended().length;
    await acme.wrap('k', () => 1);
    expect(spans.ended()).toHaveLength(before);
  });

  it('has what the load does be part of the load, and gives it nothing else of the call', async () => {
    const { caches } = await bootWith({ tracerProvider: provider });
    let baggage: unknown = 'not looked at';
    const borrowed = propagation.createBaggage({ user: { value: 'ada' } });
    await context.with(propagation.setBaggage(context.active(), borrowed), () =>
      tracer.startActiveSpan('request', async (request) => {
        await caches.forTenant('acme').wrap('k', () => {
          baggage = propagation.getActiveBaggage();
          tracer.startSpan('query').end();
        });
        request.end();
      }),
    );
    expect(baggage).toBeUndefined();
    expect(spans.ended()).toContainEqual(
      expect.objectContaining({ name: 'query', parent: 'nestjs-redis-cache load' }),
    );
  });

  it('makes spans for evictions', async () => {
    const { caches } = await bootWith({ tracerProvider: provider });
    const lead = caches.forTenant('acme').cache('lead');
    await lead.del('k');
    await lead.flush();
    await caches.forTenant('acme').evictTags(['tag']);
    expect(spans.ended().map(({ name, attributes }) => [name, attributes['cache.name']])).toEqual([
      ['nestjs-redis-cache evict', 'lead'],
      ['nestjs-redis-cache invalidate', 'lead'],
      ['nestjs-redis-cache invalidate', undefined],
    ]);
  });

  it('tells tenants and keys only where it is told to', async () => {
    const h = harness({ tenants: true, keys: true });
    await h.engine.evict(h.ref());
    await h.engine.evict(h.ref('k', null));
    expect(
      spans.ended().map(({ attributes }) => [attributes['cache.tenant'], attributes['cache.key']]),
    ).toEqual([
      ['acme', h.ref().redisKey],
      [undefined, h.ref('k', null).redisKey],
    ]);
  });

  it('tells of failures their kind, and not what they say', async () => {
    const h = harness();
    h.far.fail('get', replyError('OOM with secret'));
    const failing = h.request(() => Promise.reject(new TypeError('with secret')));
    await expect(h.engine.getOrLoad(failing)).rejects.toThrow('with secret');
    expect(spans.ended().filter(({ failed }) => failed)).toMatchObject([
      { name: 'nestjs-redis-cache get', attributes: { 'error.type': 'ReplyError' } },
      { name: 'nestjs-redis-cache load', attributes: { 'error.type': 'TypeError' } },
    ]);
    expect(JSON.stringify(spans.ended())).not.toContain('secret');
  });

  it('fails the call of a load that throws at once as it would without', async () => {
    const h = harness();
    const error = new Error('own');
    const failing = h.request(() => {
      throw error;
    });
    await expect(h.engine.getOrLoad(failing)).rejects.toBe(error);
  });

  it('works without an SDK, of which nothing is seen then', async () => {
    const { caches } = await bootWith({});
    const acme = caches.forTenant('acme');
    expect(await acme.wrap('k', () => trace.getActiveSpan()?.isRecording() ?? false)).toBe(false);
    expect(await acme.wrap('k', () => 'again')).toBe(false);
    expect(spans.ended()).toEqual([]);
  });

  it('sends its spans to an SDK that is registered after the application was made', async () => {
    const { caches } = await bootWith({});
    trace.setGlobalTracerProvider(provider);
    await caches.forTenant('acme').del('k');
    trace.disable();
    expect(spans.ended().map(({ name }) => name)).toEqual(['nestjs-redis-cache evict']);
  });

  it('is not loaded by the rest of the library, nor is prom-client', async () => {
    const program = `
      require('nestjs-redis-cache');
      require('nestjs-redis-cache/health');
      const foreign = /node_modules.(?:@opentelemetry|prom-client)/;
      console.log(JSON.stringify(Object.keys(require.cache).filter((file) => foreign.test(file))));
    `;
    const args = ['--require', './test/support/typescript/register.cjs', '--eval', program];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(JSON.parse(stdout)).toEqual([]);
  });

  it.each([
    [{ key: true }, 'key'],
    [{ keys: 'yes' }, 'keys'],
    [{ tenants: 1 }, 'tenants'],
  ])('refuses the options %j', (options, name) => {
    const refused = () => openTelemetry(options as OpenTelemetryOptions);
    expect(refused).toThrow(InvalidCacheOptionsError);
    expect(refused).toThrow(name);
  });

  const notTracing: unknown[] = [null, true, {}, { far: 1, load: 2 }, openTelemetry];

  it.each(notTracing)(
    'is refused where it was not called, as anything that does not trace: %p',
    async (tracing) => {
      const cache = { prefix: ownPrefix(), tracing: tracing as CacheTracing };
      await expect(apps.boot({ cache })).rejects.toThrow(
        'Write for instance tracing: openTelemetry()',
      );
    },
  );
});
