import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import type { AdminHealth } from 'nestjs-redis-cache/admin';
import { eventually, within } from '../integration/support/eventually.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import type { Tier } from '../support/cache-apps.js';
import { until } from '../support/until.js';
import { ADAPTERS, AdminApps, CallerGuard, headersOf, type AdminApp } from './support/admin-app.js';

// To fill what sockets hold takes seconds, more on a busy machine.
jest.setTimeout(60_000);

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

describe.each(ADAPTERS)('the stream on %s', (http) => {
  const apps = new AdminApps();
  const sockets: Socket[] = [];

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  const boot = (stream = {}, tier: Tier = 'redis') =>
    apps.boot({ http, tier, admin: { guards: [CallerGuard], stream } });

  it('is one of events that nobody on the way keeps', async () => {
    const app = await boot();
    const stream = await app.listen('operator');
    expect(stream.status).toBe(200);
    expect(stream.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(stream.headers['cache-control']).toBe('no-store, no-transform');
    await until(() => stream.told('figures').length > 0);
    expect(stream.text).toMatch(/^retry: 2000\n\n/);
  });

  it('begins with figures and with what has happened, and goes on with both', async () => {
    const app = await boot({ interval: 250 });
    const acme = app.caches.forTenant('acme');
    await acme.evictTags(['before']);
    const stream = await app.listen('operator');
    await until(() => stream.told('events').length > 0);
    const [first] = stream.told('figures');
    expect(first?.data).toMatchObject({
      principal: 'operator',
      health: { status: 'ok', mode: 'redis', stream: { listeners: 1, maxListeners: 20 } },
      counters: { loads: 0 },
      lastMinute: { total: { loads: 0 } },
    });
    expect(first?.data.counters).not.toHaveProperty('latency');
    const types = () =>
      stream.told('events').flatMap(({ data }) => data.events.map(({ type }) => type));
    expect(types()).toEqual(expect.arrayContaining(['state', 'invalidate']));

    await acme.cache('lead').wrap('k', () => 1);
    await acme.cache('lead').del('k');
    await until(() => types().includes('evict'));
    await until(() => stream.told('figures').at(-1)?.data.counters.loads === 1);
    const evicted = stream
      .told('events')
      .flatMap(({ data }) => data.events)
      .at(-1);
    expect(evicted).toEqual({
      id: expect.any(Number),
      atMs: expect.any(Number),
      type: 'evict',
      severity: 'info',
      tenant: 'acme',
      cache: 'lead',
      key: 'k',
      summary: 'An entry was evicted',
    });
  });

  it('goes on behind the event that was seen last', async () => {
    const app = await boot();
    const acme = app.caches.forTenant('acme');
    await acme.evictTags(['one']);
    const first = await app.listen({ tenant: 'acme' });
    await until(() => first.told('events').length > 0);
    const [{ id } = { id: undefined }] = first.told('events');
    first.stop();
    await acme.evictTenant();
    const second = await app.listen({ tenant: 'acme' }, { 'last-event-id': String(id) });
    await until(() => second.told('events').length > 0);
    expect(second.told('events')).toMatchObject([
      { data: { gap: false, events: [{ summary: 'Evicted by tenant' }] } },
    ]);
  });

  it.each([{ 'last-event-id': 'x' }, { 'last-event-id': '-1' }, { 'last-event-id': '1e99' }])(
    'is refused with %j',
    async (headers) => {
      const app = await boot();
      const answer = await app.call('operator', 'GET', 'stream', undefined, headers);
      expect(answer).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'last-event-id' }] },
      });
    },
  );

  it('is open to so many and no more, until one of them goes', async () => {
    const app = await boot({ maxListeners: 2 });
    const [first] = [await app.listen('operator'), await app.listen('operator')];
    expect(await app.call('operator', 'GET', 'stream')).toMatchObject({
      status: 429,
      type: 'application/problem+json; charset=utf-8',
    });
    first.stop();
    await eventually('a place is free', async () => {
      const third = await app.listen('operator');
      return third.status === 200;
    });
  });

  it('drops a listener that takes nothing', async () => {
    const app = await boot({ interval: 250, slowAfter: 500 }, 'memory');
    const socket = await slowListener(app);
    const listeners = async () =>
      (await app.call<AdminHealth>('operator', 'GET', 'health')).body.stream.listeners;
    expect(await listeners()).toBe(1);
    // Figures of many caches are large, and soon fill what the sockets hold.
    const acme = app.caches.forTenant('acme');
    for (let cache = 0; cache < 900; cache += 1) await acme.cache(`c${cache}`).wrap('k', () => 1);
    await eventually('it was dropped', async () => (await listeners()) === 0, 20_000);
    socket.resume();
    await within(5_000, 'its end', once(socket, 'close'));
  });

  it('answers HEAD without a stream', async () => {
    const app = await boot();
    const answer = await app.call('operator', 'HEAD', 'stream');
    expect([answer.status, answer.body]).toEqual([200, '']);
    const { body } = await app.call<AdminHealth>('operator', 'GET', 'health');
    expect(body.stream.listeners).toBe(0);
  });

  it('ends when the application closes, which waits neither for those who read nor for others', async () => {
    const app = await boot();
    const stream = await app.listen('operator');
    const socket = await slowListener(app);
    socket.resume();
    const closed = once(socket, 'close');
    await within(5_000, 'the end of the application', app.app.nest.close());
    await within(
      5_000,
      'the end of the stream',
      until(() => stream.ended),
    );
    await within(5_000, 'the end of the socket', closed);
  });

  it('ends at some time, so that whoever listens is asked again who it is', async () => {
    const app = await boot({ interval: 250, maxAge: 300 });
    const stream = await app.listen('operator');
    await within(
      5_000,
      'its end',
      until(() => stream.ended),
    );
  });

  /** One that asks for the stream and then reads nothing of it. */
  async function slowListener(app: AdminApp): Promise<Socket> {
    const { hostname, port } = new URL(app.url);
    const socket = connect({ host: hostname, port: Number(port) });
    sockets.push(socket);
    const headers = Object.entries(headersOf('operator')).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    socket.write(`GET /admin/cache/stream HTTP/1.1\r\nhost: x\r\n${headers.join('')}\r\n`);
    await once(socket, 'data');
    socket.pause();
    return socket;
  }
});

describeWithServer('the stream, when Redis dies', () => {
  const apps = new AdminApps();

  it('says so at once, and when it is back', async () => {
    const server = await RedisServerProcess.start();
    try {
      const app = await apps.boot({
        tier: 'redis',
        cache: { connection: { url: server.url }, breaker: { probeInterval: 50 } } as never,
        admin: { guards: [CallerGuard], stream: { interval: '15s' } },
      });
      const stream = await app.listen('operator');
      await until(() => stream.told('figures').length > 0);
      await server.kill();
      const status = () => stream.told('figures').at(-1)?.data.health.status as string;
      await within(
        2_000,
        'figures that say so',
        until(() => status() === 'degraded'),
      );
      await within(
        2_000,
        'the event',
        until(() => stream.text.includes('"type":"state","severity":"error"')),
      );
      await server.restart();
      await within(
        10_000,
        'figures that say it is back',
        until(() => status() === 'ok'),
      );
    } finally {
      await server.stop();
    }
  });
});
