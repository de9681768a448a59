import { hostname } from 'node:os';
import type { Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { trace } from '@opentelemetry/api';
import {
  CacheAlertsService,
  CacheService,
  type AlertChange,
  type AlertPost,
  type SignedCall,
} from 'nestjs-redis-cache';
import { CACHE_SURROUNDINGS, RedisCacheTestingModule, TestCache } from 'nestjs-redis-cache/testing';
import { Scrape } from '../metrics/support/scrape.js';
import { RecordedSpans } from '../opentelemetry/support/recorded-spans.js';
import { until } from '../support/until.js';
import { GuideApps, type GuideApp } from './guide-app.js';
import { describeGuide } from './guide.js';
import { blocksOf, codeIn, sectionOf, tableOf } from './markdown.js';

interface Statistics {
  readonly slowestLoad: (caches: CacheService) => string | undefined;
}

interface Prometheus {
  readonly MetricsModule: Type;
}

interface WithAlerts {
  readonly AppModule: Type;
}

interface Receiver {
  readonly alertIn: (call: SignedCall, secret: string) => AlertPost | undefined;
}

interface Traced {
  readonly AppModule: Type;
}

interface Responses {
  readonly QuotesController: Type;
}

const anyText = expect.any(String) as string;
const anyNumber = expect.any(Number) as number;
const SECRET = 'a secret of 16 characters or more';

describeGuide('docs/observability.md', (guide) => {
  const apps = new GuideApps();
  const spans = new RecordedSpans();
  const statistics = guide.program<Statistics>('Statistics');
  const prometheus = guide.program<Prometheus>('Prometheus');
  const withAlerts = guide.program<WithAlerts>('Alerts');
  const receiver = guide.program<Receiver>('Webhook');
  const traced = guide.program<Traced>('OpenTelemetry');
  const responses = guide.program<Responses>('In the response');

  it('finds the cache whose loads are the slowest', async () => {
    const imports = [RedisCacheTestingModule.forRoot()];
    const module = await Test.createTestingModule({ imports }).compile();
    const { clock } = module.get(TestCache);
    const caches = module.get(CacheService);
    const { slowestLoad } = statistics.run();
    expect(slowestLoad(caches)).toBeUndefined();
    const load = async (cache: string, takesMs: number) => {
      const loaded = caches
        .forTenant('acme')
        .cache(cache)
        .wrap('k', () => clock.sleep(takesMs));
      await clock.advance(takesMs);
      await loaded;
    };
    await load('quick', 1);
    await load('slow', 2_000);
    await load('middling', 50);
    expect(slowestLoad(caches)).toBe('slow');
    await module.close();
  });

  describe('an application', () => {
    const boot = (...imports: Type[]) =>
      apps.boot({
        imports: [traced.run().AppModule, ...imports],
        controllers: [responses.run().QuotesController],
      });
    const quote = async (app: GuideApp) => {
      const { body, headers } = await app.ask('/quotes/ACME');
      expect(body).toEqual({ symbol: 'ACME' });
      return [headers.get('x-cache-status'), headers.get('cache-status')];
    };

    afterEach(() => {
      trace.disable();
    });

    it('says in its headers, metrics and spans how calls were answered', async () => {
      const app = await boot(prometheus.run().MetricsModule);
      trace.setGlobalTracerProvider(spans.provider);
      expect(await quote(app)).toEqual(['MISS', 'redis-cache; fwd=miss; detail=absent']);
      expect(await quote(app)).toEqual(['HIT', 'redis-cache; hit; detail=near']);
      expect(await quote(await boot())).toEqual(['HIT', 'redis-cache; hit; detail=far']);

      const { headers, body } = await app.ask('/metrics');
      expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(body).not.toContain('ACME');
      expect(Scrape.from(String(body)).operations('quote')).toEqual({
        'read miss_absent': 1,
        'read near_hit': 1,
        'load success': 1,
        'lease won': 1,
        'fill stored': 1,
        'far success': 3,
      });

      const work = (operation: string, outcome: string) => ({
        name: `nestjs-redis-cache ${operation}`,
        parent: undefined,
        attributes: {
          'db.system.name': 'redis',
          'cache.name': 'quote',
          'cache.operation': operation,
          'cache.outcome': outcome,
        },
        failed: false,
      });
      expect(spans.ended()).toEqual([
        work('get', 'absent'),
        work('acquire', 'lease'),
        {
          name: 'nestjs-redis-cache load',
          parent: undefined,
          attributes: { 'cache.name': 'quote', 'cache.operation': 'load' },
          failed: false,
        },
        work('fill', 'filled'),
        work('get', 'entry'),
      ]);
    });

    it('serves every metric that the guide lists, and no other', async () => {
      const app = await boot(prometheus.run().MetricsModule);
      const { body } = await app.ask('/metrics');
      const served = [...String(body).matchAll(/^# HELP (\w+)/gm)].map(([, name]) => name);
      const listed = tableOf(sectionOf(guide.text, 'Prometheus'), 'metric');
      expect(listed.flatMap(([name]) => codeIn(name)).sort()).toEqual(served.sort());
    });
  });

  it('has alerts that are raised and resolved once each, and posted signed', async () => {
    const posts: AlertPost[] = [];
    jest.spyOn(globalThis, 'fetch').mockImplementation((url, { body, headers } = {}) => {
      expect(url).toBe('https://alerts.example.com/cache');
      const call = { body: body as string, headers: headers as SignedCall['headers'] };
      expect(receiver.run().alertIn(call, 'a secret that is another')).toBeUndefined();
      posts.push(receiver.run().alertIn(call, SECRET) as AlertPost);
      return Promise.resolve(new Response(null, { status: 204 }));
    });
    const cache = new TestCache({ redis: true });
    const module = await Test.createTestingModule({ imports: [withAlerts.run().AppModule] })
      .overrideProvider(CACHE_SURROUNDINGS)
      .useValue(cache)
      .compile();
    await module.init();
    const caches = module.get(CacheService);
    const changes: AlertChange[] = [];
    caches.on('alert', (change) => changes.push(change));
    const load = async (name: string, calls: number, takesMs: number) => {
      const named = caches.forTenant('acme').cache(name);
      for (let key = 0; key < calls; key += 1) {
        const loaded = named.wrap(key, () => cache.clock.sleep(takesMs));
        await cache.advance(takesMs);
        await loaded;
      }
    };

    await load('lead', 100, 1);
    await cache.advance('55s');
    expect(changes).toEqual([]); // of a cold start
    await cache.advance('5m');
    await load('conversation.summary', 20, 1);
    await cache.advance('5s');
    await load('lead', 100, 100);
    await cache.advance('5s');
    const raised = { id: anyText, state: 'raised', sinceMs: anyNumber, atMs: anyNumber } as const;
    const [ofSummary, hitRate, latency] = [
      { ...raised, kind: 'hitRate', cache: 'conversation.summary', value: 0, threshold: 0.95 },
      { ...raised, kind: 'hitRate', value: 0, threshold: 0.8 },
      { ...raised, kind: 'latency', value: anyNumber, threshold: 50 },
    ] as const;
    expect(changes).toEqual([ofSummary, hitRate, latency]);

    const one = caches.forTenant('acme').cache('lead');
    for (let call = 0; call < 1_500; call += 1) await one.wrap('one', () => 1);
    await cache.advance('5s');
    const resolved = { state: 'resolved', value: anyNumber, atMs: anyNumber };
    expect(changes.slice(3)).toEqual([
      { ...changes[1], ...resolved },
      { ...changes[2], ...resolved },
    ]);
    const alerts = module.get(CacheAlertsService);
    expect(alerts.active).toMatchObject([{ id: changes[0]?.id }]);
    await until(() => alerts.webhookCounts?.delivered === 5);
    expect(alerts.webhookCounts).toEqual({ delivered: 5, failed: 0, dropped: 0, queued: 0 });
    await module.close();

    const source = { prefix: apps.prefix, host: hostname(), pid: process.pid };
    expect(posts).toEqual(changes.map((change) => ({ ...change, text: anyText, source })));
    expect(posts[1]?.text).toBe('Alert: the hit rate of all caches is 0 %, below 80 %');
    const [shown] = blocksOf(sectionOf(guide.text, 'Webhook'));
    const parsed = JSON.parse(shown?.code ?? '') as object;
    expect(Object.keys(posts[1] ?? {}).sort()).toEqual(Object.keys(parsed).sort());
  });
});
