import type { CacheService } from 'nestjs-redis-cache';
import type { DrainProgress, MigrationEvents } from 'nestjs-redis-cache/migration';
import { CacheApps, TIERS } from '../support/cache-apps.js';
import { Gate } from '../support/gate.js';
import { GatedMap } from './support/gated-map.js';
import { CACHE, keyOf, leadMap } from './support/lead-map.js';

const MINUTE_MS = 60_000;

interface Lead {
  name: string;
  untilMs?: number;
}

function leadsOf(count: number): Map<string, Lead> {
  const phones = Array.from({ length: count }, (_, index) => `+${index}`);
  return new Map(phones.map((phone) => [keyOf('acme', phone), { name: `lead ${phone}` }]));
}

describe.each(TIERS)('a drain, with %s', (tier) => {
  const apps = new CacheApps();
  let caches: CacheService;

  beforeEach(async () => {
    const policies = { 'lead.unstored': { ttl: 0 } };
    ({ caches } = await apps.boot({ tier, cache: { caches: policies } }));
  });

  const acme = (name = CACHE) => caches.forTenant('acme').cache<Lead>(name);

  it('moves everything, and tells how far it has come', async () => {
    const map = leadsOf(30);
    const before = new Map(map);
    const leads = leadMap(caches, map, { mode: 'cache-first' });
    const told: DrainProgress[] = [];
    const heard: MigrationEvents['drainProgress'][] = [];
    leads.on('drainProgress', (progress) => heard.push(progress));

    const outcome = await leads.drain({ onProgress: (progress) => told.push(progress) });

    const left = { uncacheable: 0, 'too-large': 0, away: 0, refused: 0, differing: 0, failed: 0 };
    expect(outcome).toEqual({ seen: 30, total: 30, moved: 30, expired: 0, gone: 0, left });
    expect(told.map(({ seen }) => seen)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(heard).toEqual(told.map((progress) => ({ cache: CACHE, ...progress })));
    expect(map.size).toBe(0);
    for (const [key, lead] of before) expect(await acme().get(key.split('|')[1]!)).toEqual(lead);
    expect(leads.statistics()).toMatchObject({ draining: true, inMap: 0, moved: 30 });
  });

  it('moves no more entries at a time than it is told', async () => {
    const source = new GatedMap(leadsOf(9));
    const leads = leadMap(caches, source, { mode: 'cache-first' });
    let running = 0;
    let most = 0;
    const get = source.get.bind(source);
    const begun = new Set<string>();
    source.get = (key) => {
      if (!begun.has(key)) most = Math.max(most, (running += 1));
      begun.add(key);
      return get(key);
    };
    await leads.drain({ concurrency: 3, onProgress: () => (running -= 1) });
    expect(most).toBe(3);
    await expect(leads.drain({ concurrency: 0 })).rejects.toThrow('concurrency of drain');
    await expect(leads.drain({ differing: 'x' as never })).rejects.toThrow('differing of drain');
  });

  it('leaves what the cache does not take in the Map, and counts it by reason', async () => {
    const map = leadsOf(2);
    map.set(keyOf('acme', 'inexact'), { name: (() => 'x') as never });
    map.set(keyOf('acme', 'large'), { name: 'x'.repeat(2_000_000) });
    map.set(keyOf('', 'nobody'), { name: 'of no tenant' });
    const leads = leadMap(caches, map, { mode: 'cache-first' });
    const told: unknown[] = [];
    leads.on('left', ({ key, reason, error }) =>
      told.push([key, reason, (error as Error | undefined)?.name]),
    );
    const { moved, left } = await leads.drain({ concurrency: 1 });
    expect(moved).toBe(2);
    expect(left).toMatchObject({ uncacheable: 1, 'too-large': 1, failed: 1, refused: 0 });
    expect([...map.keys()]).toEqual(['acme|inexact', 'acme|large', '|nobody']);
    expect(told).toEqual([
      ['acme|inexact', 'uncacheable', undefined],
      ['acme|large', 'too-large', undefined],
      ['|nobody', 'failed', 'TenantMissingError'],
    ]);
    await expect(leads.switchTo('cache-only')).rejects.toMatchObject({ code: 'MIGRATION_REFUSED' });

    map.delete('|nobody');
    map.set('acme|inexact', { name: 'exact' });
    map.set('acme|large', { name: 'small' });
    expect(await leads.drain()).toMatchObject({ seen: 2, moved: 2 });
    await leads.switchTo('cache-only');
  });

  it('leaves everything in the Map where the cache stores nothing', async () => {
    const map = leadsOf(2);
    const leads = leadMap(caches, map, { cache: 'lead.unstored', mode: 'cache-first' });
    expect((await leads.drain()).left.refused).toBe(2);
    expect(map.size).toBe(2);
  });

  it('gives entries the life that is left to them, and removes those that have none', async () => {
    const nowMs = Date.now();
    const map = new Map<string, Lead>([
      ['acme|fresh', { name: 'fresh', untilMs: nowMs + 30 * MINUTE_MS }],
      ['acme|over', { name: 'over', untilMs: nowMs - 1 }],
    ]);
    const ttl = ({ untilMs = 0 }: Lead) => Math.max(0, untilMs - nowMs);
    const leads = leadMap(caches, map, { mode: 'cache-first', ttl });
    expect(await leads.get('acme|over')).toBeUndefined();
    expect(await leads.drain()).toMatchObject({ moved: 1, expired: 1 });
    expect(map.size).toBe(0);
    const { near, far } = await acme().explain('fresh');
    expect(tier === 'redis' ? far : near).toMatchObject({ kind: 'entry', state: 'fresh' });
    const { ttlLeftMs } = (tier === 'redis' ? far : near) as { ttlLeftMs: number };
    expect(ttlLeftMs).toBeGreaterThan(29 * MINUTE_MS);
    expect(ttlLeftMs).toBeLessThanOrEqual(30 * MINUTE_MS);
    expect(await acme().exists('over')).toBe(false);
  });

  it('gives them the ttl of the options, or else that of the cache', async () => {
    for (const [ttl, expectedMs] of [
      ['2h', 120 * MINUTE_MS],
      [undefined, 5 * MINUTE_MS],
    ] as const) {
      await acme().flush();
      const leads = leadMap(caches, leadsOf(1), { mode: 'cache-first', ttl });
      await leads.drain();
      const { near, far } = await acme().explain('+0');
      const { ttlLeftMs } = (tier === 'redis' ? far : near) as { ttlLeftMs: number };
      expect(expectedMs - ttlLeftMs).toBeLessThan(MINUTE_MS);
    }
  });

  it('counts an entry whose ttl function throws as failed, and goes on', async () => {
    const map = leadsOf(3);
    const ttl = ({ name }: Lead) => {
      if (name === 'lead +1') throw new Error('no date');
      return '1m' as const;
    };
    const leads = leadMap(caches, map, { mode: 'cache-first', ttl });
    expect(await leads.get('acme|+1')).toEqual({ name: 'lead +1' });
    expect(leads.statistics().left.failed).toBe(1);
    expect(await leads.drain()).toMatchObject({ moved: 2, left: { failed: 1 } });
    expect([...map.keys()]).toEqual(['acme|+1']);
  });

  it.each([
    ['leave', 'in the cache', ['in the Map'], { moved: 0, left: { differing: 1 } }],
    ['cache-wins', 'in the cache', [], { moved: 1, left: { differing: 0 } }],
    ['map-wins', 'in the Map', [], { moved: 1, left: { differing: 0 } }],
  ] as const)(
    'of entries that differ goes by the rule %s',
    async (differing, kept, inMap, counted) => {
      const map = new Map<string, Lead>([['acme|+1', { name: 'in the Map' }]]);
      await acme().set('+1', { name: 'in the cache' });
      const leads = leadMap(caches, map, { mode: 'cache-first' });
      const told: unknown[] = [];
      leads.on('difference', ({ key }) => told.push(key));
      expect(await leads.drain({ differing })).toMatchObject(counted);
      expect(await acme().get('+1')).toEqual({ name: kept });
      expect([...map.values()].map(({ name }) => name)).toEqual(inMap);
      expect(told).toEqual(differing === 'leave' ? ['acme|+1'] : []);
    },
  );

  it('finishes what it has begun when it is aborted, and goes on when it is called again', async () => {
    const source = new GatedMap(leadsOf(5));
    const leads = leadMap(caches, source, { mode: 'cache-first' });
    const abort = new AbortController();
    const gate = new Gate();
    source.hold('delete', gate);
    const drained = leads.drain({ concurrency: 1, signal: abort.signal });
    await gate.reached;
    abort.abort(new Error('deploying'));
    gate.open();
    await expect(drained).rejects.toThrow('deploying');
    expect(source.map.size).toBe(4);
    await expect(leads.drain({ signal: abort.signal })).rejects.toThrow('deploying');
    expect(await leads.drain()).toMatchObject({ seen: 4, moved: 4 });
    expect(leads.statistics()).toMatchObject({ moved: 5, left: { failed: 0 } });
  });

  it('rejects with the error of a Map that cannot list its keys, when what was begun has ended', async () => {
    const map = leadsOf(2);
    const source = new GatedMap(map);
    source.keys = async function* () {
      yield await Promise.resolve('acme|+0');
      throw new Error('scan failed');
    };
    const leads = leadMap(caches, source, { mode: 'cache-first' });
    await expect(leads.drain()).rejects.toThrow('scan failed');
    expect([...map.keys()]).toEqual(['acme|+1']);
  });

  it('counts an entry whose removal fails as failed; the next drain removes it', async () => {
    const source = new GatedMap(leadsOf(1));
    const leads = leadMap(caches, source, { mode: 'cache-first' });
    const remove = source.delete.bind(source);
    source.delete = () => Promise.reject(new Error('read-only'));
    expect((await leads.drain()).left.failed).toBe(1);
    source.delete = remove;
    expect(await leads.drain()).toMatchObject({ moved: 1 });
  });

  it('goes through the keys it is given', async () => {
    const map = leadsOf(3);
    const leads = leadMap(caches, map, { mode: 'cache-first' });
    const keys = ['acme|+1', 'acme|none'];
    expect(await leads.drain({ keys })).toMatchObject({ seen: 2, moved: 1, gone: 1 });
    expect(map.size).toBe(2);
  });

  it('has what is written from its beginning on leave the Map, too', async () => {
    const map = leadsOf(1);
    const leads = leadMap(caches, map, { mode: 'cache-first' });
    await leads.drain();
    await leads.set('acme|new', { name: 'new' });
    await leads.getOrLoad('acme|loaded', () => ({ name: 'loaded' }));
    map.set('acme|past', { name: 'put past the migration' });
    expect(await leads.get('acme|past')).toEqual({ name: 'put past the migration' });
    expect(map.size).toBe(0);
    const inexact = { name: (() => 'x') as never };
    await leads.set('acme|new', inexact);
    expect([...map.keys()]).toEqual(['acme|new']);
    expect(leads.statistics().left.uncacheable).toBe(1);
    expect(await leads.get('acme|new')).toBe(inexact);
    for (const key of ['+0', 'loaded', 'past']) expect(await acme().exists(key)).toBe(true);
  });
});
