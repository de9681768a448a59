import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { Injectable, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import {
  Cacheable,
  CacheService,
  InjectRedis,
  RedisCacheModule,
  type RedisCacheModuleOptions,
} from 'nestjs-redis-cache';
import { ownPrefix } from '../support/cache-apps.js';
import { serverHas } from '../support/redis/redis-binary.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { RecordingLogger } from './support/recording-logger.js';

@Injectable()
class LeadService {
  loads = 0;

  constructor(
    readonly caches: CacheService,
    @InjectRedis() readonly redis: Redis | null,
  ) {}

  @Cacheable('lead', { scope: 'global' })
  async byId(_id: string): Promise<number> {
    return Promise.resolve(++this.loads);
  }

  /** Resolves when the cache works with Redis. */
  async connected(): Promise<void> {
    if (this.caches.getStats().mode === 'redis') return;
    await new Promise<void>((resolve) => {
      const stop = this.caches.on('state', ({ to }) => {
        if (to.kind !== 'ready') return;
        stop();
        resolve();
      });
    });
  }
}

const URL = String(process.env.REDIS_URL);
const QUEUE =
  'The given Redis client: enableOfflineQueue is on: a command that meets a broken connection is ' +
  'kept in memory and applied later. Set it to false.';
const RESEND =
  'The given Redis client: autoResendUnfulfilledCommands is on: commands under way when a ' +
  'connection breaks are sent again after the outage, when they may be outdated. Set it to false.';
const TIMEOUT =
  'The given Redis client: commandTimeout is not set: commands to a Redis that hangs stay in ' +
  'memory until the connection breaks. Set it, or socketTimeout, to a second or two.';

describe('the Redis client', () => {
  const running: INestApplication[] = [];
  const clients: Redis[] = [];
  const servers: RedisServerProcess[] = [];
  let logger: RecordingLogger;

  beforeEach(() => {
    logger = new RecordingLogger();
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((app) => app.close()));
    for (const client of clients.splice(0)) client.disconnect();
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  /** Ends a client of the test with it. */
  function ending(client: Redis): Redis {
    clients.push(client);
    return client;
  }

  async function startServer(): Promise<RedisServerProcess> {
    const server = await RedisServerProcess.start();
    servers.push(server);
    return server;
  }

  async function boot(options: RedisCacheModuleOptions): Promise<LeadService> {
    const root = RedisCacheModule.forRoot({ timeouts: { command: '10s' }, ...options });
    const module = await Test.createTestingModule({ imports: [root], providers: [LeadService] })
      .setLogger(logger)
      .compile();
    const app = module.createNestApplication();
    running.push(app);
    await app.init();
    return app.get(LeadService);
  }

  async function close(): Promise<void> {
    await running.pop()?.close();
  }

  describe.each([
    ['ioredis 6', (): Redis => new Redis(URL)],
    ['ioredis 5', (): Redis => new Redis5(URL) as unknown as Redis],
  ])('of the user, by %s', (_version, create) => {
    it('is used and handed out, and goes on after the application has closed', async () => {
      const client = ending(create());
      const listeners = () => client.eventNames().map((name) => [name, client.listenerCount(name)]);
      const before = listeners();
      const prefix = ownPrefix();
      const leads = await boot({ connection: client, prefix });
      await leads.connected();
      expect(leads.redis).toBe(client);
      await leads.byId('1');
      expect(await client.exists(`${prefix}:{/lead@1/1}`)).toBe(1);
      await close();
      expect([client.status, await client.ping()]).toEqual(['ready', 'PONG']);
      expect(listeners()).toEqual(before);
    });

    it('is warned about for each setting that hurts in an outage, at boot', async () => {
      const client = ending(create());
      const leads = await boot({ connection: client });
      await leads.connected();
      const context = 'RedisCache';
      expect(logger.of('warn')).toEqual([
        [QUEUE, context],
        [RESEND, context],
        [TIMEOUT, context],
      ]);
    });
  });

  it('of the user is not warned about where its settings are well chosen', async () => {
    const client = ending(
      new Redis(URL, {
        enableOfflineQueue: false,
        autoResendUnfulfilledCommands: false,
        commandTimeout: 1_000,
      }),
    );
    const leads = await boot({ connection: client });
    await leads.connected();
    expect(logger.of('warn')).toEqual([]);
  });

  it('of the user is connected where it waits for that, and may have a prefix of its own', async () => {
    const keyPrefix = `${ownPrefix()}:`;
    const client = ending(new Redis(URL, { lazyConnect: true, keyPrefix }));
    const leads = await boot({ connection: client, prefix: 'cache' });
    await leads.connected();
    await leads.byId('1');
    expect(await client.exists('cache:{/lead@1/1}')).toBe(1);
  });

  it('of ours is handed out, and closed with the application', async () => {
    const leads = await boot({ connection: { url: URL } });
    await leads.connected();
    const redis = leads.redis as Redis;
    expect(await redis.ping()).toBe('PONG');
    expect(logger.of('warn')).toEqual([]);
    await close();
    expect(redis.status).toBe('end');
    expect(await leads.byId('1')).toBe(1);
    expect(leads.caches.getStats().mode).toBe('fallback');
  });

  it('of ours names itself to the server, and is one connection', async () => {
    const observer = ending(new Redis(URL));
    const leads = await boot({ connection: { url: URL } });
    await leads.connected();
    await leads.byId('1');
    const id = await (leads.redis as Redis).client('ID');
    const lines = async () =>
      String(await observer.client('LIST'))
        .split('\n')
        .filter((line) => line.startsWith(`id=${id} `));
    expect(await lines()).toEqual([expect.stringMatching(/ name=nestjs-redis-cache /)]);
    await close();
    expect(await lines()).toEqual([]);
  });

  it('of ours logs in, and tells no secret where that fails', async () => {
    const { host } = new globalThis.URL(URL);
    const leads = await boot({ connection: { url: `redis://nobody:hunter2@${host}` } });
    const warning = await logger.first('warn');
    expect(await leads.byId('1')).toBe(1);
    expect(warning).toEqual([
      expect.stringMatching(
        /^Redis is away \(WRONGPASS invalid username-password pair( or user is disabled\.)?\): answering from memory and from the methods themselves\.$/,
      ),
      'RedisCache',
    ]);
    expect(JSON.stringify(logger.lines)).not.toContain('hunter2');
  });

  it('that gets no answer from what it connected to stops neither the boot nor a call', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const leads = await boot({ connection: { host: '127.0.0.1', port } });
    expect([await leads.byId('1'), await leads.byId('1')]).toEqual([1, 1]);
    expect(leads.caches.getStats()).toMatchObject({ mode: 'fallback', total: { farErrors: 0 } });
    await close();
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  const describeWithServer = hasRedisBinary() ? describe : describe.skip;

  describeWithServer('of a server of its own', () => {
    const whereChannelsHaveRules = serverHas('ACL rules for channels') ? it : it.skip;
    whereChannelsHaveRules(
      'needs no right but to the keys and channels of its prefix',
      async () => {
        const server = await startServer();
        const admin = ending(new Redis(server.url));
        await admin.call('ACL', 'SETUSER', 'crm', 'on', '>secret', '~crm:*', '&crm:*', '+@all');
        const url = `redis://crm:secret@127.0.0.1:${server.port}`;
        const leads = await boot({ connection: { url }, prefix: 'crm' });
        await leads.connected();
        await leads.byId('1');
        const caches = leads.caches.forTenant('acme');
        await caches.set('k', 1, { tags: ['tag'] });
        await caches.evictTags(['tag']);
        await caches.del('k');
        expect(leads.caches.getStats()).toMatchObject({ mode: 'redis', total: { farErrors: 0 } });
        expect(await admin.call('ACL', 'LOG')).toEqual([]);
      },
    );

    it('of the user leaves no connection behind that was made beside it', async () => {
      const server = await startServer();
      const client = ending(new Redis(server.url));
      const observer = ending(new Redis(server.url));
      const connections = async () =>
        String(await observer.client('LIST'))
          .trim()
          .split('\n').length;
      const leads = await boot({ connection: client });
      await leads.connected();
      expect(await connections()).toBe(3); // one of ours listens
      await close();
      expect(await connections()).toBe(2);
    });

    it('may find it absent at boot, and uses it once it is there', async () => {
      const server = await startServer();
      await server.kill();
      const leads = await boot({ connection: { url: server.url }, prefix: 'late' });
      expect([await leads.byId('1'), await leads.byId('1')]).toEqual([1, 1]);
      expect(leads.caches.getStats().mode).toBe('fallback');
      await server.restart();
      await leads.connected();
      await leads.byId('2');
      expect(await leads.redis?.exists('late:{/lead@1/1}', 'late:{/lead@1/2}')).toBe(1);
      expect(logger.of('warn')).toEqual([
        [expect.stringMatching(/^Redis is away \(/), 'RedisCache'],
      ]);
      expect(logger.of('log')).toContainEqual([
        expect.stringMatching(/^Redis is back after \d+ ms\.$/),
        'RedisCache',
      ]);
    });
  });
});
