import { rm } from 'node:fs/promises';
import { Redis } from 'ioredis';
import type { RedisCacheModuleOptions } from 'nestjs-redis-cache';
import { eventually } from '../integration/support/eventually.js';
import { newDataFolder } from '../support/data-folder.js';
import { CoherentNode } from './support/coherent-node.js';
import { Gate } from '../support/gate.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';

const suite = hasRedisBinary() ? describe : describe.skip;

suite.each<RedisCacheModuleOptions['coherence']>(['bus', 'tracking'])(
  'several applications on one Redis, in step by %s',
  (coherence) => {
    jest.setTimeout(60_000);
    let server: RedisServerProcess;
    let admin: Redis;
    let a: CoherentNode;
    let b: CoherentNode;
    let folder: string;

    beforeEach(async () => {
      folder = await newDataFolder('coherence');
      server = await RedisServerProcess.start({
        appendonlyDir: folder,
        args: ['--appendfsync', 'always'],
      });
      admin = new Redis(server.url, { retryStrategy: () => 20 });
      admin.on('error', () => undefined);
      const boot = () => CoherentNode.boot(server.url, { coherence });
      [a, b] = await Promise.all([boot(), boot()]);
    });
    afterEach(async () => {
      await Promise.all([a.close(), b.close()]);
      admin.disconnect();
      await server.stop();
      await rm(folder, { recursive: true });
    });

    let markers = 0;
    /** What one process tells, the other hears in order. */
    const allIsHeard = async () => {
      const marker = `marker-${++markers}`;
      const heard = new Promise<void>((resolve) => {
        b.caches.on('remoteInvalidation', ({ key }) => {
          if (key.includes(marker)) resolve();
        });
      });
      await a.caches.set(marker, 'v');
      await heard;
    };

    const bothHold = async (value: string, tags?: string[]) => {
      expect(await a.read(value, tags)).toBe(value);
      expect(await b.read('unused', tags)).toBe(value);
      expect(await b.read('unused', tags)).toBe(value);
    };

    it.each<[string, (node: CoherentNode) => Promise<unknown>]>([
      ['its key', (node) => node.caches.del('k')],
      ['a tag', (node) => node.caches.evictTags(['lead:1'])],
      ['its cache', (node) => node.caches.cache('default').flush()],
      ['its tenant', (node) => node.caches.evictTenant()],
      ['everything', (node) => node.caches.flush()],
      ['a write', (node) => node.caches.set('k', 'new')],
    ])('see within milliseconds what another one has evicted by %s', async (_by, evict) => {
      await bothHold('old', ['lead:1']);
      await evict(a);
      expect(await a.read('new')).toBe('new');
      await eventually(
        'the other one reads the new value',
        async () => (await b.read('newer')) !== 'old',
        500,
      );
      expect(await b.read('unused')).toBe('new');
    });

    it.each<[string, (node: CoherentNode) => Promise<unknown>]>([
      ['key', (node) => node.caches.del('k')],
      ['pattern', (node) => node.caches.evictPattern('default/*')],
    ])(
      'do not let calls join a load that another one has evicted by its %s',
      async (_by, evict) => {
        // Both know the stamps, whose making would be told as well.
        await bothHold('first');
        await allIsHeard();
        await b.read('unused');
        await b.caches.del('k');
        const gate = new Gate();
        const loading = b.caches.wrap('k', async () => (await gate.pass(), 'old'));
        await gate.reached;
        await evict(a);
        await allIsHeard();
        const later = b.read('new');
        gate.open();
        expect(await loading).toBe('old');
        expect(await later).toBe('new');
      },
    );

    it('publish nothing when they store what they have loaded', async () => {
      const channel = 'cache:bus';
      const heard: string[] = [];
      const listener = admin.duplicate({ protocol: 2 });
      await listener.subscribe(channel);
      listener.on('message', (_channel: string, text: string) => heard.push(text));
      await bothHold('v');
      await admin.publish(channel, 'the end');
      await eventually('all is heard', () => heard.includes('the end'));
      expect(heard).toEqual(['the end']);
      listener.disconnect();
    });

    it('do not trust their near tier while the connection that listens is cut, and start it empty', async () => {
      await bothHold('old');
      // What another one evicts now, nobody hears; but everybody knows that.
      expect(await admin.client('KILL', 'TYPE', 'PUBSUB')).toBeGreaterThanOrEqual(2);
      await a.caches.del('k');
      await eventually('the cut is noticed', async () => (await b.read('new')) === 'new', 1_000);
      await b.trusted();
      expect(await b.read('unused')).toBe('new');
    });

    it('stay away from what was evicted while Redis was dead, once it is back with its data', async () => {
      await bothHold('old', ['lead:1']);
      await a.caches.wrap('tagged', () => 'old', { tags: ['lead:2'] });
      await server.kill();
      await eventually('the outage is noticed', () => a.mode === 'fallback');
      await a.caches.del('k');
      await a.caches.evictTags(['lead:2']);
      await server.restart();
      await Promise.all([a.trusted(), b.trusted()]);
      expect(await admin.exists('cache:{acme/default@1/tagged}')).toBe(1);
      expect(await a.read('new')).toBe('new');
      expect(await b.read('unused')).toBe('new');
      expect(await b.caches.get('tagged')).toBeUndefined();
      expect(a.caches.getStats().journal.unacknowledged).toBe(0);
    });

    it('stay away from it when Redis hangs and an eviction times out', async () => {
      await bothHold('old');
      server.pause();
      await a.caches.del('k');
      expect(await a.read('meanwhile')).toBe('meanwhile');
      server.resume();
      await a.trusted();
      expect(await a.read('new')).toBe('new');
      await eventually(
        'the other one reads it too',
        async () => (await b.read('unused')) === 'new',
      );
    });

    it('take everything for gone after FLUSHALL and SCRIPT FLUSH, and go on', async () => {
      await bothHold('old');
      await admin.flushall();
      await admin.script('FLUSH');
      await a.caches.evictTenant();
      expect(await a.read('new')).toBe('new');
      await eventually(
        'the other one reads it too',
        async () => (await b.read('unused')) === 'new',
      );
    });

    it('leave no connection behind when they close', async () => {
      await Promise.all([a.close(), b.close()]);
      await eventually('only the test is connected', async () => {
        const clients = String(await admin.client('LIST'));
        return clients.trim().split('\n').length === 1;
      });
    });
  },
);

suite('applications with coherence by ttl', () => {
  it('use their near tier without a bus, and open no connection for one', async () => {
    const server = await RedisServerProcess.start();
    const admin = new Redis(server.url);
    const node = await CoherentNode.boot(server.url, { coherence: 'ttl' });
    const clients = String(await admin.client('LIST'));
    expect(clients).not.toContain('sub=1');
    await node.close();
    admin.disconnect();
    await server.stop();
  });
});
