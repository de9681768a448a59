import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { HeldClient } from '../integration/support/held-client.js';
import { eventually } from '../integration/support/eventually.js';
import { RecordingLogger } from '../module/support/recording-logger.js';
import { serverHas } from '../support/redis/redis-binary.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { CoherentNode } from './support/coherent-node.js';

const suite = hasRedisBinary() ? describe : describe.skip;

const ENTRY = 'cache:{acme/default@1/k}';
const NEVER_TRIES = { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 2_000 };
/** What is told arrives in a millisecond or two; what is not told stays in memory for an hour. */
const TOLD_WITHIN_MS = 2_000;

suite('an application in step by tracking', () => {
  jest.setTimeout(60_000);
  let server: RedisServerProcess;
  let admin: Redis;
  const open: { close(): Promise<unknown> }[] = [];

  beforeEach(async () => {
    server = await RedisServerProcess.start();
    admin = new Redis(server.url);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((it) => it.close()));
    admin.disconnect();
    await server.stop();
  });

  const boot = async (
    connection: Parameters<typeof CoherentNode.boot>[0] = server.url,
    logger?: RecordingLogger,
  ) => {
    const node = await CoherentNode.boot(connection, { coherence: 'tracking' }, logger);
    open.unshift(node);
    return node;
  };
  const clientOf = (make: (url: string, options: object) => Redis | Redis5, options = {}) => {
    const client = make(server.url, { ...NEVER_TRIES, ...options });
    open.push({ close: () => client.quit() });
    return client;
  };
  /** The near tier holds the entry: what is read comes from there. */
  const holds = async (node: CoherentNode, value: string, tags?: string[]) => {
    await eventually(`${value} is held`, async () => {
      const { nearHits } = node.caches.getStats().total;
      expect(await node.read(value, tags)).toBe(value);
      return node.caches.getStats().total.nearHits > nearHits;
    });
  };
  const reads = (node: CoherentNode, value: string) =>
    eventually(`${value} is read`, async () => (await node.read(value)) === value, TOLD_WITHIN_MS);

  const ioredis6 = (url: string, options: object) => new Redis(url, options);
  const ioredis5 = (url: string, options: object) => new Redis5(url, options);

  describe.each([
    ['6', ioredis6],
    ['5', ioredis5],
  ])('with ioredis %s', (_version, make) => {
    let node: CoherentNode;

    beforeEach(async () => {
      node = await boot(clientOf(make));
    });

    it.each<[string, () => Promise<unknown>]>([
      ['deletes an entry', () => admin.del(ENTRY)],
      ['overwrites an entry', () => admin.set(ENTRY, 'no entry')],
      ['has an entry expire', () => admin.pexpire(ENTRY, 1)],
      ['deletes the stamp of a tenant', () => admin.del('cache:{acme}:stamp')],
      ['deletes the stamp of a tag', () => admin.del('cache:{acme/#lead-1}:stamp')],
      ['empties the server', () => admin.flushall()],
      ['empties the database', () => admin.flushdb('ASYNC')],
    ])('sees at once that somebody else %s', async (_what, change) => {
      await holds(node, 'old', ['lead-1']);
      await change();
      await reads(node, 'new');
    });

    it('sees that several entries were deleted at once', async () => {
      const caches = node.caches.cache('many');
      const names = ['a', 'b', 'c', 'd,e'];
      const read = (value: string) =>
        Promise.all(names.map((name) => caches.wrap(name, () => value)));
      const allHeld = async () => {
        const { nearHits } = node.caches.getStats().total;
        await read('old');
        return node.caches.getStats().total.nearHits === nearHits + names.length;
      };
      await eventually('all are held', allHeld);
      const keys = await admin.keys('cache:{acme/many@1/*}');
      expect(await admin.del(...keys)).toBe(names.length);
      await eventually('all are new', async () => String(await read('new')) === 'new,new,new,new');
    });

    it('is not trusted while its connection is cut, and starts empty on a new one', async () => {
      await holds(node, 'old');
      const cut = await admin.client('KILL', 'TYPE', 'PUBSUB');
      await admin.del(ENTRY);
      expect(cut).toBe(1);
      await reads(node, 'new');
      await node.trusted();
      await holds(node, 'new');
      await admin.del(ENTRY);
      await reads(node, 'newer');
    });
  });

  it('sees an entry expire in Redis that it would keep for longer', async () => {
    const node = await boot();
    await holds(node, 'old');
    await admin.pexpire(ENTRY, 300);
    await holds(node, 'old');
    await reads(node, 'new');
    expect(await admin.exists(ENTRY)).toBe(1);
  });

  it('sees an entry go for want of memory', async () => {
    const node = await boot();
    await holds(node, 'old');
    await admin.config('SET', 'maxmemory-policy', 'allkeys-random');
    await admin.config('SET', 'maxmemory', '3mb');
    const large = 'x'.repeat(50_000);
    for (let i = 0; await admin.exists(ENTRY); i += 1) await admin.set(`other:${i}`, large);
    await admin.config('SET', 'maxmemory', '0');
    await reads(node, 'new');
  });

  it('keeps what it has loaded, once the server has told of the fill', async () => {
    const node = await boot();
    await holds(node, 'v');
    expect(node.loads).toBe(1);
    const before = node.caches.getStats().total;
    for (let i = 0; i < 50; i += 1) await node.read('unused');
    const after = node.caches.getStats().total;
    expect(after.nearHits - before.nearHits).toBe(50);
    expect(after.farHits).toBeLessThanOrEqual(2);
  });

  it('does not keep an entry of which the server has told before it arrived', async () => {
    const held = new HeldClient(server.url);
    open.push({ close: () => held.redis.quit() });
    const other = await boot();
    const node = await boot(held.redis);
    await other.read('old');
    const told = new Promise<void>((resolve) => {
      node.caches.on('trackedChange', ({ key }) => {
        if (key === ENTRY) resolve();
      });
    });
    const gate = held.holdAfter('getBuffer');
    const reading = node.read('unused');
    await gate.reached;
    // The reply is read while the gate is shut: the test must not delete before Redis has answered.
    await eventually('Redis has answered', async () => (await admin.touch(ENTRY)) === 1);
    await admin.del(ENTRY);
    await told;
    gate.open();
    expect(await reading).toBe('old');
    expect(await node.read('new')).toBe('new');
  });

  it('keeps to keys of its own, with whatever the client puts in front of them', async () => {
    const node = await boot(clientOf(ioredis6, { keyPrefix: 'app:' }));
    await holds(node, 'old');
    await admin.del(ENTRY);
    await holds(node, 'old');
    await admin.del(`app:${ENTRY}`);
    await reads(node, 'new');
  });

  it('is in step with one that uses the bus, both ways', async () => {
    const tracking = await boot();
    const bus = await CoherentNode.boot(server.url);
    open.unshift(bus);
    for (const [from, to] of [
      [tracking, bus],
      [bus, tracking],
    ] as const) {
      await from.caches.del('k');
      await holds(to, 'old', ['lead-1']);
      await from.caches.evictTags(['lead-1']);
      await reads(to, 'new');
      await holds(to, 'new');
      await from.caches.del('k');
      await reads(to, 'old');
    }
  });

  it('lets a write by a decorated method stand, though the server tells of it first', async () => {
    const node = await boot();
    for (let i = 0; i < 20; i += 1) {
      await node.caches.set('k', `v${i}`);
      expect(await node.caches.get('k')).toBe(`v${i}`);
    }
    expect(await admin.exists(ENTRY)).toBe(1);
  });

  describe('where the server does not track keys', () => {
    const WARNING = /^coherence: 'tracking' is not possible \(.+\), so the bus is used/;

    const whereSubcommandsHaveRules = serverHas('ACL rules for subcommands') ? it : it.skip;
    whereSubcommandsHaveRules(
      'uses the bus, and warns once, when a user may not ask for it',
      async () => {
        await admin.call(
          'ACL',
          'SETUSER',
          'app',
          'on',
          '>pw',
          '~*',
          '&*',
          '+@all',
          '-client|tracking',
        );
        const url = `redis://app:pw@127.0.0.1:${server.port}`;
        const logger = new RecordingLogger();
        const node = await boot(url, logger);
        expect(await admin.client('KILL', 'TYPE', 'PUBSUB')).toBe(1);
        await node.trusted();
        const warnings = logger.of('warn').map(([text]) => String(text));
        expect(warnings).toEqual([expect.stringMatching(WARNING)]);
        expect(warnings[0]).toContain("'client|tracking'");
        const other = await boot(url);
        await holds(node, 'old');
        await other.caches.del('k');
        await reads(node, 'new');
      },
    );

    it('uses the bus when the server does not know of it, as a proxy', async () => {
      const proxy = await RedisServerProcess.start({ args: ['--rename-command', 'CLIENT', ''] });
      open.push({ close: () => proxy.stop() });
      const logger = new RecordingLogger();
      const node = await boot(proxy.url, logger);
      expect(logger.of('warn')).toEqual([[expect.stringMatching(WARNING), 'RedisCache']]);
      const other = await boot(proxy.url);
      await holds(node, 'old');
      await other.caches.del('k');
      await reads(node, 'new');
    });
  });

  it('leaves no connection behind when it closes', async () => {
    const node = await boot();
    await holds(node, 'v');
    await node.close();
    await eventually('only the test is connected', async () => {
      const clients = String(await admin.client('LIST'));
      return clients.trim().split('\n').length === 1;
    });
  });
});
