import { rm } from 'node:fs/promises';
import { Redis } from 'ioredis';
import { CacheApps, ownPrefix } from '../support/cache-apps.js';
import { newDataFolder } from '../support/data-folder.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { ApartNode, Source, type ApartNodeOptions } from './support/apart-node.js';

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

jest.setTimeout(30_000);

type Eviction = readonly [string, (node: ApartNode) => Promise<unknown>];

const EVICTIONS: readonly Eviction[] = [
  ['its key', ({ caches }) => caches.cache('lead').del('k')],
  ['a write', ({ caches }) => caches.cache('lead').set('k', 'new')],
  ['a pattern', ({ caches }) => caches.evictPattern('lead/*')],
  ['a purge of its tenant', ({ caches }) => caches.purgeTenant()],
  ['a tag', ({ caches }) => caches.evictTags(['lead:1'])],
  ['its cache', ({ caches }) => caches.cache('lead').flush()],
  ['its tenant', ({ caches }) => caches.evictTenant()],
  ['everything', ({ app }) => app.caches.flush()],
];

describeWithServer('an application that is restarted with far: false, and back', () => {
  const apps = new CacheApps();
  let folder: string;
  let server: RedisServerProcess;
  let redis: Redis;
  let source: Source;
  let prefix: string;

  beforeAll(async () => {
    folder = await newDataFolder('apart');
    server = await RedisServerProcess.start({
      appendonlyDir: folder,
      args: ['--appendfsync', 'always'],
    });
    redis = new Redis(server.url, { retryStrategy: () => 20 });
    redis.on('error', () => undefined);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
    await rm(folder, { recursive: true });
  });
  beforeEach(() => {
    source = new Source();
    prefix = ownPrefix();
  });

  function boot(far: boolean, cache: ApartNodeOptions['cache'] = {}): Promise<ApartNode> {
    return ApartNode.boot(apps, source, { url: server.url, prefix, far, cache });
  }

  /** The entry in Redis. */
  const entry = () => redis.exists(`${prefix}:{acme/lead@1/k}`);
  const partings = async () =>
    (JSON.parse((await redis.get(`${prefix}:{}:rollout`)) ?? '{}') as { partings?: number })
      .partings;

  it.each(EVICTIONS)('leaves nothing stale that it has evicted by %s', async (by, evict) => {
    const [a, before] = [await boot(true), await boot(true)];
    await a.read();
    await before.read();
    await before.stop();
    const apart = await boot(false);
    expect([await apart.read(), await entry()]).toEqual(['old', 1]);
    source.value = 'new';
    const told = a.told();
    await evict(apart);
    const isDeleted = ['its key', 'a write', 'a pattern', 'a purge of its tenant'].includes(by);
    expect(await entry()).toBe(isDeleted ? 0 : 1);
    await told;
    expect([await a.read(), await apart.read()]).toEqual(['new', 'new']);
    expect([await partings(), apart.statistics.mode]).toEqual([1, 'memory']);
    await apart.stop();
    const after = await boot(true);
    expect([await after.read(), await a.read()]).toEqual(['new', 'new']);
    expect([await partings(), after.statistics.mode]).toEqual([2, 'redis']);
    expect(await redis.exists(`${prefix}:{}:stamp`)).toBe(1);
  });

  it('replays what it has evicted while Redis was dead, once that is back with its data', async () => {
    const [a, apart] = [await boot(true), await boot(false)];
    await a.read();
    await apart.read();
    await server.kill();
    await Promise.all([a.away(), apart.away()]);
    source.value = 'new';
    await apart.caches.cache('lead').del('k');
    expect(await apart.read()).toBe('new');
    expect(apart.statistics).toMatchObject({
      mode: 'memory',
      connection: 'suspended',
      journal: { unacknowledged: 1 },
    });
    await server.restart();
    await Promise.all([a.connected(), apart.connected()]);
    expect(apart.statistics.journal.unacknowledged).toBe(0);
    expect(await entry()).toBe(0);
    expect([await a.read(), await apart.read()]).toEqual(['new', 'new']);
  });

  it('leaves nothing stale though what it has evicted has never reached Redis', async () => {
    const a = await boot(true);
    await a.read();
    const apart = await boot(false);
    await server.kill();
    await Promise.all([a.away(), apart.away()]);
    source.value = 'new';
    await apart.caches.evictTags(['lead:1']);
    await apart.caches.cache('lead').del('k');
    await apart.stop();
    await server.restart();
    await a.connected();
    expect(await entry()).toBe(1);
    const after = await boot(true);
    expect([await after.read(), await a.read()]).toEqual(['new', 'new']);
    expect([await partings(), after.loads]).toEqual([2, 1]);
  });

  it('sends no command for a read, a look-up or a load, and no other for a write than its eviction', async () => {
    const apart = await boot(false);
    const named = new Set<string>();
    const monitor = await redis.monitor();
    const all = new Promise<void>((resolve) => {
      monitor.on('monitor', (_time: string, parts: string[]) => {
        for (const part of parts) if (part.startsWith(`${prefix}:{acme`)) named.add(part);
        if (parts.includes('the end')) resolve();
      });
    });
    const cache = apart.caches.cache('lead');
    for (let i = 0; i < 20; i += 1) {
      await cache.wrap(`k${i}`, () => i, { tags: [`lead:${i}`] });
      await cache.wrap(`k${i}`, () => -1);
      await cache.get(`none${i}`);
    }
    await cache.set('written', 'v');
    await redis.echo('the end');
    await all;
    monitor.disconnect();
    const written = `${prefix}:{acme/lead@1/written}`;
    expect([...named].sort()).toEqual([written, `${written}:lease`]);
    expect(await redis.keys(`${prefix}:{acme*`)).toEqual([]);
    expect(apart.statistics.total).toMatchObject({ nearHits: 20, leasesWon: 0, farErrors: 0 });
  });

  it('has no read wait while Redis hangs', async () => {
    const apart = await boot(false, { timeouts: { command: '10s', close: '100ms' } });
    await apart.read();
    server.pause();
    const beganMs = performance.now();
    const cache = apart.caches.cache('lead');
    const answers = [await apart.read(), await cache.wrap('other', () => 1), await cache.get('x')];
    const tookMs = performance.now() - beganMs;
    server.resume();
    expect(answers).toEqual(['old', 1, undefined]);
    expect(tookMs).toBeLessThan(5_000);
  });

  it('drops from its memory what another one evicts', async () => {
    const [a, apart] = [await boot(true), await boot(false)];
    await apart.read();
    source.value = 'new';
    for (const evict of [
      () => a.caches.cache('lead').del('k'),
      () => a.caches.evictTags(['lead:1']),
    ]) {
      await apart.read();
      const told = apart.told();
      await evict();
      await told;
      const { loads } = apart;
      expect([await apart.read(), apart.loads]).toEqual(['new', loads + 1]);
    }
  });
});
