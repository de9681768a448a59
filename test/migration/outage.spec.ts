import type { CacheService } from 'nestjs-redis-cache';
import { inMode } from '../integration/support/cache-app.js';
import { CacheApps } from '../support/cache-apps.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { CACHE, keyOf, leadMap } from './support/lead-map.js';

const ADA = keyOf('acme', '+1');
const BOB = keyOf('acme', '+2');

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

describeWithServer('while Redis is away', () => {
  const apps = new CacheApps();
  let server: RedisServerProcess;
  let caches: CacheService;

  beforeEach(async () => {
    server = await RedisServerProcess.start();
    const connection = { url: server.url };
    ({ caches } = await apps.boot({ cache: { connection } as object }));
    await inMode(caches, 'redis');
  });
  afterEach(() => server.stop());

  async function away(): Promise<void> {
    await server.kill();
    await inMode(caches, 'fallback');
  }

  async function back(): Promise<void> {
    await server.restart();
    await inMode(caches, 'redis');
  }

  it('nothing leaves the Map; a drain after it moves everything', async () => {
    const map = new Map([[ADA, 'Ada']]);
    const leads = leadMap(caches, map, { mode: 'cache-first' });
    await away();
    // The memory of this process takes it for a moment, which is not to be relied on.
    expect(await leads.get(ADA)).toBe('Ada');
    expect((await leads.drain()).left.away).toBe(1);
    await leads.set(BOB, 'Bob');
    expect([...map.keys()]).toEqual([ADA, BOB]);
    expect(leads.statistics().left.away).toBe(2);
    await expect(leads.switchTo('cache-only')).rejects.toMatchObject({ code: 'MIGRATION_REFUSED' });
    await back();
    expect(await leads.drain()).toMatchObject({ moved: 2 });
    expect([await leads.get(ADA), await leads.get(BOB)]).toEqual(['Ada', 'Bob']);
  });

  it.each(['map-only', 'shadow', 'cache-first'] as const)(
    'the Map answers in %s, and what was written meanwhile counts when it is back',
    async (mode) => {
      const map = new Map([[ADA, 'before']]);
      const leads = leadMap(caches, map, { mode });
      await leads.set(ADA, 'before');
      await away();
      await leads.set(ADA, 'after');
      await leads.delete(BOB);
      expect([await leads.get(ADA), await leads.getOrLoad(BOB, () => 'Bob')]).toEqual([
        'after',
        'Bob',
      ]);
      await back();
      expect([await leads.get(ADA), await leads.get(BOB)]).toEqual(['after', 'Bob']);
      const cached = await caches.forTenant('acme').cache(CACHE).get('+1');
      expect([undefined, 'after']).toContain(cached);
    },
  );

  it('what Redis has lost is in the Map in cache-first, and comes back from there', async () => {
    const leads = leadMap(caches, new Map<string, string>(), { mode: 'cache-first' });
    await leads.set(ADA, 'Ada');
    await away();
    await back();
    expect(await leads.get(ADA)).toBe('Ada');
    expect(leads.statistics().copied).toBe(1);
  });
});
