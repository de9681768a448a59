import { once } from 'node:events';
import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import { Script } from '../../libs/redis-cache/src/connection/script-runner.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { closeConnections, connectTo, reaches } from './connection.fixture.js';

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

describeWithServer('A server that refuses', () => {
  const write = new Script('write', `return redis.call('SET', KEYS[1], ARGV[1])`, 1);
  let server: RedisServerProcess;
  let admin: Redis;

  beforeEach(async () => {
    server = await RedisServerProcess.start();
    admin = new Redis(server.url);
  });

  afterEach(async () => {
    await closeConnections();
    admin.disconnect();
    await server.stop();
  });

  describe('writes, having become a replica', () => {
    it('is away until it takes them again, however many are refused', async () => {
      const connection = connectTo({ url: server.url });
      const outages: string[] = [];
      connection.events.on('outage', ({ reason }) => outages.push(reason));
      await reaches(connection, 'ready');

      await admin.replicaof('127.0.0.1', 1);
      const writes = Array.from({ length: 64 }, () =>
        connection.run((client) => write.run(client, ['key'], ['value'])),
      );
      const outcomes = await Promise.allSettled(writes);
      expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
      expect(connection.available).toBe(false);

      await admin.replicaof('NO', 'ONE');
      await reaches(connection, 'ready');
      await connection.run((client) => write.run(client, ['key'], ['value']));
      expect(outages).toEqual([expect.stringMatching(/\bREADONLY\b/)]);
    });

    it('is away at boot already', async () => {
      await admin.replicaof('127.0.0.1', 1);
      const connection = connectTo({ url: server.url });
      const { reason } = await reaches(connection, 'suspended');
      expect(reason).toMatch(/^READONLY/);
    });
  });

  describe('to log us in', () => {
    it.each([
      ['WRONGPASS', { password: 's3cret-but-wrong' }],
      ['WRONGPASS', { username: 'nobody', password: 's3cret' }],
      ['NOAUTH', {}],
    ])('is away with %s for %p, and no secret is told', async (code, login) => {
      await admin.config('SET', 'requirepass', 's3cret');
      const connection = connectTo({ host: '127.0.0.1', port: server.port, ...login });
      const told: unknown[] = [];
      connection.events.on('outage', (event) => told.push(event));
      const { reason } = await reaches(connection, 'suspended');
      expect(reason).toContain(code);
      const failure: unknown = await connection.run((c) => c.ping()).catch((e: unknown) => e);
      const all = [told, connection, connection.state, connection.client, failure];
      expect(inspect(all, { depth: 9 })).not.toContain('s3cret');
    });

    it('is used as soon as it lets us in', async () => {
      await admin.config('SET', 'requirepass', 'first');
      const connection = connectTo({ url: `redis://:second@127.0.0.1:${server.port}` });
      await reaches(connection, 'suspended');
      await admin.config('SET', 'requirepass', 'second');
      await reaches(connection, 'ready');
    });

    it('is away when the password changes under our feet, at the next connection', async () => {
      const connection = connectTo({ url: server.url });
      await reaches(connection, 'ready');
      await admin.config('SET', 'requirepass', 's3cret');
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await once(connection.client as never, 'error');
      expect(connection.state).toMatchObject({ reason: expect.stringContaining('NOAUTH') });
    });
  });

  describe('the database that we name', () => {
    it('is away, for ioredis would go on in database 0', async () => {
      const connection = connectTo({ url: `${server.url}/99` });
      const { reason } = await reaches(connection, 'suspended');
      expect(reason).toBe('database 99 is refused: ERR DB index is out of range');
      await expect(connection.run((client) => client.getBuffer('key'))).rejects.toThrow(reason);
    });

    it('is away while the user may not select it', async () => {
      await admin.call('ACL', 'SETUSER', 'app', 'on', '>pw', '~*', '+@all', '-select');
      const login = { username: 'app', password: 'pw', db: 3 };
      const connection = connectTo({ host: '127.0.0.1', port: server.port, ...login });
      const { reason } = await reaches(connection, 'suspended');
      expect(reason).toMatch(/^database 3 is refused: NOPERM .*'select'/);
      await admin.call('ACL', 'SETUSER', 'app', '+select');
      await reaches(connection, 'ready');
      await connection.run((client) => write.run(client, ['key'], ['value']));
      await admin.select(3);
      await expect(admin.get('key')).resolves.toBe('value');
    });
  });

  describe('single commands', () => {
    it('is used for the others: a user who may run no scripts', async () => {
      await admin.call('ACL', 'SETUSER', 'app', 'on', '>pw', '~*', '+@all', '-eval', '-evalsha');
      const connection = connectTo({ url: `redis://app:pw@127.0.0.1:${server.port}` });
      await reaches(connection, 'ready');
      const script = connection.run((client) => write.run(client, ['key'], ['value']));
      await expect(script).rejects.toThrow(/^NOPERM/);
      await expect(connection.run((client) => client.getBuffer('key'))).resolves.toBeNull();
      expect(connection.available).toBe(true);
    });

    it('is used by a user who may do next to nothing, not even what a probe does', async () => {
      const warn = jest.spyOn(console, 'warn').mockReturnValue(); // ioredis misses its ready check
      await admin.call('ACL', 'SETUSER', 'app', 'on', '>pw', '~app:*', '+get');
      const connection = connectTo({ url: `redis://app:pw@127.0.0.1:${server.port}` });
      await reaches(connection, 'ready');
      await expect(connection.run((client) => client.getBuffer('app:key'))).resolves.toBeNull();
      await expect(connection.ping()).resolves.toBeGreaterThan(0);
      warn.mockRestore();
    });

    it('is used though its memory is full: reading and evicting still work', async () => {
      const connection = connectTo({ url: server.url });
      await reaches(connection, 'ready');
      await connection.run((client) => write.run(client, ['key'], ['value']));
      await admin.config('SET', 'maxmemory', '1');
      const fill = connection.run((client) => write.run(client, ['other'], ['value']));
      await expect(fill).rejects.toThrow(/OOM/);
      await expect(connection.run((client) => client.unlink('key'))).resolves.toBe(1);
      expect(connection.available).toBe(true);
    });
  });
});
