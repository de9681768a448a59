import { FakeClock } from '../../../../test/support/fake-clock.js';
import {
  failing,
  FakeRedisClient,
  replyError,
} from '../../../../test/support/fake-redis-client.js';
import { redisFigures } from './redis-figures.js';

const INFO = [
  '# Server',
  'redis_version:7.0.15',
  'uptime_in_seconds:100',
  '# Clients',
  'connected_clients:5',
  '# Memory',
  'used_memory:1000',
  'maxmemory:0',
  '# Stats',
  'total_commands_processed:40',
  'instantaneous_ops_per_sec:3',
  'keyspace_hits:7',
  'keyspace_misses:2',
  'expired_keys:1',
  'evicted_keys:0',
].join('\r\n');

const FIGURES = {
  version: '7.0.15',
  servers: 1,
  uptimeSeconds: 100,
  memoryBytes: 1_000,
  maxMemoryBytes: 0,
  clients: 5,
  keyspaceHits: 7,
  keyspaceMisses: 2,
  commands: 40,
  commandsPerSecond: 3,
  expiredKeys: 1,
  evictedKeys: 0,
};

function server(info: string): FakeRedisClient {
  const client = new FakeRedisClient('ready');
  client.answer = () => Promise.resolve(info);
  return client;
}

describe('redisFigures', () => {
  const clock = new FakeClock();

  it('reads what a server says of itself', async () => {
    expect(await redisFigures(server(INFO), 100, clock)).toEqual(FIGURES);
  });

  it('adds up the masters of a cluster, which is as old as the youngest of them', async () => {
    const cluster = Object.assign(new FakeRedisClient('ready', true), {
      nodes: () => [server(INFO), server(INFO.replace('seconds:100', 'seconds:9'))],
    });
    expect(await redisFigures(cluster, 100, clock)).toEqual({
      ...FIGURES,
      servers: 2,
      uptimeSeconds: 9,
      memoryBytes: 2_000,
      clients: 10,
      keyspaceHits: 14,
      keyspaceMisses: 4,
      commands: 80,
      commandsPerSecond: 6,
      expiredKeys: 2,
    });
    expect(cluster.sent).toEqual([]);
  });

  it.each(['', 'nonsense', 'used_memory:much\nconnected_clients:5'])(
    'leaves out what it is not told: %j',
    async (text) => {
      const figures = await redisFigures(server(text), 100, clock);
      expect(figures).toMatchObject({ servers: 1, version: undefined, memoryBytes: undefined });
    },
  );

  it('leaves out a sum of which a master does not tell its part', async () => {
    const cluster = Object.assign(new FakeRedisClient('ready', true), {
      nodes: () => [server(INFO), server('redis_version:7.0.15')],
    });
    expect(await redisFigures(cluster, 100, clock)).toMatchObject({
      servers: 2,
      clients: undefined,
    });
  });

  it('has none where the server refuses, and asks nothing where there is no connection', async () => {
    const refusing = server('');
    refusing.answer = failing(replyError('NOPERM this user has no permissions'));
    expect(await redisFigures(refusing, 100, clock)).toBeUndefined();
    const away = new FakeRedisClient('reconnecting');
    expect(await redisFigures(away, 100, clock)).toBeUndefined();
    expect(away.sent).toEqual([]);
  });

  it('has none where the answer is late', async () => {
    const hanging = server('');
    hanging.answer = () => new Promise(() => undefined);
    const asked = redisFigures(hanging, 100, clock);
    await clock.advance(200);
    expect(await asked).toBeUndefined();
    expect(clock.pending).toBe(0);
  });
});
