import {
  Module,
  type INestApplication,
  type MiddlewareConsumer,
  type NestModule,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { trace } from '@opentelemetry/api';
import { tenantMiddleware } from 'nestjs-redis-cache';
import { RecordedSpans } from '../../opentelemetry/support/recorded-spans.js';
import { CacheApps } from '../../support/cache-apps.js';
import type { Guide } from '../guide.js';
import { blocksOf, sectionOf } from '../markdown.js';

type OneModule<Name extends string> = Readonly<Record<Name, Type>>;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export function httpExamples(guide: Guide): void {
  const health = guide.program<OneModule<'HealthModule'>>('Health');
  const rateLimits = guide.program<OneModule<'MessagesModule'>>('Rate limits');
  const metrics = guide.program<OneModule<'AppModule'>>('Metrics, traces, headers');
  const admin = guide.program<OneModule<'AdminModule'>>('Admin');
  const apps = new CacheApps();

  /** Boots a module beside the cache, as the README has it. */
  async function serve(module: Type) {
    const { nest } = await apps.boot({ tier: 'redis', imports: [module] });
    return askOf(nest);
  }

  it('health: answers what is shown', async () => {
    const ask = await serve(health.run().HealthModule);
    const [shown] = blocksOf(sectionOf(guide.text, 'Health')).filter(
      ({ language }) => language === 'json',
    );
    const anyLatency = (key: string, value: unknown): unknown =>
      key === 'latencyMs' ? typeof value : value;
    const { status, text } = await ask('/health');
    expect(status).toBe(200);
    expect(JSON.parse(text, anyLatency)).toEqual(JSON.parse(shown?.code ?? '', anyLatency));
  });

  it('rate limits: let 20 calls a minute pass for each tenant, and 5 messages an hour', async () => {
    const { MessagesModule } = rateLimits.run();
    @Module({ imports: [MessagesModule] })
    class WithTenants implements NestModule {
      configure(consumer: MiddlewareConsumer): void {
        const tenantOf = (raw: { headers: Record<string, string | undefined> }) =>
          raw.headers['x-tenant'];
        consumer.apply(tenantMiddleware(tenantOf)).forRoutes('{*path}');
      }
    }
    const ask = await serve(WithTenants);
    const send = (tenant: string) => ask('/messages', { 'x-tenant': tenant }, 'POST');
    const answers: Answer[] = [];
    for (let call = 0; call < 21; call++) {
      answers.push(await send('acme'));
    }
    const texts = answers.map(({ status, text }) => (status === 201 ? text : status));
    expect(texts.slice(0, 5)).toEqual(Array(5).fill('sent'));
    for (const text of texts.slice(5, 20)) expect(text).toMatch(/^try again in \d+ ms$/);
    expect(texts[20]).toBe(429);
    expect(Number(answers[20]?.headers.get('retry-after-chat'))).toBeGreaterThan(0);
    expect((await send('globex')).text).toBe('sent');
  });

  describe('metrics, traces, headers', () => {
    const spans = new RecordedSpans();
    let nest: INestApplication;

    beforeAll(() => trace.setGlobalTracerProvider(spans.provider));
    afterAll(() => {
      trace.disable();
    });
    afterEach(() => nest.close());

    it('tell of a miss and a hit', async () => {
      nest = await NestFactory.create(metrics.run().AppModule, { logger: false });
      const ask = await askOf(nest);
      const statuses: unknown[] = [];
      for (let call = 0; call < 2; call++) {
        const { headers, text } = await ask('/quotes/ACME');
        expect(JSON.parse(text)).toEqual({ symbol: 'ACME' });
        statuses.push(headers.get('x-cache-status'));
      }
      expect(statuses).toEqual(['MISS', 'HIT']);
      const { text } = await ask('/metrics');
      expect(text).toContain('cache_load_duration_seconds_count{resource="quote"} 1\n');
      expect(spans.ended().map(({ name }) => name)).toEqual(['nestjs-redis-cache load']);
    });
  });

  it('admin: has routes that its guard lets operators alone pass', async () => {
    const ask = await serve(admin.run().AdminModule);
    const passes = async (headers: Record<string, string>) =>
      (await ask('/admin/cache/statistics', headers)).status;
    delete process.env.OPERATOR_KEY;
    expect(await passes({})).toBe(403);
    process.env.OPERATOR_KEY = 'key of the operators';
    expect(await passes({})).toBe(403);
    expect(await passes({ 'x-operator-key': 'another' })).toBe(403);
    expect(await passes({ 'x-operator-key': 'key of the operators' })).toBe(200);
  });
}

/** Lets an application listen, and gives what calls it. */
async function askOf(nest: INestApplication) {
  await nest.listen(0, '127.0.0.1');
  const url = await nest.getUrl();
  return async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const response = await fetch(url + path, { method, headers });
    const { status, headers: answered } = response;
    return { status, headers: answered, text: await response.text() } satisfies Answer;
  };
}
