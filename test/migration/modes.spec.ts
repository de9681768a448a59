import type { CacheService } from 'nestjs-redis-cache';
import type { MigrationMode } from 'nestjs-redis-cache/migration';
import { CacheApps, TIERS } from '../support/cache-apps.js';
import { CACHE, keyOf, leadMap } from './support/lead-map.js';

const ADA = keyOf('acme', '+1');
const BOB = keyOf('acme', '+2');

interface Lead {
  name: string;
  calls?: number;
}

describe.each(TIERS)('a Map that was filled by the old code, with %s', (tier) => {
  const apps = new CacheApps();
  let caches: CacheService;
  /** What the old code holds. */
  let old: Map<string, Lead>;

  beforeEach(async () => {
    ({ caches } = await apps.boot({ tier }));
    old = new Map([[ADA, { name: 'Ada' }]]);
  });

  const cached = (key: string) => caches.forTenant('acme').cache<Lead>(CACHE).get(key);
  const begin = (mode: MigrationMode) => leadMap(caches, old, { mode });

  it.each<MigrationMode>(['map-only', 'shadow', 'cache-first'])(
    'is read, written and deleted as before in the mode %s',
    async (mode) => {
      const leads = begin(mode);
      expect(await leads.get(ADA)).toEqual(old.get(ADA));
      expect(await leads.has(ADA)).toBe(true);
      expect(await leads.get(BOB)).toBeUndefined();
      expect(await leads.has(BOB)).toBe(false);
      await leads.set(BOB, { name: 'Bob' });
      expect(await leads.get(BOB)).toEqual({ name: 'Bob' });
      expect(old.get(BOB)).toEqual({ name: 'Bob' });
      expect(await leads.delete(ADA)).toBe(true);
      expect(await leads.delete(ADA)).toBe(false);
      expect([await leads.get(ADA), await leads.has(ADA)]).toEqual([undefined, false]);
      expect([...old.keys()]).toEqual([BOB]);
    },
  );

  it.each<MigrationMode>(['map-only', 'shadow', 'cache-first', 'cache-only'])(
    'loads once for all who ask in the mode %s, and again only after a failure',
    async (mode) => {
      if (mode === 'cache-only') old.clear();
      const leads = begin(mode);
      let loads = 0;
      const load = () => {
        loads += 1;
        if (loads === 1) throw new Error('no database');
        return Promise.resolve({ name: 'Bob' });
      };
      await expect(leads.getOrLoad(BOB, load)).rejects.toThrow('no database');
      const all = await Promise.all([1, 2, 3].map(() => leads.getOrLoad(BOB, load)));
      expect(all).toEqual([{ name: 'Bob' }, { name: 'Bob' }, { name: 'Bob' }]);
      expect(await leads.getOrLoad(BOB, load)).toEqual({ name: 'Bob' });
      expect(loads).toBe(2);
      expect(old.get(BOB)).toEqual(mode === 'cache-only' ? undefined : { name: 'Bob' });
    },
  );

  it('leaves the cache alone in map-only, but for what an earlier attempt has left there', async () => {
    await caches.forTenant('acme').cache(CACHE).set('+1', { name: 'of an earlier attempt' });
    const leads = begin('map-only');
    expect(await leads.get(ADA)).toEqual({ name: 'Ada' });
    await leads.set(ADA, { name: 'Ada L.' });
    await leads.getOrLoad(BOB, () => ({ name: 'Bob' }));
    expect([await cached('+1'), await cached('+2')]).toEqual([undefined, undefined]);
  });

  it('writes both in shadow', async () => {
    const leads = begin('shadow');
    await leads.set(BOB, { name: 'Bob' });
    expect(await cached('+2')).toEqual({ name: 'Bob' });
    await leads.delete(BOB);
    expect(await cached('+2')).toBeUndefined();
  });

  it('is compared in shadow, and answers whatever comes of it', async () => {
    const leads = begin('shadow');
    const differing: unknown[] = [];
    leads.on('difference', (difference) => differing.push(difference));
    await leads.set(BOB, { name: 'Bob', calls: 1 });
    await leads.get(BOB);
    await leads.get(ADA);
    await leads.idle();
    // What Maps invite to, and the cache cannot see.
    old.get(BOB)!.calls = 2;
    expect(await leads.get(BOB)).toEqual({ name: 'Bob', calls: 2 });
    await leads.idle();
    expect(leads.statistics()).toMatchObject({ compared: 3, onlyInMap: 1, differing: 1 });
    expect(differing).toEqual([{ cache: CACHE, key: BOB }]);
  });

  it('gets back in shadow what only the cache has', async () => {
    const leads = begin('shadow');
    await caches.forTenant('acme').cache(CACHE).set('+2', { name: 'Bob' });
    expect(await leads.has(BOB)).toBe(true);
    expect(await leads.get(BOB)).toEqual({ name: 'Bob' });
    expect(old.get(BOB)).toEqual({ name: 'Bob' });
    expect(leads.statistics().restored).toBe(1);
  });

  it('goes to the cache as it is read in cache-first, and stays in the Map for the way back', async () => {
    const leads = begin('cache-first');
    expect(await leads.get(ADA)).toEqual({ name: 'Ada' });
    expect(await cached('+1')).toEqual({ name: 'Ada' });
    expect(old.has(ADA)).toBe(true);
    expect(leads.statistics().copied).toBe(1);
    await caches.forTenant('acme').cache(CACHE).set('+1', { name: 'by another process' });
    expect(await leads.get(ADA)).toEqual({ name: 'by another process' });
  });

  it('loads in cache-first only what neither has', async () => {
    const leads = begin('cache-first');
    const load = jest.fn(() => ({ name: 'loaded' }));
    expect(await leads.getOrLoad(ADA, load)).toEqual({ name: 'Ada' });
    expect(load).not.toHaveBeenCalled();
  });

  it('knows nothing of the Map in cache-only', async () => {
    old.clear();
    const leads = begin('cache-only');
    await leads.set(ADA, { name: 'Ada' });
    expect(old.size).toBe(0);
    expect([await leads.get(ADA), await leads.has(ADA)]).toEqual([{ name: 'Ada' }, true]);
    expect(await leads.delete(ADA)).toBe(true);
    expect(await leads.has(ADA)).toBe(false);
    await expect(leads.set(ADA, { name: (() => 'x') as never })).rejects.toMatchObject({
      code: 'UNCACHEABLE_VALUE',
    });
  });

  it('carries undefined and null as values, in every mode', async () => {
    const values = new Map<string, undefined | null>([[ADA, undefined]]);
    const leads = leadMap(caches, values, { mode: 'map-only' });
    await leads.set(BOB, null);
    for (const mode of ['map-only', 'shadow', 'cache-first', 'cache-only'] as const) {
      if (mode === 'cache-only') await leads.drain();
      await leads.switchTo(mode);
      expect([await leads.has(ADA), await leads.get(ADA)]).toEqual([true, undefined]);
      expect([await leads.has(BOB), await leads.get(BOB)]).toEqual([true, null]);
      expect(await leads.getOrLoad(ADA, () => null)).toBeUndefined();
    }
  });

  it('keeps in the Map what the cache refuses, and does not answer what was there before', async () => {
    const leads = begin('cache-first');
    const refused: unknown[] = [];
    leads.on('left', ({ key, reason }) => refused.push([key, reason]));
    await leads.set(BOB, { name: 'Bob' });
    const inexact = { name: (() => 'Bob') as never };
    await leads.set(BOB, inexact);
    expect(await leads.get(BOB)).toBe(inexact);
    expect(await leads.getOrLoad(BOB, () => ({ name: 'loaded' }))).toBe(inexact);
    const large = { name: 'x'.repeat(2_000_000) };
    await leads.set(ADA, large);
    expect(await leads.get(ADA)).toEqual(large);
    expect(refused).toContainEqual([BOB, 'uncacheable']);
    expect(refused).toContainEqual([ADA, 'too-large']);
    expect(await cached('+2')).toBeUndefined();
  });
});
