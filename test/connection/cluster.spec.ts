import { once } from 'node:events';
import { Cluster } from 'ioredis';
import { Cluster as Cluster5 } from 'ioredis-5';
import { closeClient } from '../../libs/redis-cache/src/connection/close-client.js';
import type { RedisClientLike } from '../../libs/redis-cache/src/connection/redis-client.interface.js';
import type { RedisConnection } from '../../libs/redis-cache/src/connection/redis-connection.js';
import { Script } from '../../libs/redis-cache/src/connection/script-runner.js';
import { SystemClock } from '../../libs/redis-cache/src/resilience/clock.js';
import { Gate } from '../support/gate.js';
import { hasRedisBinary } from '../support/redis/redis-server.js';
import { closeConnections, connectOver, connectTo, reaches } from './connection.fixture.js';
import { RedisClusterProcesses } from '../support/redis/redis-cluster.js';

const LOOKS_EVERY_MS = 20;

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

describeWithServer('A Redis Cluster', () => {
  const put = new Script(
    'put',
    `redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[2])`,
    2,
  );
  let cluster: RedisClusterProcesses;

  const keysOf = (i: number): string[] => [`c:{entry-${i}}`, `c:{entry-${i}}:lease`];

  const putMany = (connection: RedisConnection): Promise<unknown[]> =>
    Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        connection.run((client) => put.run(client, keysOf(i), [i]), 1_000),
      ),
    );

  beforeAll(async () => {
    cluster = await RedisClusterProcesses.start();
  }, 60_000);

  afterEach(async () => {
    for (const master of cluster.masters) master.resume();
    await closeConnections();
  });

  afterAll(() => cluster.stop());

  it('is reached by any of its nodes, and runs scripts on all of them at once', async () => {
    const connection = connectTo({ cluster: [cluster.nodes[0] as { host: string; port: number }] });
    await reaches(connection, 'ready');
    await putMany(connection);
    await expect(connection.run((client) => client.getBuffer('c:{entry-42}'))).resolves.toEqual(
      Buffer.from('42'),
    );
  });

  it('learns its scripts anew after SCRIPT FLUSH', async () => {
    const connection = connectTo({ cluster: cluster.nodes });
    await reaches(connection, 'ready');
    await putMany(connection);
    const masters = (connection.client as unknown as Cluster).nodes('master');
    await Promise.all(masters.map((master) => master.script('FLUSH')));
    await expect(putMany(connection)).resolves.toHaveLength(100);
  });

  it.each<[string, () => RedisClientLike & { disconnect: () => void }]>([
    ['ioredis 6', () => new Cluster(cluster.nodes, { enableAutoPipelining: true })],
    ['ioredis 5', () => new Cluster5(cluster.nodes, { enableAutoPipelining: true })],
    ['ioredis 5, prefixing keys', () => new Cluster5(cluster.nodes, { keyPrefix: 'app:' })],
  ])('is used over a client of the user: %s', async (_version, create) => {
    const client = create();
    const connection = connectOver(client);
    await reaches(connection, 'ready');
    await putMany(connection);
    await closeConnections();
    expect(client.status).toBe('ready');
    client.disconnect();
  });

  it.each<[string, () => Cluster | Cluster5]>([
    ['ioredis 6', () => new Cluster(cluster.nodes, { slotsRefreshInterval: LOOKS_EVERY_MS })],
    ['ioredis 5', () => new Cluster5(cluster.nodes, { slotsRefreshInterval: LOOKS_EVERY_MS })],
  ])(
    'is left for good by a client that is closed while it looks at the slots: %s',
    async (_, open) => {
      const client = open();
      await once(client, 'ready');
      const gate = new Gate();
      const refresh = client.refreshSlotsCache.bind(client);
      // As ioredis has it: what is asked for while it looks is answered with that look.
      let looks = 0;
      let looking: Promise<unknown> | undefined;
      client.refreshSlotsCache = (callback) => {
        looks += 1;
        looking ??= gate.pass().finally(() => (looking = undefined));
        void looking.then(() => refresh(callback));
      };
      await gate.reached;
      const closed = closeClient(client, {
        graceful: true,
        withinMs: 2_000,
        clock: new SystemClock(),
      });
      await once(client, 'end');
      gate.open();
      await closed;
      looks = 0;
      await new Promise((resolve) => setTimeout(resolve, 5 * LOOKS_EVERY_MS));
      expect(looks).toBe(0);
    },
  );

  it('is away while one of its masters hangs, and used again when all answer', async () => {
    const connection = connectTo({ cluster: cluster.nodes });
    await reaches(connection, 'ready');
    await putMany(connection);
    const outage = reaches(connection, 'suspended');
    cluster.masters[1]?.pause();
    await Promise.all([putMany(connection).catch(() => undefined), outage]);
    cluster.masters[1]?.resume();
    await reaches(connection, 'ready', 20_000);
    await expect(putMany(connection)).resolves.toHaveLength(100);
  }, 40_000);

  it('is away while one of its masters is dead, and used again when that is back', async () => {
    const connection = connectTo({ cluster: cluster.nodes });
    await reaches(connection, 'ready');
    const outage = reaches(connection, 'suspended');
    await cluster.masters[2]?.kill();
    await Promise.all([putMany(connection).catch(() => undefined), outage]);
    await cluster.masters[2]?.restart();
    await reaches(connection, 'ready', 20_000);
    await expect(putMany(connection)).resolves.toHaveLength(100);
  }, 40_000);
});
