import { Redis, type RedisOptions } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { FarUnavailableError } from '../../libs/redis-cache/src/errors/far-tier.error.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { closeConnections, connectOver, reaches } from './connection.fixture.js';

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

describeWithServer.each([
  ['ioredis 6', Redis],
  ['ioredis 5', Redis5 as unknown as typeof Redis],
])('A client of the user, of %s', (_version, Client) => {
  let server: RedisServerProcess;
  let client: Redis;

  /** With the defaults of ioredis, which queue whatever they are given. */
  const borrow = (options: RedisOptions = {}): Redis => {
    client = new Client(server.port, '127.0.0.1', options);
    client.on('error', () => undefined);
    return client;
  };

  const listenersOf = (): [string, number][] =>
    client.eventNames().map((name) => [String(name), client.listenerCount(name)]);

  beforeEach(async () => {
    server = await RedisServerProcess.start();
  });

  afterEach(async () => {
    await closeConnections();
    client.disconnect();
    await server.stop();
  });

  it('is used while it is connected, and has its listeners back and its connection on closing', async () => {
    borrow();
    await client.ping();
    const before = listenersOf();
    const connection = connectOver(client);
    await reaches(connection, 'ready');
    expect(listenersOf()).not.toEqual(before);
    await connection.close();
    expect(listenersOf()).toEqual(before);
    await expect(client.ping()).resolves.toBe('PONG');
  });

  it('is connected if it waits to be', async () => {
    const connection = connectOver(borrow({ lazyConnect: true }));
    await reaches(connection, 'ready');
  });

  it('is given nothing to queue in an outage, and used again after it', async () => {
    const connection = connectOver(borrow({ retryStrategy: () => 20 }));
    await reaches(connection, 'ready');
    const outage = reaches(connection, 'suspended');
    await server.kill();
    await outage;
    const set = connection.run((c) => c.set('ghost', 'stale', 'PX', 60_000));
    await expect(set).rejects.toThrow(FarUnavailableError);
    await server.restart();
    await reaches(connection, 'ready');
    expect(await client.get('ghost')).toBeNull();
  });

  it('keeps its callers on time while the server hangs', async () => {
    const connection = connectOver(borrow());
    await reaches(connection, 'ready');
    server.pause();
    const startedAt = performance.now();
    await expect(connection.run((c) => c.getBuffer('key'))).rejects.toThrow('within 100 ms');
    expect(performance.now() - startedAt).toBeLessThan(150);
    expect(connection.available).toBe(false);
    server.resume();
    await reaches(connection, 'ready');
  });
});
