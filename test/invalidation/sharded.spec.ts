import { Cluster, Redis } from 'ioredis';
import { Cluster as Cluster5 } from 'ioredis-5';
import type { RedisCacheModuleOptions, RedisConnectionOptions } from 'nestjs-redis-cache';
import { slotOf } from '../../libs/redis-cache/src/connection/cluster-slots.js';
import { RedisClusterProcesses } from '../support/redis/redis-cluster.js';
import { eventually } from '../integration/support/eventually.js';
import { RecordingLogger } from '../module/support/recording-logger.js';
import { documentedRules } from '../support/readme-acl.js';
import { serverHas } from '../support/redis/redis-binary.js';
import { hasRedisBinary } from '../support/redis/redis-server.js';
import { CoherentNode } from './support/coherent-node.js';

const suite = hasRedisBinary() && serverHas('sharded pub/sub') ? describe : describe.skip;

const CHANNEL = '{cache}:bus';
/** A busy machine is no outage. */
const PATIENT = {
  timeouts: { command: '2s' },
  bus: { heartbeat: '200ms', silence: '1s' },
} as const;
const TOLD_WITHIN_MS = 2_000;

const SLOTS_OF_EACH = 5_462;
const masterOf = (key: string) => Math.floor(slotOf(key) / SLOTS_OF_EACH);
const entryOf = (name: string) => `cache:{acme/default@1/${name}}`;
/** A name whose entry is not on the master of the channel, as the cluster begins. */
const nameElsewhere = () => {
  for (let i = 0; ; i += 1) {
    if (masterOf(entryOf(`k${i}`)) !== masterOf(CHANNEL)) return `k${i}`;
  }
};

suite('applications on a cluster that has sharded pub/sub', () => {
  jest.setTimeout(60_000);
  let cluster: RedisClusterProcesses;
  let admins: Redis[];
  const open: { close(): Promise<unknown> }[] = [];

  beforeAll(async () => {
    cluster = await RedisClusterProcesses.start();
    admins = cluster.masters.map(({ url }) => new Redis(url));
  }, 60_000);
  afterEach(async () => {
    for (const master of cluster.masters) master.resume();
    await Promise.all(open.splice(0).map((it) => it.close()));
    await Promise.all(admins.map((admin) => admin.flushall()));
  });
  afterAll(async () => {
    for (const admin of admins) admin.disconnect();
    await cluster.stop();
  });

  const boot = async (
    options: Partial<RedisCacheModuleOptions> = {},
    connection: RedisConnectionOptions = { cluster: cluster.nodes },
    logger?: RecordingLogger,
  ) => {
    const bus = { ...PATIENT.bus, ...options.bus };
    const node = await CoherentNode.boot(connection, { ...PATIENT, ...options, bus }, logger);
    open.unshift(node);
    return node;
  };
  const bothHold = async (a: CoherentNode, b: CoherentNode, value: string, tags?: string[]) => {
    await a.caches.del('k');
    await eventually('both hold it', async () => {
      await a.read(value, tags);
      const { nearHits } = b.caches.getStats().total;
      const isRead = (await b.read(value, tags)) === value;
      return isRead && b.caches.getStats().total.nearHits > nearHits;
    });
  };
  const reads = (node: CoherentNode, value: string) =>
    eventually(`${value} is read`, async () => (await node.read(value)) === value, TOLD_WITHIN_MS);
  const bothHearOfEvictions = async (one: CoherentNode, other: CoherentNode) => {
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      await bothHold(from, to, 'old', ['lead-1']);
      await from.caches.evictTags(['lead-1']);
      await reads(to, 'new');
      await bothHold(from, to, 'old');
      await from.caches.del('k');
      await reads(to, 'new');
    }
  };
  /** How often a command was called on all the nodes since the statistics were reset. */
  const calls = async (command: string) => {
    const infos = await Promise.all(admins.map((admin) => admin.info('commandstats')));
    return infos.reduce((sum, info) => {
      const [, count = '0'] = new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(info) ?? [];
      return sum + Number(count);
    }, 0);
  };
  const ownerIndex = async () => {
    const owns = await Promise.all(
      admins.map(async (admin) => {
        const [mine = ''] = /^.*myself.*$/m.exec(String(await admin.cluster('NODES'))) ?? [];
        return mine
          .split(' ')
          .slice(8)
          .some((range) => {
            const [from = '', to = from] = range.split('-');
            return slotOf(CHANNEL) >= Number(from) && slotOf(CHANNEL) <= Number(to);
          });
      }),
    );
    return owns.indexOf(true);
  };

  it.each<[string, (node: CoherentNode) => Promise<unknown>]>([
    ['its key', (node) => node.caches.del('k')],
    ['a tag', (node) => node.caches.evictTags(['lead-1'])],
    ['everything', (node) => node.caches.flush()],
    ['a write', (node) => node.caches.set('k', 'new')],
  ])('tell each other of an eviction by %s, and no other node', async (_by, evict) => {
    const [a, b] = await Promise.all([boot(), boot()]);
    await bothHold(a, b, 'old', ['lead-1']);
    await Promise.all(admins.map((admin) => admin.config('RESETSTAT')));
    await evict(a);
    await reads(b, 'new');
    expect(await calls('spublish')).toBeGreaterThan(0);
    expect(await calls('publish')).toBe(0);
  });

  it.each<[string, () => Cluster | Cluster5]>([
    ['ioredis 6', () => new Cluster(cluster.nodes, { enableAutoPipelining: true })],
    ['ioredis 5', () => new Cluster5(cluster.nodes, { enableAutoPipelining: true })],
    ['ioredis 5, prefixing keys', () => new Cluster5(cluster.nodes, { keyPrefix: 'app:' })],
    ['ioredis 6, prefixing keys', () => new Cluster(cluster.nodes, { keyPrefix: 'app:' })],
  ])('do so over a client of the user: %s', async (_version, create) => {
    const clients = [create(), create()];
    for (const client of clients) open.push({ close: () => client.quit() });
    const [a, b] = await Promise.all(clients.map((client) => boot({}, client)));
    await bothHold(a as CoherentNode, b as CoherentNode, 'old');
    await Promise.all(admins.map((admin) => admin.config('RESETSTAT')));
    await a?.caches.del('k');
    await reads(b as CoherentNode, 'new');
    expect(await calls('spublish')).toBeGreaterThan(0);
    expect(await calls('publish')).toBe(0);
  });

  it('hear one that does not speak by it, and are heard by it', async () => {
    const sharded = await boot();
    const plain = await boot({ bus: { sharded: false } });
    await bothHearOfEvictions(sharded, plain);
  });

  it('do not trust their memory when the slot of the channel moves, and listen where it went', async () => {
    const [a, b] = await Promise.all([boot(), boot()]);
    await bothHold(a, b, 'old');
    const from = await ownerIndex();
    const to = (from + 1) % admins.length;
    const [source, target] = [admins[from] as Redis, admins[to] as Redis];
    const [sourceId, targetId] = [await source.cluster('MYID'), await target.cluster('MYID')];
    const slot = slotOf(CHANNEL);
    await target.cluster('SETSLOT', slot, 'IMPORTING', sourceId);
    await source.cluster('SETSLOT', slot, 'MIGRATING', targetId);
    await target.cluster('SETSLOT', slot, 'NODE', targetId);
    await source.cluster('SETSLOT', slot, 'NODE', targetId);
    await a.caches.del('k');
    await reads(b, 'new');
    await Promise.all([a.trusted(), b.trusted()]);
    expect(await ownerIndex()).toBe(to);
    await bothHold(a, b, 'old');
    await Promise.all(admins.map((admin) => admin.config('RESETSTAT')));
    await a.caches.del('k');
    await reads(b, 'new');
    expect(await calls('publish')).toBe(0);
  });

  it('take an eviction that could not be told for one that Redis has not acknowledged', async () => {
    const a = await boot({ timeouts: { command: '200ms' } });
    const owner = cluster.masters[await ownerIndex()];
    const key = nameElsewhere();
    await a.caches.set(key, 'v');
    const acknowledged: boolean[] = [];
    a.caches.on('evict', (event) => acknowledged.push(event.acknowledged));
    owner?.pause();
    await a.caches.del(key);
    expect(acknowledged).toEqual([false]);
    expect(a.caches.getStats().journal.unacknowledged).toBe(1);
    owner?.resume();
    await eventually(
      'it is replayed',
      () => a.mode === 'redis' && a.caches.getStats().journal.unacknowledged === 0,
      20_000,
    );
  });

  it('need no more rights than the README says', async () => {
    const rules = ['reset', 'on', '>pw', ...documentedRules()];
    await Promise.all(admins.map((admin) => admin.call('ACL', 'SETUSER', 'least', ...rules)));
    const connection = { cluster: cluster.nodes, username: 'least', password: 'pw' };
    const logger = new RecordingLogger();
    const a = await boot({ prefix: 'crm' }, connection, logger);
    const b = await boot({ prefix: 'crm' }, connection, logger);
    await bothHold(a, b, 'old', ['lead-1']);
    await a.caches.evictTags(['lead-1']);
    await reads(b, 'new');
    await a.caches.evictPattern('default/*');
    await reads(b, 'newer');
    await a.caches.purgeTenant();
    expect(logger.of('warn')).toEqual([]);
  });

  describe('of which a user has not all rights', () => {
    const userWithout = async (...rights: string[]) => {
      const rules = ['reset', 'on', '>pw', '~*', '&*', '+@all', ...rights.map((it) => `-${it}`)];
      await Promise.all(admins.map((admin) => admin.call('ACL', 'SETUSER', 'app', ...rules)));
      return { cluster: cluster.nodes, username: 'app', password: 'pw' };
    };

    it('speak by plain pub/sub when they may listen only', async () => {
      const logger = new RecordingLogger();
      const a = await boot({}, await userWithout('spublish'), logger);
      expect(String(logger.of('warn'))).toContain("'spublish'");
      const b = await boot();
      await bothHold(a, b, 'old');
      await a.caches.del('k');
      await reads(b, 'new');
    });

    it('do not trust their memory when they may not listen to it', async () => {
      const logger = new RecordingLogger();
      const booting = boot({}, await userWithout('ssubscribe'), logger);
      await logger.first('warn');
      expect(String(logger.of('warn'))).toContain("'ssubscribe'");
      await userWithout();
      await booting;
    });
  });

  it('are in step with one that has the server tell of keys as well, both ways', async () => {
    const tracking = await boot({ coherence: 'tracking' });
    const bus = await boot();
    await bothHearOfEvictions(tracking, bus);
  });
});

suite('applications on a cluster whose master of the channel dies', () => {
  jest.setTimeout(60_000);
  let cluster: RedisClusterProcesses;
  let nodes: CoherentNode[];

  beforeEach(async () => {
    cluster = await RedisClusterProcesses.start({ replicas: 1 });
    nodes = await Promise.all(
      [0, 1].map(() => CoherentNode.boot({ cluster: cluster.nodes }, PATIENT)),
    );
  }, 60_000);
  afterEach(async () => {
    await Promise.all(nodes.map((node) => node.close()));
    await cluster.stop();
  });

  it('do not trust their memory, and hear each other by its replica once that has taken over', async () => {
    const [a, b] = nodes as [CoherentNode, CoherentNode];
    const name = nameElsewhere();
    const isHeld = async (node: CoherentNode, value: string) => {
      const { nearHits } = node.caches.getStats().total;
      expect(await node.caches.wrap(name, () => value)).toBe(value);
      return node.caches.getStats().total.nearHits > nearHits;
    };
    await eventually('both hold it', async () => (await isHeld(a, 'old')) && isHeld(b, 'old'));
    await cluster.masters[masterOf(CHANNEL)]?.kill();
    const isTrusted = (node: CoherentNode) => node.caches.getStats().bus.trusted;
    await eventually('both know', () => !isTrusted(a) && !isTrusted(b));

    await a.caches.del(name);
    const seen: string[] = [];
    await eventually(
      'the eviction is seen, and both are trusted again',
      async () => {
        const [modeBefore, before] = [b.mode, b.caches.getStats()];
        const value = await b.caches.wrap(name, () => 'new');
        const after = b.caches.getStats();
        // While Redis is away what is in memory is the best there is.
        if (modeBefore === 'redis' && b.mode === 'redis') {
          seen.push(value);
          const trusted = before.bus.trusted || after.bus.trusted;
          if (!trusted) expect(after.total.nearHits).toBe(before.total.nearHits);
        }
        return isTrusted(a) && after.bus.trusted && a.mode === 'redis' && seen.includes('new');
      },
      20_000,
    );
    expect(seen.slice(seen.indexOf('new'))).not.toContain('old');

    const replica = new Redis(String(cluster.replicas[masterOf(CHANNEL)]?.url));
    try {
      await eventually('both hold it', async () => (await isHeld(a, 'new')) && isHeld(b, 'new'));
      await replica.config('RESETSTAT');
      await a.caches.del(name);
      await eventually(
        'it is evicted',
        async () => (await b.caches.wrap(name, () => 'newer')) === 'newer',
        TOLD_WITHIN_MS,
      );
      expect(await replica.info('commandstats')).toContain('cmdstat_spublish:');
      expect(await replica.info('commandstats')).not.toContain('cmdstat_publish:');
    } finally {
      replica.disconnect();
    }
  });
});
