import { inspect } from 'node:util';
import type { Cluster, Redis } from 'ioredis';
import { createClient } from './create-client.js';

const optionsOf = (client: Redis | Cluster) => client.options as Redis['options'];

describe('createClient', () => {
  it.each([
    [
      { url: 'rediss://u:p%40ss@h:6380/2' },
      { host: 'h', port: 6380, username: 'u', password: 'p@ss', db: 2, tls: {} },
    ],
    [{ url: 'redis://h' }, { host: 'h', port: 6379, db: 0 }],
    [
      { url: 'redis://h', options: { tls: { ca: 'x' } } },
      { host: 'h', tls: { ca: 'x' } },
    ],
    [
      { url: 'rediss://h', options: { tls: { ca: 'x' } } },
      { host: 'h', tls: { ca: 'x' } },
    ],
    [
      { host: 'h', tls: true, password: 'p' },
      { host: 'h', port: 6379, password: 'p', tls: {} },
    ],
    [{ host: 'h', tls: { servername: 's' } }, { tls: { servername: 's' } }],
    [
      { sentinels: [{ host: 's' }], name: 'm', db: 1 },
      { sentinels: [{ host: 's' }], name: 'm', db: 1, enableTLSForSentinelMode: false },
    ],
    [
      { sentinels: [{ host: 's' }], name: 'm', tls: { ca: 'x' } },
      { tls: { ca: 'x' }, enableTLSForSentinelMode: true },
    ],
  ])('connects as %p says', (connection, expected) => {
    expect(optionsOf(createClient(connection))).toMatchObject(expected);
  });

  it('waits to connect, queues nothing and sends nothing twice', () => {
    const client = createClient({ host: 'h' });
    expect(client.status).toBe('wait');
    expect(client.options).toMatchObject({
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      maxRetriesPerRequest: 0,
      connectTimeout: 1_000,
      noDelay: true,
      connectionName: 'nestjs-redis-cache',
    });
  });

  it('takes further options of ioredis, but none that decide an outage', () => {
    const options = { connectTimeout: 5, connectionName: 'mine', enableOfflineQueue: true };
    expect(optionsOf(createClient({ url: 'redis://h', options }))).toMatchObject({
      connectTimeout: 5,
      connectionName: 'mine',
      enableOfflineQueue: false,
    });
  });

  it('never gives up connecting, and pauses 50 ms to 2 s between attempts', () => {
    const pauses = (random: number) => {
      const { retryStrategy } = optionsOf(createClient({ host: 'h' }, { random: () => random }));
      return [1, 2, 10_000].map((attempt) => retryStrategy?.(attempt));
    };
    expect(pauses(0)).toEqual([50, 52.5, 2_000]);
    expect(pauses(0.5)).toEqual([37.5, 39.375, 1_500]);
  });

  it('leaves a server that became a replica, and not for each of its replies anew', () => {
    const { reconnectOnError } = optionsOf(createClient({ host: 'h' }));
    const readonly = new Error("READONLY You can't write against a read only replica.");
    expect(reconnectOnError?.(new Error('OOM command not allowed'))).toBe(false);
    expect([1, 2, 3].map(() => reconnectOnError?.(readonly))).toEqual([true, false, false]);
  });

  it('makes a cluster whose nodes are found by URL or host', () => {
    const client = createClient({
      cluster: ['rediss://u:secret@a:7000', { host: 'b', port: 7001 }],
      options: { natMap: {}, redisOptions: { connectTimeout: 5 } },
    });
    expect(client.isCluster).toBe(true);
    expect(client.options).toMatchObject({
      lazyConnect: true,
      enableOfflineQueue: false,
      enableAutoPipelining: true,
      scaleReads: 'master',
      natMap: {},
      redisOptions: {
        username: 'u',
        password: 'secret',
        tls: {},
        connectTimeout: 5,
        socketTimeout: 2_000,
        maxRetriesPerRequest: 0,
        autoResendUnfulfilledCommands: false,
      },
    });
    expect((client as unknown as { startupNodes: unknown }).startupNodes).toEqual([
      { host: 'a', port: 7000 },
      { host: 'b', port: 7001 },
    ]);
  });

  it('is heard when it fails, even by nobody else', () => {
    for (const client of [
      createClient({ host: 'h' }),
      createClient({ cluster: [{ host: 'h' }] }),
    ]) {
      expect(() => client.emit('error', new Error('connect ECONNREFUSED'))).not.toThrow();
    }
  });

  it('shows no password when it is printed', () => {
    const printed = [
      createClient({ url: 'redis://u:s3cret@h' }),
      createClient({ cluster: [{ host: 'a' }], password: 's3cret' }),
    ].map((client) => inspect(client, { depth: 9 }));
    expect(printed).toEqual([`Redis { status: 'wait' }`, `Cluster { status: 'wait' }`]);
  });
});
