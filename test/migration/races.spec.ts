import type { CacheService } from 'nestjs-redis-cache';
import { HeldClient } from '../integration/support/held-client.js';
import { CacheApps, ownPrefix } from '../support/cache-apps.js';
import { Gate } from '../support/gate.js';
import { until } from '../support/until.js';
import { GatedMap } from './support/gated-map.js';
import { CACHE, keyOf, leadMap } from './support/lead-map.js';

const ADA = keyOf('acme', '+1');

describe('while an entry moves', () => {
  const apps = new CacheApps();
  let held: HeldClient;
  let caches: CacheService;
  /** Another process. */
  let others: CacheService;

  beforeEach(async () => {
    held = new HeldClient(String(process.env.REDIS_URL));
    const prefix = ownPrefix();
    const first = await apps.boot({ cache: { prefix, connection: held.redis } as object });
    await until(() => first.caches.getStats().mode === 'redis');
    caches = first.caches;
    ({ caches: others } = await apps.boot({ tier: 'redis', cache: { prefix } }));
  });
  afterEach(() => {
    held.redis.disconnect();
  });

  const elsewhere = () => others.forTenant('acme').cache<string>(CACHE);
  const cached = () => elsewhere().get('+1');

  it('a set waits for it and is the later one', async () => {
    const source = new GatedMap(new Map([[ADA, 'older']]));
    const leads = leadMap(caches, source, { mode: 'cache-first' });
    const gate = new Gate();
    source.hold('delete', gate);
    const drained = leads.drain();
    await gate.reached;
    const set = leads.set(ADA, 'newer');
    gate.open();
    await Promise.all([set, drained]);
    expect(await leads.get(ADA)).toBe('newer');
    expect(await cached()).toBe('newer');
    expect(source.map.size).toBe(0);
  });

  it('a delete waits for it and leaves it nowhere', async () => {
    const source = new GatedMap(new Map([[ADA, 'older']]));
    const leads = leadMap(caches, source, { mode: 'cache-first' });
    const gate = new Gate();
    source.hold('delete', gate);
    const drained = leads.drain();
    await gate.reached;
    const deleted = leads.delete(ADA);
    gate.open();
    expect(await deleted).toBe(true);
    await drained;
    expect([await leads.get(ADA), await cached(), source.map.size]).toEqual([
      undefined,
      undefined,
      0,
    ]);
  });

  it('a reader finds it at every moment', async () => {
    const source = new GatedMap(new Map([[ADA, 'Ada']]));
    const leads = leadMap(caches, source, { mode: 'cache-first' });
    const fill = held.holdBefore('evalshaBuffer');
    const drained = leads.drain();
    await fill.reached;
    const early = [leads.get(ADA), leads.getOrLoad(ADA, () => 'loaded')];
    const removing = new Gate();
    source.hold('delete', removing);
    fill.open();
    await removing.reached;
    const late = [leads.get(ADA), leads.getOrLoad(ADA, () => 'loaded')];
    expect(await leads.has(ADA)).toBe(true);
    removing.open();
    await drained;
    expect(await Promise.all([...early, ...late, leads.get(ADA)])).toEqual(Array(5).fill('Ada'));
  });

  it('an entry of another process is not overwritten by the older one of the Map', async () => {
    const source = new GatedMap(new Map([[ADA, 'older']]));
    const leads = leadMap(caches, source, { mode: 'cache-first' });
    const acquire = held.holdBefore('evalshaBuffer');
    const drained = leads.drain();
    await acquire.reached;
    await elsewhere().set('+1', 'newer');
    acquire.open();
    expect(await drained).toMatchObject({ moved: 0, left: { differing: 1 } });
    expect(await cached()).toBe('newer');
    expect(source.map.get(ADA)).toBe('older');
  });

  it('a write of another process between reading the Map and storing is the later one', async () => {
    const source = new GatedMap(new Map([[ADA, 'older']]));
    const leads = leadMap(caches, source, { mode: 'cache-first' });
    const reading = new Gate();
    const get = source.get.bind(source);
    let reads = 0;
    // The second read is under the lease of the entry.
    source.get = async (key) => {
      reads += 1;
      const value = await get(key);
      if (reads === 2) await reading.pass();
      return value;
    };
    const drained = leads.drain();
    await reading.reached;
    await elsewhere().set('+1', 'newer');
    reading.open();
    await drained;
    expect(await cached()).toBe('newer');
    expect(await leads.get(ADA)).toBe('newer');
    expect(source.map.get(ADA)).toBe('older');
  });

  it('an eviction by another process is not undone, and the entry is still in the Map', async () => {
    const source = new GatedMap(new Map([[ADA, 'Ada']]));
    const leads = leadMap(caches, source, { mode: 'cache-first' });
    const confirming = held.holdAfter('evalshaBuffer');
    const drained = leads.drain();
    await confirming.reached;
    await elsewhere().del('+1');
    confirming.open();
    const { moved } = await drained;
    expect(source.map.size + moved).toBe(1);
    expect(await leads.get(ADA)).toBe('Ada');
  });

  it('what is put into the Map past the migration is moved as well', async () => {
    const map = new Map([[ADA, 'older']]);
    const leads = leadMap(caches, map, { mode: 'cache-first' });
    const fill = held.holdAfter('evalshaBuffer');
    const drained = leads.drain();
    await fill.reached;
    map.set(ADA, 'newer');
    fill.open();
    expect(await drained).toMatchObject({ moved: 1 });
    expect([await cached(), map.size]).toEqual(['newer', 0]);
  });
});

describe('operations on one entry', () => {
  const apps = new CacheApps();

  it.each(['map-only', 'shadow', 'cache-first', 'cache-only'] as const)(
    'are done in the order of their calls in %s',
    async (mode) => {
      const { caches } = await apps.boot({ tier: 'redis' });
      const source = new GatedMap<string, string>();
      const leads = leadMap(caches, source, { mode });
      const gate = new Gate();
      source.hold('set', gate);
      const sets = ['first', 'second', 'third'].map((value) => leads.set(ADA, value));
      gate.open();
      await Promise.all(sets);
      expect(await leads.get(ADA)).toBe('third');
      if (mode !== 'cache-only') expect(source.map.get(ADA)).toBe('third');
      const cached = caches.forTenant('acme').cache(CACHE).get('+1');
      expect(await cached).toBe(mode === 'map-only' ? undefined : 'third');
    },
  );

  it.each(['map-only', 'shadow', 'cache-first', 'cache-only'] as const)(
    'that change what is there lose no change in %s',
    async (mode) => {
      const { caches } = await apps.boot({ tier: 'redis' });
      const leads = leadMap<string[]>(caches, new GatedMap(), { mode });
      const turns = ['a', 'b', 'c', 'd'];
      await Promise.all(turns.map((turn) => leads.update(ADA, (before = []) => [...before, turn])));
      expect(await leads.get(ADA)).toEqual(turns);
      const failing = leads.update(ADA, () => {
        throw new Error('no change');
      });
      await expect(failing).rejects.toThrow('no change');
      expect(await leads.update(ADA, (before = []) => before.slice(1))).toEqual(['b', 'c', 'd']);
      expect(await leads.get(ADA)).toEqual(['b', 'c', 'd']);
    },
  );

  it('find an entry that moves between their looks at either side', async () => {
    const held = new HeldClient(String(process.env.REDIS_URL));
    const { caches } = await apps.boot({ cache: { connection: held.redis } as object });
    await until(() => caches.getStats().mode === 'redis');
    const leads = leadMap(caches, new Map([[ADA, 'Ada']]), { mode: 'cache-first' });
    const gate = held.holdAfter('getBuffer');
    const has = leads.has(ADA);
    await gate.reached;
    await leads.drain();
    gate.open();
    expect(await has).toBe(true);
    held.redis.disconnect();
  });
});

describe('while an entry loads', () => {
  const apps = new CacheApps();

  it.each(['map-only', 'shadow', 'cache-first', 'cache-only'] as const)(
    'in %s, what is set or deleted meanwhile stays so',
    async (mode) => {
      const { caches } = await apps.boot({ tier: 'redis' });
      const map = new Map<string, string>();
      const leads = leadMap(caches, map, { mode });
      for (const change of ['set', 'delete'] as const) {
        const gate = new Gate();
        const loading = leads.getOrLoad(ADA, async () => {
          await gate.pass();
          return 'loaded before';
        });
        await gate.reached;
        if (change === 'set') await leads.set(ADA, 'set');
        else await leads.delete(ADA);
        gate.open();
        expect(await loading).toBe('loaded before');
        expect(await leads.get(ADA)).toBe(change === 'set' ? 'set' : undefined);
        if (mode !== 'cache-only') expect(map.get(ADA)).toBe(await leads.get(ADA));
        await leads.delete(ADA);
      }
    },
  );

  it('an entry that the cache refuses is found in the Map and not loaded', async () => {
    const { caches } = await apps.boot({ tier: 'redis' });
    const source = new GatedMap<string, unknown>();
    const inexact = () => 'cannot be carried';
    // As soon as it has said that there is nothing, there is.
    source.has = (key) => {
      const had = source.map.has(key);
      source.map.set(key, inexact);
      return Promise.resolve(had);
    };
    for (const mode of ['cache-first', 'shadow', 'map-only'] as const) {
      source.map.clear();
      const leads = leadMap(caches, source, { mode });
      const load = jest.fn(() => 'loaded');
      expect(await leads.getOrLoad(ADA, load)).toBe(inexact);
      expect(load).not.toHaveBeenCalled();
    }
  });

  it('a switch of the mode meanwhile has its value kept as the new mode keeps it', async () => {
    const { caches } = await apps.boot({ tier: 'redis' });
    const map = new Map<string, string>();
    const leads = leadMap(caches, map, { mode: 'shadow' });
    const gate = new Gate();
    const loading = leads.getOrLoad(ADA, async () => {
      await gate.pass();
      return 'loaded';
    });
    await gate.reached;
    await leads.switchTo('cache-first');
    await leads.drain();
    await leads.switchTo('cache-only');
    gate.open();
    await loading;
    expect([map.size, await leads.get(ADA)]).toEqual([0, 'loaded']);
  });
});

describe('comparisons in shadow', () => {
  const apps = new CacheApps();

  it('are bounded, and those of entries that are written meanwhile do not count', async () => {
    const held = new HeldClient(String(process.env.REDIS_URL));
    const { caches } = await apps.boot({
      cache: { connection: held.redis, near: false } as object,
    });
    await until(() => caches.getStats().mode === 'redis');
    const leads = leadMap(caches, new Map([[ADA, 'older']]), { mode: 'shadow' });
    const gate = held.holdBefore('getBuffer');
    await leads.get(ADA);
    await gate.reached;
    const set = leads.set(ADA, 'newer');
    gate.open();
    await set;
    await leads.idle();
    expect(leads.statistics()).toMatchObject({ compared: 0, differing: 0 });

    await Promise.all(Array.from({ length: 150 }, () => leads.get(ADA)));
    await leads.idle();
    expect(leads.statistics()).toMatchObject({ compared: 100, uncompared: 50, differing: 0 });
    held.redis.disconnect();
  });
});
