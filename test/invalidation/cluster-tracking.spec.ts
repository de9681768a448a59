import { Cluster, Redis } from 'ioredis';
import { Cluster as Cluster5 } from 'ioredis-5';
import type { RedisCacheModuleOptions, RedisConnectionOptions } from 'nestjs-redis-cache';
import { slotOf } from '../../libs/redis-cache/src/connection/cluster-slots.js';
import { eventually } from '../integration/support/eventually.js';
import { RecordingLogger } from '../module/support/recording-logger.js';
import { documentedRules } from '../support/readme-acl.js';
import { RedisClusterProcesses } from '../support/redis/redis-cluster.js';
import { hasRedisBinary, type RedisServerProcess } from '../support/redis/redis-server.js';
import { CoherentNode } from './support/coherent-node.js';

const suite = hasRedisBinary() ? describe : describe.skip;

const SLOTS_OF_EACH = 5_462;
/** What is told arrives in milliseconds; what is not told stays in memory for an hour. */
const TOLD_WITHIN_MS = 2_000;
/** Until the cluster has agreed, the client has learned it, and each master has proven itself. */
const SETTLED_WITHIN_MS = 20_000;

const entryOf = (name: string) => `cache:{acme/default@1/${name}}`;
/** A name whose entry is on this one of the masters, as the cluster begins. */
const nameOn = (master: number) => {
  for (let i = 0; ; i += 1) {
    if (Math.floor(slotOf(entryOf(`k${i}`)) / SLOTS_OF_EACH) === master) return `k${i}`;
  }
};
const NAMES = [0, 1, 2].map(nameOn);

suite('an application in step by tracking on a cluster', () => {
  jest.setTimeout(60_000);
  let cluster: RedisClusterProcesses;
  const open: { close(): unknown }[] = [];

  afterEach(async () => {
    await Promise.all(open.splice(0).map((it) => it.close()));
  });

  const boot = async (
    connection: RedisConnectionOptions = { cluster: cluster.nodes },
    options: Partial<RedisCacheModuleOptions> = {},
    logger?: RecordingLogger,
  ) => {
    const node = await CoherentNode.boot(
      connection,
      {
        coherence: 'tracking',
        // A busy machine is no outage.
        timeouts: { command: '2s' },
        bus: { heartbeat: '200ms', silence: '1s' },
        ...options,
      },
      logger,
    );
    open.unshift(node);
    return node;
  };
  const adminOf = (server: RedisServerProcess | undefined) => {
    const admin = new Redis(String(server?.url));
    open.push({ close: () => admin.disconnect() });
    return admin;
  };
  const read = (node: CoherentNode, name: string, value: string) =>
    node.caches.wrap(name, () => value);
  const nearHits = (node: CoherentNode) => node.caches.getStats().total.nearHits;
  /** The near tier holds all of these: what is read comes from there. */
  const holds = (node: CoherentNode, value: string, names = NAMES) =>
    eventually(
      `${value} is held`,
      async () => {
        const before = nearHits(node);
        const values = await Promise.all(names.map((name) => read(node, name, value)));
        expect(values).toEqual(names.map(() => value));
        return nearHits(node) === before + names.length;
      },
      SETTLED_WITHIN_MS,
    );
  const reads = (node: CoherentNode, name: string, value: string, withinMs = TOLD_WITHIN_MS) =>
    eventually(`${value} is read`, async () => (await read(node, name, value)) === value, withinMs);
  /** Drops what is held, wherever it is stored, so that the next value is loaded. */
  const anew = (node: CoherentNode) => node.caches.evictTenant();

  describe('of three masters', () => {
    let admins: Redis[];

    beforeAll(async () => {
      cluster = await RedisClusterProcesses.start();
    }, 60_000);
    afterAll(() => cluster.stop());
    beforeEach(() => {
      admins = cluster.masters.map(adminOf);
    });
    afterEach(async () => {
      const clients = cluster.masters.map(({ url }) => new Redis(url));
      await Promise.all(clients.map((client) => client.flushall()));
      for (const client of clients) client.disconnect();
    });

    it.each([0, 1, 2])(
      'sees what somebody else does to the entries of master %i',
      async (master) => {
        const node = await boot();
        const [name, admin] = [String(NAMES[master]), admins[master] as Redis];
        const changes = [
          () => admin.del(entryOf(name)),
          () => admin.set(entryOf(name), 'no entry'),
          () => admin.pexpire(entryOf(name), 1),
          () => admin.flushall(),
        ];
        for (const [i, change] of changes.entries()) {
          await anew(node);
          await holds(node, `old ${i}`);
          await change();
          await reads(node, name, `new ${i}`);
        }
      },
    );

    it('keeps what is on other masters when a key is deleted on one', async () => {
      const node = await boot();
      await holds(node, 'old');
      await admins[0]?.del(entryOf(String(NAMES[0])));
      await reads(node, String(NAMES[0]), 'new');
      const before = nearHits(node);
      await Promise.all(NAMES.slice(1).map((name) => read(node, name, 'new')));
      expect(nearHits(node)).toBe(before + 2);
    });

    it('sees that a stamp was deleted, wherever it is', async () => {
      const node = await boot();
      await holds(node, 'old');
      await Promise.all(admins.map((admin) => admin.del('cache:{acme}:stamp').catch(elsewhere)));
      await reads(node, String(NAMES[0]), 'new');
    });

    it.each<[string, () => Cluster | Cluster5, string]>([
      ['ioredis 6', () => new Cluster(cluster.nodes, { enableAutoPipelining: true }), ''],
      ['ioredis 5', () => new Cluster5(cluster.nodes), ''],
      ['ioredis 5, prefixing keys', () => new Cluster5(cluster.nodes, { keyPrefix: 'a:' }), 'a:'],
      ['ioredis 6, prefixing keys', () => new Cluster(cluster.nodes, { keyPrefix: 'a:' }), 'a:'],
    ])('does so over a client of the user: %s', async (_version, create, prefix) => {
      const client = create();
      open.push({ close: () => client.quit() });
      const node = await boot(client);
      await holds(node, 'old');
      for (const name of NAMES) {
        const key = prefix + entryOf(name);
        await Promise.all(admins.map((admin) => admin.del(key).catch(elsewhere)));
        await reads(node, name, 'new');
      }
      expect(client.listenerCount('+node')).toBe(1);
      await node.close();
      expect(client.listenerCount('+node')).toBe(0);
    });

    it.each([0, 1, 2])(
      'does not trust its memory while the connection to master %i is cut',
      async (master) => {
        const node = await boot();
        await holds(node, 'old');
        const [admin, name] = [admins[master] as Redis, String(NAMES[master])];
        expect(await admin.client('KILL', 'TYPE', 'PUBSUB')).toBeGreaterThan(0);
        await admin.del(entryOf(name));
        await reads(node, name, 'new');
        await anew(node);
        await holds(node, 'newer');
        await admin.del(entryOf(name));
        await reads(node, name, 'newest');
      },
    );

    it('sees what happens to an entry at the master to which its slot has moved', async () => {
      const node = await boot();
      await holds(node, 'old');
      const [from, to] = cluster.masters as [RedisServerProcess, RedisServerProcess];
      const [name, target] = [String(NAMES[0]), admins[1] as Redis];
      const slot = slotOf(entryOf(name));
      await cluster.moveSlot(slot, from, to);
      expect(await target.exists(entryOf(name))).toBe(1);
      await holds(node, 'old');
      await target.del(entryOf(name));
      await reads(node, name, 'new');
      await cluster.moveSlot(slot, to, from);
    });

    it('does not keep an entry whose slot was given away without it', async () => {
      const node = await boot();
      await holds(node, 'old');
      const [source, target] = admins as [Redis, Redis];
      const name = String(NAMES[0]);
      const slot = slotOf(entryOf(name));
      const [sourceId, targetId] = [await source.cluster('MYID'), await target.cluster('MYID')];
      await target.cluster('BUMPEPOCH'); // or the others would not believe it
      await target.cluster('SETSLOT', slot, 'NODE', targetId);
      await eventually('the source has lost it', () =>
        source.exists(entryOf(name)).then(
          () => false,
          () => true,
        ),
      );
      // Nobody tells of that either.
      await reads(node, name, 'new', SETTLED_WITHIN_MS);
      await source.cluster('BUMPEPOCH');
      await target.del(entryOf(name));
      await source.cluster('SETSLOT', slot, 'NODE', sourceId);
      await target.cluster('SETSLOT', slot, 'NODE', sourceId);
    });

    it('needs no more rights than the README says', async () => {
      const rules = ['reset', 'on', '>pw', ...documentedRules()];
      await Promise.all(admins.map((admin) => admin.call('ACL', 'SETUSER', 'least', ...rules)));
      const connection = { cluster: cluster.nodes, username: 'least', password: 'pw' };
      const logger = new RecordingLogger();
      const node = await boot(connection, { prefix: 'crm' }, logger);
      await holds(node, 'old');
      const keys = NAMES.map((name) => entryOf(name).replace('cache', 'crm'));
      for (const [i, name] of NAMES.entries()) {
        await Promise.all(admins.map((admin) => admin.del(String(keys[i])).catch(elsewhere)));
        await reads(node, name, 'new');
      }
      expect(logger.of('warn')).toEqual([]);
    });

    describe('where it is not possible', () => {
      const WARNING = /^coherence: 'tracking' is not possible \((.+)\), so the bus is used/;
      const inStepByTheBus = async (node: CoherentNode, other: CoherentNode) => {
        await holds(node, 'old');
        for (const name of NAMES) {
          await other.caches.del(name);
          await reads(node, name, 'new');
        }
      };

      it.each(['client|tracking', 'cluster|nodes'])(
        'uses the bus, and warns once, when a user may not run %s on one of them',
        async (right) => {
          for (const [i, admin] of admins.entries()) {
            const rules = ['reset', 'on', '>pw', '~*', '&*', '+@all'];
            if (i === 2) rules.push(`-${right}`);
            await admin.call('ACL', 'SETUSER', 'app', ...rules);
          }
          const connection = { cluster: cluster.nodes, username: 'app', password: 'pw' };
          const logger = new RecordingLogger();
          const node = await boot(connection, {}, logger);
          expect(logger.of('warn')).toEqual([[expect.stringMatching(WARNING), 'RedisCache']]);
          expect(String(logger.of('warn'))).toContain(`'${right}'`);
          await inStepByTheBus(node, await boot(connection, { coherence: 'bus' }));
        },
      );

      it('uses the bus when a keyPrefix puts all keys in one slot', async () => {
        const [a, b] = [1, 2].map(() => new Cluster(cluster.nodes, { keyPrefix: '{app}:' }));
        open.push({ close: () => Promise.all([a?.quit(), b?.quit()]) });
        const logger = new RecordingLogger();
        const node = await boot(a, {}, logger);
        expect(logger.of('warn').map(([text]) => text)).toContainEqual(
          expect.stringMatching(WARNING),
        );
        await inStepByTheBus(node, await boot(b, { coherence: 'bus' }));
      });
    });

    it('leaves no connection behind when it closes', async () => {
      const node = await boot();
      await holds(node, 'old');
      await node.close();
      await eventually('only the test is connected', async () => {
        const lists = await Promise.all(admins.map((admin) => admin.client('LIST')));
        // One that moved a slot keeps its connection for a while.
        const clients = lists.map((list) => String(list).match(/^(?!.*cmd=restore-asking).+$/gm));
        return clients.every((lines) => lines?.length === 1);
      });
    });
  });

  describe('whose masters change', () => {
    beforeEach(async () => {
      cluster = await RedisClusterProcesses.start({ replicas: 1 });
    }, 60_000);
    afterEach(() => cluster.stop());

    /** Deletes behind its back, at this server, what it holds of master 0 as the cluster began. */
    const seesAt = async (node: CoherentNode, server: RedisServerProcess, name: string) => {
      await holds(node, 'newer', [name]);
      await adminOf(server).del(entryOf(name));
      await reads(node, name, 'newest');
    };

    it('sees what happens at a replica that has taken over from a master that died', async () => {
      const node = await boot();
      await holds(node, 'old');
      const replica = cluster.replicas[0] as RedisServerProcess;
      await cluster.masters[0]?.kill();
      const admin = adminOf(replica);
      await eventually(
        'the replica deletes it',
        () => admin.del(entryOf(String(NAMES[0]))).then(Boolean, () => false),
        SETTLED_WITHIN_MS,
      );
      await eventually('Redis is used', () => node.mode === 'redis', SETTLED_WITHIN_MS);
      expect(await read(node, String(NAMES[0]), 'newer')).toBe('newer');
      await seesAt(node, replica, String(NAMES[0]));
    });

    it('sees what happens at a replica that was made the master in good order', async () => {
      const node = await boot();
      await holds(node, 'old');
      await cluster.handOver(0);
      const admin = adminOf(cluster.replicas[0]);
      expect(await admin.del(entryOf(String(NAMES[0])))).toBe(1);
      // Nobody tells of it: the node finds out when it next asks all masters which slots they serve.
      await eventually(
        'it listens to the new master',
        async () => /flags=\S*t/.test(String(await admin.client('LIST'))),
        SETTLED_WITHIN_MS,
      );
      await reads(node, String(NAMES[0]), 'newer');
      await seesAt(node, cluster.replicas[0] as RedisServerProcess, String(NAMES[0]));
    });

    it('sees what happens at a master that has joined', async () => {
      const node = await boot();
      await holds(node, 'old');
      const added = await cluster.addMaster();
      const name = String(NAMES[0]);
      await cluster.moveSlot(slotOf(entryOf(name)), cluster.masters[0] as never, added);
      expect(await read(node, name, 'unused')).toBe('old');
      expect(await adminOf(added).del(entryOf(name))).toBe(1);
      await reads(node, name, 'newer');
      await seesAt(node, added, name);
    });
  });
});

/** For a key that another master serves. */
function elsewhere(error: unknown): void {
  if (!(error as Error).message.startsWith('MOVED')) throw error;
}
