import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { within } from './support/eventually.js';
import { NodeProcess } from './support/node-process.js';
import { CLOSE_TIMEOUT_MS, OutageApp } from './support/outage-app.js';
import { RawRedis } from './support/raw-redis.js';
import { TIERS } from './support/tiers.js';

jest.setTimeout(60_000);

const TENANT = 'acme';
const NOTICED_WITHIN_MS = 2_000;
const USED_WITHIN_MS = 5_000;
const CLOSE_SLACK_MS = 500;

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

describeWithServer('an application that boots without Redis', () => {
  let server: RedisServerProcess;
  let app: OutageApp;

  beforeEach(async () => {
    server = await RedisServerProcess.start();
    // Only the port is wanted.
    await server.kill();
  });
  afterEach(async () => {
    await app.close();
    await server.stop();
  });

  it.each(TIERS)(
    'answers at once, and uses it as soon as it is there, with %s',
    async (_tiers, _word, policy) => {
      app = await within(NOTICED_WITHIN_MS, 'boot', OutageApp.boot({ url: server.url }, policy));
      expect(app.caches.getStats().mode).toBe('fallback');
      expect(await app.asTenant(() => app.quotes.byId('1'))).toEqual({ id: '1', text: 'read' });
      expect(await app.missesThatWait(500)).toBe(0);

      await server.restart();
      await within(USED_WITHIN_MS, 'in mode redis', app.inMode('redis'));
      await app.asTenant(() => app.quotes.byId('2'));
      const raw = new RawRedis(server.url, 'cache');
      try {
        expect(await raw.client.exists(raw.entryKey(TENANT, '2', 'quote'))).toBe(1);
      } finally {
        await raw.close();
      }
    },
  );

  it('closes in time', async () => {
    app = await OutageApp.boot({ url: server.url }, {});
    await app.asTenant(() => app.quotes.byId('1'));
    expect(await app.close()).toBeLessThan(CLOSE_TIMEOUT_MS + CLOSE_SLACK_MS);
  });
});

describeWithServer('a process whose application is closed', () => {
  let server: RedisServerProcess;
  let child: NodeProcess;

  beforeEach(async () => {
    server = await RedisServerProcess.start();
    child = await NodeProcess.boot({
      connection: { url: server.url },
      prefix: 'exit',
      timeouts: { close: CLOSE_TIMEOUT_MS },
      source: { url: process.env.REDIS_URL ?? '', name: `${process.env.TEST_RUN_PREFIX}-exit` },
    });
    await child.node.read(TENANT, '1');
  });
  afterEach(async () => {
    await child.kill();
    await server.stop();
  });

  it.each<[string, () => Promise<void>]>([
    ['while all is well', async () => undefined],
    [
      'while Redis is gone',
      async () => {
        await server.kill();
        await child.node.inMode('fallback');
      },
    ],
    ['while Redis hangs', async () => server.pause()],
    [
      'after Redis was gone and came back',
      async () => {
        await server.kill();
        await child.node.inMode('fallback');
        await child.node.read(TENANT, '2');
        await server.restart();
        await within(USED_WITHIN_MS, 'in mode redis', child.node.inMode('redis'));
        await child.node.read(TENANT, '3');
      },
    ],
  ])('ends by itself: %s', async (_when, happen) => {
    await happen();
    const ended = child.end();
    expect(await within(CLOSE_TIMEOUT_MS + 2 * CLOSE_SLACK_MS, 'end', ended)).toBe(0);
  });
});
