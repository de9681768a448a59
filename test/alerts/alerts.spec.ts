import { fork } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { CacheAlertsService, CacheService, RedisCacheModule } from 'nestjs-redis-cache';
import type { AlertChange, RedisCacheModuleOptions } from 'nestjs-redis-cache';
import { RedisCacheMetrics, RedisCacheMetricsModule } from 'nestjs-redis-cache/metrics';
import { Test, type TestingModule } from '@nestjs/testing';
import { RecordingLogger } from '../module/support/recording-logger.js';
import { parsePrometheusText } from '../support/prometheus-text.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { until } from '../support/until.js';
import { ALERT_SECRET, AlertReceiver } from './support/alert-receiver.js';

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

/** Nobody listens there. */
const NOWHERE = { host: '127.0.0.1', port: 1 };

describe('alerts of an application', () => {
  const running: { stop(): Promise<void> }[] = [];

  afterEach(async () => {
    for (const begun of running.splice(0).reverse()) await begun.stop();
  });

  async function boot(options: RedisCacheModuleOptions) {
    const logger = new RecordingLogger();
    const app: TestingModule = await Test.createTestingModule({
      imports: [RedisCacheModule.forRoot(options), RedisCacheMetricsModule.forRoot()],
    })
      .setLogger(logger)
      .compile();
    const changes: AlertChange[] = [];
    const waiting = new Set<() => void>();
    app.get(CacheService).on('alert', (change) => {
      changes.push(change);
      for (const look of waiting) look();
    });
    await app.init();
    running.push({ stop: () => app.close() });
    const change = async (number: number): Promise<AlertChange> => {
      while (changes.length < number) {
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
      return changes[number - 1] as AlertChange;
    };
    const activeInMetrics = async () => {
      const text = await app.get(RedisCacheMetrics).registry.metrics();
      const samples = parsePrometheusText(text).get('cache_alerts_active')?.samples ?? [];
      return Object.fromEntries(samples.map(({ labels, value }) => [labels.kind, value])) as object;
    };
    return { app, logger, changes, change, alerts: app.get(CacheAlertsService), activeInMetrics };
  }

  async function receiver(status?: number) {
    const receiver = new AlertReceiver(status);
    const url = await receiver.start();
    running.push(receiver);
    return { receiver, url };
  }

  const linesOf = (logger: RecordingLogger, level: 'log' | 'warn') =>
    logger.of(level).map(([text]) => String(text));

  describeWithServer('with a server of its own', () => {
    it('tell everywhere that Redis is away, and that it is back, once each', async () => {
      const server = await RedisServerProcess.start();
      running.push(server);
      const { receiver: hook, url } = await receiver();
      const { logger, alerts, change, changes, activeInMetrics } = await boot({
        connection: { url: server.url },
        prefix: 'crm',
        alerts: {
          interval: '20ms',
          disconnected: { after: '50ms', clear: '50ms' },
          webhook: { url, secret: ALERT_SECRET },
        },
      });
      expect(alerts.active).toEqual([]);
      const none = { hitRate: 0, latency: 0, errors: 0, disconnected: 0 };
      expect(await activeInMetrics()).toEqual(none);
      await server.kill();
      const raised = await change(1);
      expect(raised).toMatchObject({ kind: 'disconnected', state: 'raised', threshold: 50 });
      expect(alerts.active.map(({ id }) => id)).toEqual([raised.id]);
      expect(await activeInMetrics()).toEqual({ ...none, disconnected: 1 });
      await server.restart();
      const resolved = await change(2);
      expect(alerts.active).toEqual([]);

      const source = { prefix: 'crm', host: hostname(), pid: process.pid };
      expect(await hook.received(2)).toEqual([
        { ...raised, text: expect.stringMatching(/^Alert: Redis is away/) as string, source },
        { ...resolved, text: expect.stringMatching(/^Resolved after \d+ s/) as string, source },
      ]);
      expect(resolved).toEqual({ ...raised, value: 0, state: 'resolved', atMs: resolved.atMs });
      expect(changes).toHaveLength(2);
      expect(linesOf(logger, 'warn').filter((text) => text.startsWith('Alert: '))).toHaveLength(1);
      expect(linesOf(logger, 'log').filter((text) => text.startsWith('Resolved'))).toHaveLength(1);
      expect(alerts.webhookCounts).toMatchObject({ failed: 0, dropped: 0 });
    });
  });

  it('log a webhook that refuses them by its host alone', async () => {
    const { url } = await receiver(404);
    const { alerts, logger } = await boot({
      connection: NOWHERE,
      alerts: {
        interval: '10ms',
        disconnected: { after: '10ms' },
        webhook: { url, secret: ALERT_SECRET },
      },
    });
    await until(() => alerts.webhookCounts?.failed === 1);
    const { origin } = new URL(url);
    expect(linesOf(logger, 'warn')).toContain(
      `An alert could not be posted to ${origin}: it answered 404.`,
    );
    expect(JSON.stringify(logger.lines)).not.toMatch(/T0P-S3CRET|the secret of the tests/);
  });

  it('are none where they are switched off', async () => {
    const { alerts, activeInMetrics } = await boot({ alerts: false });
    expect([alerts.watching, alerts.active, alerts.webhookCounts]).toEqual([false, [], undefined]);
    expect(await activeInMetrics()).toEqual({});
  });

  it('keep no process alive that is closed amid the retries of a post', async () => {
    const { receiver: hook, url } = await receiver(500);
    const child = fork(join(__dirname, 'support/alerts.program.ts'), [url, ALERT_SECRET], {
      execArgv: ['--require', join(__dirname, '../support/typescript/register.cjs')],
      timeout: 20_000,
      killSignal: 'SIGKILL',
    });
    const exited = once(child, 'exit');
    await hook.received(1);
    child.send('close');
    const [counts] = (await once(child, 'message')) as [unknown];
    expect(counts).toEqual({ delivered: 0, failed: 0, dropped: 0, queued: 0 });
    expect(await exited).toEqual([0, null]);
    expect(hook.posts).toHaveLength(1);
  });
});
