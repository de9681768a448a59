import { randomUUID } from 'node:crypto';
import { Cluster, Redis } from 'ioredis';
import Redis5, { Cluster as Cluster5 } from 'ioredis-5';
import { createClient } from '../../libs/redis-cache/src/connection/create-client.js';
import type { RedisClientLike } from '../../libs/redis-cache/src/connection/redis-client.interface.js';
import { encodeKey } from '../../libs/redis-cache/src/keys/arguments.js';
import { HOSTILE_STRINGS } from '../../libs/redis-cache/src/keys/hostile-strings.fixture.js';
import { KeySpace } from '../../libs/redis-cache/src/keys/key-space.js';
import { RedisClusterProcesses } from '../support/redis/redis-cluster.js';
import { serverHas } from '../support/redis/redis-binary.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { RedisFarSubject, type RawClient } from './support/redis-far.subject.js';

const describeWithServer = hasRedisBinary() ? describe : describe.skip;
/** Of its own: a program that a server of another test had on this port may connect again. */
const keys = new KeySpace(`sweep-${randomUUID()}`);
const entry = (key: string, tenant: string | null = 'acme', cache = 'lead'): string =>
  keys.entry(tenant, cache, 1, encodeKey(key));
const pattern = keys.pattern('acme', 'lead/*');

/** Calls `onStep` with every reply of a walk, before the walk goes on. */
function watched<C extends RedisClientLike>(client: C, onStep: (found: string[]) => unknown): C {
  const { scanBuffer } = client;
  const step: RedisClientLike['scanBuffer'] = async (...args) => {
    const reply = await scanBuffer.apply(client, args);
    await onStep(reply[1].map(String));
    return reply;
  };
  return Object.assign(client, { scanBuffer: step });
}

describeWithServer('a sweep through a server', () => {
  let server: RedisServerProcess;
  let admin: Redis;
  const open: RedisFarSubject[] = [];

  beforeAll(async () => {
    server = await RedisServerProcess.start();
    admin = new Redis(server.url);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((subject) => subject.close()));
    await admin.flushall();
  });
  afterAll(async () => {
    admin.disconnect();
    await server.stop();
  });

  async function connect(client: RawClient = createClient({ url: server.url })) {
    const subject = await RedisFarSubject.open(client, server.url);
    open.push(subject);
    return subject.store;
  }

  async function left(): Promise<string[]> {
    return (await admin.keys(`*${keys.prefix}:*`)).sort();
  }

  it('goes in bounded steps, never by KEYS, and deletes without blocking', async () => {
    const names = Array.from({ length: 3_000 }, (_, i) => entry(String(i)));
    const others = Array.from({ length: 3_000 }, (_, i) => entry(String(i), 'other'));
    await admin.mset(Object.fromEntries([...names, ...others].map((name) => [name, 'v'])));
    const steps: number[] = [];
    const store = await connect();
    await admin.config('RESETSTAT');
    const count = await store.sweep(pattern.entries, ({ scanned, deleted }) => {
      expect(scanned).toBe(deleted);
      steps.push(deleted);
    });
    expect(count).toBe(3_000);
    const stats = await admin.info('commandstats');
    expect(await left()).toEqual(others.sort());
    expect(stats).toMatch(new RegExp(`cmdstat_scan:calls=${steps.length},`));
    expect(steps.length).toBeGreaterThanOrEqual(6_000 / 500 / 2);
    expect(stats).not.toMatch(/cmdstat_(keys|del):calls=[^0]/i);
  });

  it('finds every hostile tenant, cache and key, and of them just what is meant', async () => {
    const texts = HOSTILE_STRINGS.filter((text) => text !== '');
    const caches = texts.filter((text) => text.length <= 100);
    const store = await connect();
    for (const tenant of texts) {
      const own = caches.map((cache) => entry('k', tenant, cache));
      const others = texts.filter((other) => other !== tenant).map((other) => entry('k', other));
      await admin.mset(Object.fromEntries([...own, ...others].map((name) => [name, 'v'])));
      await admin.set(keys.lease(own[0] as string), 'token');
      expect(await store.sweep(keys.pattern(tenant, '*').leases)).toBe(1);
      expect(await store.sweep(keys.pattern(tenant, '*').entries)).toBe(new Set(own).size);
      expect(await left()).toEqual([...new Set(others)].sort());
      await admin.flushall();
    }
  });

  it.each<[string, (prefix: string) => RawClient]>([
    ['ioredis 6', (keyPrefix) => new Redis(server.url, { lazyConnect: true, keyPrefix })],
    ['ioredis 5', (keyPrefix) => new Redis5(server.url, { lazyConnect: true, keyPrefix })],
  ])(
    'stays under the keyPrefix of a client of the user, whatever is in it: %s',
    async (_v, create) => {
      for (const prefix of ['app:', 'a[b]*?\\^:', 'é ']) {
        const elsewhere = ['app:', 'ab:', 'a[b]x:', 'é'].map((other) => other + entry('1'));
        await admin.mset(Object.fromEntries(elsewhere.map((name) => [name, 'v'])));
        await admin.mset(prefix + entry('1'), 'v', prefix + keys.lease(entry('1')), 'v', entry('1'), 'v'); // prettier-ignore
        const store = await connect(create(prefix));
        expect(await store.sweep(pattern.leases)).toBe(1);
        expect(await store.sweep(pattern.entries)).toBe(1);
        const others = [...elsewhere, entry('1')].filter((name) => name !== prefix + entry('1'));
        expect(await left()).toEqual(others.sort());
        await admin.flushall();
      }
    },
  );

  it('does not vouch for what it found if the connection was lost in between', async () => {
    const names = Array.from({ length: 2_000 }, (_, i) => entry(String(i)));
    await admin.mset(Object.fromEntries(names.map((name) => [name, 'v'])));
    // A client of the user that connects anew and sends again would go on as if nothing had been.
    const client = new Redis(server.url, { lazyConnect: true });
    let cuts = 0;
    const store = await connect(
      watched(client, async () => {
        if (cuts++ > 0) return;
        await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        await new Promise((resolve) => client.once('ready', resolve));
      }),
    );
    await expect(store.sweep(pattern.entries)).rejects.toMatchObject({ code: 'FAR_UNAVAILABLE' });
  });

  const whereChannelsHaveRules = serverHas('ACL rules for channels') ? it : it.skip;
  whereChannelsHaveRules('is told of to others as far as the server permits', async () => {
    await admin.acl('SETUSER', 'mute', 'on', '>secret', '~*', 'resetchannels', '+@all');
    const url = server.url.replace('//', '//mute:secret@');
    const store = await connect(createClient({ url }));
    await expect(store.announce(pattern)).resolves.toBeUndefined();
    await expect(store.publish(keys.channel(), 'x')).rejects.toThrow('NOPERM');
  });
});

describeWithServer('a sweep through a cluster', () => {
  let cluster: RedisClusterProcesses;
  let subject: RedisFarSubject | undefined;
  let masters: Redis[] = [];

  beforeAll(async () => {
    cluster = await RedisClusterProcesses.start();
    masters = cluster.masters.map(({ url }) => new Redis(url).on('error', () => undefined));
  }, 60_000);
  afterEach(async () => {
    await subject?.close();
    await Promise.all(masters.map((master) => master.flushall()));
  });
  afterAll(async () => {
    for (const master of masters) master.disconnect();
    await cluster.stop();
  });

  const connect = async (client: RawClient = createClient({ cluster: cluster.nodes })) => {
    subject = await RedisFarSubject.open(client, cluster.masters[0]?.url as string);
    return subject.store;
  };

  async function put(names: readonly string[]): Promise<void> {
    const client = new Cluster(cluster.nodes);
    await Promise.all(names.map((name) => client.set(name, 'v')));
    client.disconnect();
  }

  async function left(): Promise<string[]> {
    return (await Promise.all(masters.map((master) => master.keys(`*${keys.prefix}:*`))))
      .flat()
      .sort();
  }

  it.each<[string, string, () => RawClient]>([
    ['a client of ours', '', () => createClient({ cluster: cluster.nodes })],
    ['ioredis 6', '', () => new Cluster(cluster.nodes, { lazyConnect: true })],
    [
      'ioredis 6 with a keyPrefix',
      'a*:',
      () => new Cluster(cluster.nodes, { lazyConnect: true, keyPrefix: 'a*:' }),
    ],
    [
      'ioredis 5 with a keyPrefix for each node',
      'a[b]:',
      () =>
        new Cluster5(cluster.nodes, { lazyConnect: true, redisOptions: { keyPrefix: 'a[b]:' } }),
    ],
  ])('reaches every master: %s', async (_client, prefix, create) => {
    const names = Array.from({ length: 300 }, (_, i) => entry(String(i)));
    const others = [entry('1', 'acme.eu'), entry('1', null), entry('1', 'acme', 'note')];
    await put([...names, ...names.map((name) => keys.lease(name)), ...others].map((name) => prefix + name)); // prettier-ignore
    const store = await connect(create());
    const nodes: number[] = [];
    expect(await store.sweep(pattern.leases)).toBe(300);
    expect(await store.sweep(pattern.entries, ({ node }) => nodes.push(node))).toBe(300);
    expect([...new Set(nodes)]).toEqual([1, 2, 3]);
    expect(await left()).toEqual(others.map((name) => prefix + name).sort());
  });

  it('does not vouch for what it found while slots are moving', async () => {
    const name = entry('1');
    await put([name]);
    const store = await connect();
    const slot = await (masters[0] as Redis).cluster('KEYSLOT', name);
    const counts = await Promise.all(masters.map((m) => m.cluster('COUNTKEYSINSLOT', slot)));
    const from = masters[counts.findIndex((count) => count > 0)] as Redis;
    const to = masters.find((master) => master !== from) as Redis;
    const [fromId, toId] = [await from.cluster('MYID'), await to.cluster('MYID')];
    await to.cluster('SETSLOT', slot, 'IMPORTING', fromId);
    await from.cluster('SETSLOT', slot, 'MIGRATING', toId);
    await expect(store.sweep(pattern.entries)).rejects.toMatchObject({ code: 'FAR_UNAVAILABLE' });
    await to.cluster('SETSLOT', slot, 'STABLE');
    await from.cluster('SETSLOT', slot, 'STABLE');
    expect(await store.sweep(keys.tenantKeys('acme'))).toBeLessThanOrEqual(1);
    expect(await left()).toEqual([]);
  });

  it('does not vouch for what it found where a slot has moved meanwhile', async () => {
    await put(Array.from({ length: 30 }, (_, i) => entry(String(i))));
    const [first, second] = masters as [Redis, Redis];
    const slot = 0;
    const owners = async (to: Redis) => {
      const id = await to.cluster('MYID');
      for (const master of masters) await master.cluster('SETSLOT', slot, 'NODE', id);
    };
    const store = await connect();
    let steps = 0;
    const moved: Promise<void>[] = [];
    const sweeping = store.sweep(pattern.entries, () => {
      if (steps++ === 0) moved.push(owners(second));
    });
    await expect(sweeping).rejects.toMatchObject({ code: 'FAR_UNAVAILABLE' });
    await Promise.all(moved);
    await owners(first);
  });

  it('does not vouch for what it found while a master is missing', async () => {
    const store = await connect();
    await cluster.masters[2]?.kill();
    await expect(store.sweep(pattern.entries)).rejects.toThrow();
    await cluster.masters[2]?.restart();
  }, 20_000);
});
