import { Redis } from 'ioredis';
import type { RedisCacheModuleOptions } from 'nestjs-redis-cache';
import { eventually } from '../integration/support/eventually.js';
import { LeadNode } from '../integration/support/lead-node.js';
import { PATIENCE } from '../integration/support/patience.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';

const suite = hasRedisBinary() ? describe : describe.skip;

const ID = '7';

suite('two applications, of which one changes what the other keeps', () => {
  let server: RedisServerProcess;
  let admin: Redis;
  const running: LeadNode[] = [];

  beforeEach(async () => {
    server = await RedisServerProcess.start();
    admin = new Redis(server.url, { protocol: 2 });
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((node) => node.close()));
    admin.disconnect();
    await server.stop();
  });

  const boot = async (bus: RedisCacheModuleOptions['bus'] = {}): Promise<LeadNode> => {
    const node = await LeadNode.boot({
      connection: { url: server.url },
      prefix: 'crm',
      defaults: { ttl: '1h', near: { ttl: '1h' } },
      source: { url: server.url, name: 'source' },
      timeouts: PATIENCE.timeouts,
      bus: { ...PATIENCE.bus, ...bus },
    });
    running.push(node);
    await node.inMode('redis');
    return node;
  };

  const hitsOf = async (node: LeadNode) => {
    const { nearHits, farHits, misses, remoteEvictions } = (await node.stats()).total;
    return { nearHits, farHits, misses, remoteEvictions };
  };

  /** Until the node keeps the leads of both tenants. */
  const keepBoth = async (node: LeadNode) => {
    await eventually('both leads are kept', async () => {
      const before = await hitsOf(node);
      for (const tenant of ['acme', 'other']) await node.read(tenant, ID);
      return (await hitsOf(node)).nearHits === before.nearHits + 2;
    });
  };

  const heardOne = async (node: LeadNode, since: { remoteEvictions: number }) => {
    await eventually(
      'the other one has heard of it',
      async () => (await hitsOf(node)).remoteEvictions > since.remoteEvictions,
    );
  };

  it.each<'rename' | 'set'>(['rename', 'set'])(
    'reads what the other one puts into the cache by %s, without asking Redis for it',
    async (change) => {
      const [a, b] = [await boot(), await boot()];
      const texts: string[] = [];
      const listener = admin.duplicate();
      await listener.subscribe('crm:bus');
      listener.on('message', (_channel: string, text: string) => texts.push(text));
      await keepBoth(b);
      let before = await hitsOf(b);
      // The first time the server does not know the script, and what is told is the same.
      for (const name of ['Ada', 'Grace']) {
        await a[change]('acme', ID, name);
        await heardOne(b, before);
        expect(await b.read('acme', ID)).toEqual({ id: ID, name });
        expect(await b.read('other', ID)).toEqual({ id: ID, name: 'nobody' });
        const after = await hitsOf(b);
        expect(after).toEqual({
          ...before,
          nearHits: before.nearHits + 2,
          remoteEvictions: before.remoteEvictions + 1,
        });
        before = after;
      }
      const stored = await admin.get('crm:{acme/lead@1/7}');
      expect(stored).toContain('{"id":"7","name":"Grace"}');
      const told = texts.filter((text) => text.includes('lead@1/7}'));
      expect(told).toHaveLength(2);
      expect(told[1]).toMatch(/^1 \S+ e crm:\{acme\/lead@1\/7\} [\w-]{5} /);
      expect(told[1]?.endsWith(` ${stored ?? ''}`)).toBe(true);
      listener.disconnect();
    },
  );

  it('asks Redis for it where entries are not to be told, and where it was evicted', async () => {
    const [a, b] = [await boot({ maxEntryBytes: 0 }), await boot()];
    await keepBoth(b);
    for (const change of ['set', 'rename'] as const) {
      const before = await hitsOf(b);
      await a[change]('acme', ID, change);
      await heardOne(b, before);
      expect(await b.read('acme', ID)).toEqual({ id: ID, name: change });
      expect(await hitsOf(b)).toMatchObject({
        farHits: before.farHits + 1,
        nearHits: before.nearHits,
      });
    }
    const before = await hitsOf(a);
    await b.change('acme', ID, 'evicted');
    await heardOne(a, before);
    expect(await a.read('acme', ID)).toEqual({ id: ID, name: 'evicted' });
    expect(await hitsOf(a)).toMatchObject({ misses: before.misses + 1, nearHits: before.nearHits });
  });
});
