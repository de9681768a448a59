import { Redis } from 'ioredis';
import {
  escapePattern,
  PurgeIncompleteError,
  TenantMissingError,
  type CacheService,
  type PurgeProgress,
} from 'nestjs-redis-cache';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { CacheApps, ownPrefix, TIERS } from '../support/cache-apps.js';
import { RecordingLogger } from './support/recording-logger.js';

const TENANTS = ['acme', 'acme.eu', '{acme}', '*', 'acme/lead'];

describe.each(TIERS)('CacheService (%s): patterns, purge and explain', (tier) => {
  const apps = new CacheApps();
  let caches: CacheService;
  let prefix: string;
  let logger: RecordingLogger;

  beforeEach(async () => {
    prefix = ownPrefix();
    const cache = { prefix, caches: { settings: { scope: 'global' as const } } };
    logger = new RecordingLogger();
    ({ caches } = await apps.boot({ tier, cache, logger }));
    for (const tenant of TENANTS) {
      const view = caches.forTenant(tenant);
      await view.cache('lead.byPhone').mset(
        [
          ['+15551', tenant],
          ['+15552', tenant],
          ['*', tenant],
        ],
        { tags: ['t'] },
      );
      await view.cache('lead.byId').set('+15551', tenant);
      await view.set('+15551', tenant);
    }
    await caches.cache('settings').set('theme', 'global');
  });

  /** What a tenant still has, as cache/key. */
  async function left(tenant: string): Promise<string[]> {
    const view = caches.forTenant(tenant);
    const all = ['lead.byPhone', 'lead.byId', 'default'].flatMap((cache) =>
      ['+15551', '+15552', '*'].map((key) => ({ cache, key })),
    );
    const there = await Promise.all(all.map(({ cache, key }) => view.cache(cache).exists(key)));
    return all.filter((_, i) => there[i]).map(({ cache, key }) => `${cache}/${key}`);
  }

  const ALL = [
    'lead.byPhone/+15551',
    'lead.byPhone/+15552',
    'lead.byPhone/*',
    'lead.byId/+15551',
    'default/+15551',
  ];

  async function expectOthersUntouched(): Promise<void> {
    for (const tenant of TENANTS.slice(1)) expect([tenant, ...(await left(tenant))]).toEqual([tenant, ...ALL]); // prettier-ignore
    expect(await caches.cache('settings').get('theme')).toBe('global');
  }

  it.each<[string, string[]]>([
    ['lead.byPhone', ['lead.byId/+15551', 'default/+15551']],
    ['lead.byPhone/+1555*', ['lead.byPhone/*', 'lead.byId/+15551', 'default/+15551']],
    ['lead.*', ['default/+15551']],
    ['*/+15551', ['lead.byPhone/+15552', 'lead.byPhone/*']],
    [`lead.byPhone/${escapePattern('*')}`, ALL.filter((name) => name !== 'lead.byPhone/*')],
    ['lead.byPhone/?', ALL.filter((name) => name !== 'lead.byPhone/*')],
    ['*', []],
    ['nothing', ALL],
  ])('evict by %s, of one tenant', async (pattern, rest) => {
    const count = await caches.forTenant('acme').evictPattern(pattern);
    expect(count).toBe(ALL.length - rest.length);
    expect(await left('acme')).toEqual(rest);
    await expectOthersUntouched();
  });

  it('evict by pattern from the global caches', async () => {
    expect(await caches.forTenant('acme').evictGlobalPattern('set*/t*')).toBe(1);
    expect(await caches.cache('settings').exists('theme')).toBe(false);
    expect(await left('acme')).toEqual(ALL);
  });

  it('take the tenant from the context, and refuse to go on without one', async () => {
    await caches.runWithTenant('acme', () => caches.evictPattern('*'));
    expect(await left('acme')).toEqual([]);
    for (const [operation, call] of [
      ['CacheService.evictPattern', () => caches.evictPattern('*')],
      ['CacheService.purgeTenant', () => caches.purgeTenant()],
      [`explain in the cache 'lead'`, () => caches.explain('lead', 'k')],
    ] as const) {
      await expect(call()).rejects.toBeInstanceOf(TenantMissingError);
      await expect(call()).rejects.toMatchObject({ operation });
    }
    await expectOthersUntouched();
  });

  it('purge a tenant, and nothing of another one', async () => {
    const told: PurgeProgress[] = [];
    const heard: PurgeProgress[] = [];
    caches.on('purgeProgress', (progress) => heard.push(progress));
    const count = await caches.forTenant('acme').purgeTenant({
      onProgress: (progress) => {
        told.push(progress);
        throw new Error('of a listener, and heard by nobody but the log');
      },
    });
    expect(count).toBeGreaterThanOrEqual(ALL.length);
    if (tier === 'redis') {
      expect(told.at(-1)).toMatchObject({ tenant: 'acme', node: 1, nodes: 1, deleted: count });
      expect(heard).toEqual(told);
      expect(await keysOf('acme')).toEqual([]);
    }
    expect(await left('acme')).toEqual([]);
    await expectOthersUntouched();
  });

  it('explain an entry, of the tenant and globally', async () => {
    const ofAcme = await caches.forTenant('acme').explain('lead.byPhone', '+15551');
    const hit = { kind: 'hit', tier: 'near', refreshes: false };
    expect(ofAcme).toMatchObject({ mode: tier, near: { kind: 'entry', state: 'fresh' } });
    if (tier === 'memory') {
      expect(ofAcme).toMatchObject({ outlook: hit, bus: 'none', far: { kind: 'off' } });
      expect(ofAcme.connection).toBeUndefined();
    } else {
      expect(ofAcme.far).toMatchObject({ state: 'fresh', codec: { name: 'json' } });
      expect(ofAcme.connection).toMatchObject({ kind: 'ready' });
    }
    expect(await caches.forTenant('other').explain('lead.byPhone', '+15551')).toMatchObject({
      outlook: { kind: 'miss', reason: 'absent', then: 'load' },
    });
    expect(await caches.explain('settings', 'theme')).toMatchObject({
      entry: { tenant: null, cache: 'settings', key: 'theme' },
      near: { state: 'fresh' },
    });
    await caches.forTenant('acme').evictPattern('lead.*');
    expect(await caches.forTenant('acme').explain('lead.byPhone', '+15551')).toMatchObject({
      outlook: { kind: 'miss' },
      lastInvalidation: { level: 'pattern', by: 'this process' },
    });
  });

  async function keysOf(tenant: string): Promise<string[]> {
    const redis = new Redis(String(process.env.REDIS_URL));
    const keys = await redis.keys(`${prefix}:{${tenant}[/}]*`);
    redis.disconnect();
    return keys;
  }
});

(hasRedisBinary() ? describe : describe.skip)('CacheService: a purge with Redis away', () => {
  const apps = new CacheApps();

  it('rejects with an error that says what to do, and serves nothing from before', async () => {
    const server = await RedisServerProcess.start();
    const connection = { url: server.url };
    const { caches } = await apps.boot({ cache: { connection, prefix: ownPrefix() } as object });
    const acme = caches.forTenant('acme');
    await acme.set('k', 'old');
    await server.kill();
    const purging = acme.purgeTenant();
    await expect(purging).rejects.toBeInstanceOf(PurgeIncompleteError);
    await expect(purging).rejects.toMatchObject({
      code: 'PURGE_INCOMPLETE',
      tenant: 'acme',
      deleted: 0,
      message:
        `The tenant 'acme' is not erased: Redis is away, or failed after 0 keys were deleted. ` +
        'Nothing of it is served any more. Call purgeTenant() again once Redis is back, until it resolves.',
    });
    expect(await acme.get('k')).toBeUndefined();
    expect(await acme.explain('default', 'k')).toMatchObject({
      mode: 'fallback',
      far: { kind: 'away' },
      outlook: { kind: 'miss', reason: 'away', then: 'load' },
      lastInvalidation: { level: 'tenant', by: 'this process' },
    });
    await server.stop();
  });
});
