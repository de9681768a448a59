import { setImmediate } from 'node:timers/promises';
import type { CacheService } from 'nestjs-redis-cache';
import type { MigrationMode } from 'nestjs-redis-cache/migration';
import { CacheApps } from '../support/cache-apps.js';
import { GatedMap } from './support/gated-map.js';
import { CACHE, keyOf, leadMap } from './support/lead-map.js';
import { Gate } from '../support/gate.js';

const ADA = keyOf('acme', '+1');

describe('the mode of a migration', () => {
  const apps = new CacheApps();
  let caches: CacheService;

  beforeEach(async () => {
    ({ caches } = await apps.boot({}));
  });

  describe('at the beginning', () => {
    const map = new Map<string, string>();

    it('is map-only, or what the code says, or what the environment says', () => {
      const environment = { CACHE_MIGRATION_LEAD_BYPHONE: 'cache-first' };
      expect(leadMap(caches, map).mode).toBe('map-only');
      expect(leadMap(caches, map, { mode: 'shadow' }).mode).toBe('shadow');
      expect(leadMap(caches, map, { mode: 'shadow', environment }).mode).toBe('cache-first');
      const empty = { CACHE_MIGRATION_LEAD_BYPHONE: '' };
      expect(leadMap(caches, map, { mode: 'shadow', environment: empty }).mode).toBe('shadow');
    });

    it('is refused with the name of the variable where there is no such mode', () => {
      const environment = { CACHE_MIGRATION_LEAD_BYPHONE: 'shadows' };
      expect(() => leadMap(caches, map, { environment })).toThrow(
        `Option CACHE_MIGRATION_LEAD_BYPHONE is 'shadows'; expected one of map-only, shadow, cache-first, cache-only.`,
      );
      expect(() => leadMap(caches, map, { mode: 'off' as never })).toThrow(
        `Option mode of the MigratingMap 'lead.byPhone' is 'off'`,
      );
    });

    it('is not cache-only where the Map is not empty', () => {
      const full = new Map([[ADA, 'Ada']]);
      expect(() => leadMap(caches, full, { mode: 'cache-only' })).toThrow(
        `expected cache-first, as there are 1 entries in the Map`,
      );
    });

    it('comes with options that are checked', () => {
      expect(() => leadMap(caches, map, { entry: 'phone' as never })).toThrow(
        `Option entry of the MigratingMap 'lead.byPhone' is 'phone'; expected a function.`,
      );
      expect(() => leadMap(caches, map, { ttl: '15 minutes' as never })).toThrow(
        `Option ttl of the MigratingMap 'lead.byPhone' is '15 minutes'`,
      );
      expect(() => leadMap(caches, map, { tll: 1 } as never)).toThrow(
        `options of MigratingMap.tll`,
      );
    });
  });

  it('goes forward by one step and back by any, and tells', async () => {
    const leads = leadMap(caches, new Map<string, string>());
    const seen: string[] = [];
    leads.on('switch', ({ from, to }) => seen.push(`${from} > ${to}`));
    await expect(leads.switchTo('cache-first')).rejects.toThrow(
      `The switch of 'lead.byPhone' from map-only to cache-first is refused: a migration goes forward by one mode at a time.`,
    );
    await expect(leads.switchTo('on' as never)).rejects.toThrow('Option mode of switchTo');
    for (const mode of ['shadow', 'shadow', 'cache-first', 'map-only'] as const) {
      await leads.switchTo(mode);
      expect(leads.mode).toBe(mode);
    }
    expect(seen).toEqual(['map-only > shadow', 'shadow > cache-first', 'cache-first > map-only']);
  });

  it('loses nothing on the way back from cache-first: the Map has all that was written', async () => {
    const map = new Map([[ADA, 'Ada']]);
    const leads = leadMap(caches, map, { mode: 'cache-first' });
    await leads.set(keyOf('acme', '+2'), 'Bob');
    await leads.getOrLoad(keyOf('acme', '+3'), () => 'Cy');
    await leads.switchTo('shadow');
    await leads.set(ADA, 'Ada L.');
    await leads.switchTo('cache-first');
    expect(await leads.get(ADA)).toBe('Ada L.');
    expect(Object.fromEntries(map)).toEqual({ [ADA]: 'Ada L.', 'acme|+2': 'Bob', 'acme|+3': 'Cy' });
  });

  it('does not let an older value of the cache come back after a rollback', async () => {
    const leads = leadMap(caches, new Map<string, string>(), { mode: 'shadow' });
    await leads.switchTo('cache-first');
    await leads.set(ADA, 'before');
    await leads.switchTo('map-only', { leaveBehind: true });
    await leads.set(ADA, 'after');
    await leads.switchTo('shadow');
    await leads.switchTo('cache-first');
    expect(await leads.get(ADA)).toBe('after');
    await leads.switchTo('shadow');
    await leads.switchTo('map-only', { leaveBehind: true });
    await leads.delete(ADA);
    await leads.switchTo('shadow');
    expect(await leads.get(ADA)).toBeUndefined();
  });

  it('does not become cache-only while anything is in the Map', async () => {
    const map = new Map([[ADA, 'Ada']]);
    const leads = leadMap(caches, map, { mode: 'cache-first' });
    await expect(leads.switchTo('cache-only')).rejects.toMatchObject({ code: 'MIGRATION_REFUSED' });
    expect(leads.mode).toBe('cache-first');
    await leads.drain();
    await leads.switchTo('cache-only');
    expect(await leads.get(ADA)).toBe('Ada');
  });

  it('becomes cache-only for a Map that cannot tell its size only where one insists', async () => {
    const { get, set, delete: remove, has } = mapMethods(new Map([[ADA, 'Ada']]));
    const leads = leadMap(caches, { get, set, delete: remove, has }, { mode: 'cache-first' });
    await expect(leads.switchTo('cache-only')).rejects.toThrow('having neither size nor keys()');
    await expect(leads.drain()).rejects.toThrow('the Map cannot list its keys');
    expect(await leads.drain({ keys: [ADA] })).toMatchObject({ seen: 1, moved: 1 });
    await leads.switchTo('cache-only', { leaveBehind: true });
    expect(await leads.get(ADA)).toBe('Ada');
  });

  it.each<MigrationMode>(['cache-first', 'shadow'])(
    'loses nothing on the way back from cache-only to %s, and refuses map-only',
    async (back) => {
      const map = new Map<string, string>();
      const leads = leadMap(caches, map, { mode: 'cache-only' });
      await leads.set(ADA, 'Ada');
      await leads.switchTo(back);
      expect(await leads.get(ADA)).toBe('Ada');
      await expect(leads.switchTo('map-only')).rejects.toThrow('entries may be in the cache alone');
      await leads.switchTo('shadow');
      expect(await leads.get(ADA)).toBe('Ada');
      await leads.switchTo('map-only', { leaveBehind: true });
      expect(await leads.get(ADA)).toBe('Ada');
      await leads.switchTo('shadow');
      await leads.switchTo('map-only');
    },
  );

  it('refuses map-only once a drain has begun, as the Map is not whole any more', async () => {
    const leads = leadMap(caches, new Map([[ADA, 'Ada']]), { mode: 'shadow' });
    await leads.switchTo('cache-first');
    await leads.drain();
    await expect(leads.switchTo('map-only')).rejects.toMatchObject({ code: 'MIGRATION_REFUSED' });
    await leads.switchTo('shadow');
    expect(await leads.get(ADA)).toBe('Ada');
  });

  it('changes when what is being written has been, and lets nothing be written meanwhile', async () => {
    const source = new GatedMap<string, string>();
    const leads = leadMap(caches, source, { mode: 'cache-first' });
    const gate = new Gate();
    source.hold('set', gate);
    const first = leads.set(ADA, 'first');
    await gate.reached;
    const switched = leads
      .switchTo('shadow')
      .then(() => leads.switchTo('map-only', { leaveBehind: true }));
    const second = leads.set(ADA, 'second');
    const other = leads.set(keyOf('acme', '+2'), 'Bob');
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
    expect([leads.mode, source.map.size]).toEqual(['cache-first', 0]);
    gate.open();
    await Promise.all([first, switched, second, other]);
    expect(leads.mode).toBe('map-only');
    expect(source.map.get(ADA)).toBe('second');
  });

  it('ends a drain by a switch, and leaves in the Map what was not moved', async () => {
    const source = new GatedMap(
      new Map([
        [ADA, 'Ada'],
        [keyOf('acme', '+2'), 'Bob'],
      ]),
    );
    const leads = leadMap(caches, source, { mode: 'cache-first' });
    const gate = new Gate();
    source.hold('delete', gate);
    const drained = leads.drain({ concurrency: 1 });
    await gate.reached;
    await expect(leads.drain()).rejects.toThrow('another one is under way');
    const switched = leads.switchTo('shadow');
    gate.open();
    await switched;
    await expect(drained).rejects.toThrow('the mode was changed to shadow');
    expect([...source.map.values()]).toEqual(['Bob']);
    expect(await leads.get(ADA)).toBe('Ada');
    await expect(leads.drain()).rejects.toThrow('it is in the mode shadow');
  });

  it('is part of the statistics', () => {
    const leads = leadMap(caches, new Map([[ADA, 'Ada']]), { mode: 'shadow' });
    expect(leads.statistics()).toEqual({
      mode: 'shadow',
      draining: false,
      inMap: 1,
      compared: 0,
      differing: 0,
      onlyInMap: 0,
      uncompared: 0,
      restored: 0,
      copied: 0,
      moved: 0,
      expired: 0,
      left: { uncacheable: 0, 'too-large': 0, away: 0, refused: 0, differing: 0, failed: 0 },
    });
    expect(CACHE).toBe('lead.byPhone');
  });
});

function mapMethods(map: Map<string, string>) {
  return {
    get: (key: string) => map.get(key),
    set: (key: string, value: string) => map.set(key, value),
    delete: (key: string) => map.delete(key),
    has: (key: string) => map.has(key),
  };
}
