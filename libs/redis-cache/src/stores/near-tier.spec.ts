import { NO_MARK } from '../codec/entry-mark.js';
import { ReferenceS3Fifo } from '../../../../test/support/reference-s3-fifo.js';
import { zipfTrace } from '../../../../test/support/traffic.js';
import type { NearEntry, NearNode, NearPlace } from './near-node.js';
import { NearTier, type NearBounds } from './near-tier.js';

/** What an entry of the tier costs beside its value: its key in UTF-16 and the book-keeping. */
const costOf = (key: string): number => 2 * key.length + 256;

/** Where entries are kept, unless a test is about places. */
const PLACE: NearPlace = { prefix: 'crm:{acme/lead@1/' };

const ROOMY: NearBounds = { maxBytes: 1e9, maxEntries: 1_000, tenantShare: 1 };

function tierOf(bounds: Partial<NearBounds> = {}): NearTier {
  return new NearTier({ ...ROOMY, ...bounds });
}

function entryOf(value: unknown, freshForMs = Infinity): NearEntry {
  return {
    value,
    text: undefined,
    frozen: false,
    codecId: undefined,
    keptAtMs: 0,
    refreshAfterMs: undefined,
    freshForMs,
    graceMs: 0,
    ttlForMs: freshForMs,
    mark: NO_MARK,
    told: undefined,
    stamps: [],
  };
}

/** Which of the keys are there. Asking visits them, as any hit does. */
function present(tier: NearTier, keys: readonly string[]): string[] {
  return keys.filter((key) => tier.get(PLACE, key, 0) !== undefined);
}

function keysOf(tenant: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${tenant}-${index}`);
}

function fill(tier: NearTier, tenant: string | null, keys: readonly string[], bytes = 0): void {
  for (const key of keys) tier.set(PLACE, key, tenant, entryOf(key), bytes);
}

describe('NearTier', () => {
  it('gives back the entry it was given, and knows what it holds', () => {
    const tier = tierOf();
    const entry = entryOf({ name: 'Ada' });
    tier.set(PLACE, 'k', 'acme', entry, 100);
    expect(tier.get(PLACE, 'k', 0)).toBe(entry);
    expect(tier.get(PLACE, 'other', 0)).toBeUndefined();
    expect({ entries: tier.entries, bytes: tier.bytes, evictions: tier.evictions }).toEqual({
      entries: 1,
      bytes: 100 + costOf('k'),
      evictions: 0,
    });
  });

  it('keeps the later of two entries under one key, and counts it once', () => {
    const tier = tierOf();
    tier.set(PLACE, 'k', 'acme', entryOf('old'), 1_000);
    tier.set(PLACE, 'k', 'acme', entryOf('new'), 10);
    expect(tier.get(PLACE, 'k', 0)?.value).toBe('new');
    expect({ entries: tier.entries, bytes: tier.bytes, evictions: tier.evictions }).toEqual({
      entries: 1,
      bytes: 10 + costOf('k'),
      evictions: 0,
    });
  });

  it('exchanges an entry for a later one, which is no use of it', () => {
    const tier = tierOf({ maxEntries: 2 });
    fill(tier, 'acme', ['a', 'b'], 100);
    tier.exchange(PLACE, 'absent', entryOf('nobody'), 0);
    tier.exchange(PLACE, 'a', entryOf('exchanged'), 10);
    expect(tier.peek(PLACE, 'a')?.entry.value).toBe('exchanged');
    expect(tier.bytes).toBe(110 + costOf('a') + costOf('b'));
    fill(tier, 'acme', ['c'], 100);
    expect(present(tier, ['absent', 'a', 'b', 'c'])).toEqual(['b', 'c']);
  });

  it('keeps its bounds when an entry becomes larger, and lets go of one that is too large', () => {
    const tier = tierOf({ maxBytes: 3_000, tenantShare: 0.5 });
    fill(tier, 'acme', ['a', 'b'], 100);
    fill(tier, null, ['c'], 100);
    tier.exchange(PLACE, 'b', entryOf('larger'), 1_000);
    expect(present(tier, ['a', 'b', 'c'])).toEqual(['b', 'c']);
    expect(tier.bytes).toBe(1_100 + costOf('b') + costOf('c'));
    tier.exchange(PLACE, 'b', entryOf('too large for its tenant'), 1_500);
    expect(present(tier, ['b', 'c'])).toEqual(['c']);
    expect(tier.bytes).toBe(100 + costOf('c'));
  });

  it('counts what the answer of a shared value will take, before there is one', () => {
    const tier = tierOf();
    tier.set(PLACE, 'k', 'acme', { ...entryOf('shared'), frozen: true }, 10);
    expect(tier.bytes).toBe(10 + costOf('k') + 152);
  });

  it('deletes an entry and says whether it was there', () => {
    const tier = tierOf();
    fill(tier, 'acme', ['a', 'b']);
    expect([tier.delete(PLACE, 'a'), tier.delete(PLACE, 'a')]).toEqual([true, false]);
    expect(present(tier, ['a', 'b'])).toEqual(['b']);
    expect(tier.bytes).toBe(costOf('b'));
  });

  it('lets what it drops go: neither its value nor another entry can be reached from it', () => {
    const tier = tierOf({ maxEntries: 3 });
    const place: NearPlace = { ...PLACE };
    const set = (key: string) => tier.set(place, key, 'acme', entryOf(key), 1);
    for (const key of ['a', 'b', 'c']) set(key);
    const nodes = ['a', 'b'].map((key) => place.section?.nodes.get(key) as NearNode);
    set('d'); // evicts the first
    tier.delete(place, 'b');
    expect(present(tier, ['a', 'b', 'c', 'd'])).toEqual(['c', 'd']);
    for (const { entry, newer, older, ownNewer, ownOlder } of nodes) {
      expect([entry.value, newer, older, ownNewer, ownOlder]).toEqual(Array(5).fill(undefined));
    }
  });

  it('keeps entries of different places apart, whatever their keys', () => {
    const tier = tierOf();
    const other: NearPlace = { prefix: 'crm:{other/lead@1/' };
    tier.set(PLACE, 'k', 'acme', entryOf('mine'), 0);
    tier.set(other, 'k', 'other', entryOf('theirs'), 0);
    expect([tier.get(PLACE, 'k', 0)?.value, tier.get(other, 'k', 0)?.value]).toEqual([
      'mine',
      'theirs',
    ]);
    expect(tier.delete(other, 'k')).toBe(true);
    expect([tier.get(PLACE, 'k', 0)?.value, tier.get(other, 'k', 0)]).toEqual(['mine', undefined]);
  });

  it('finds a place again that has been empty meanwhile, by whoever names it', () => {
    const tier = tierOf();
    const named: NearPlace = { prefix: PLACE.prefix };
    tier.set(named, 'k', 'acme', entryOf('first'), 0);
    expect(tier.delete({ prefix: PLACE.prefix }, 'k')).toBe(true);
    tier.set({ prefix: PLACE.prefix }, 'k', 'acme', entryOf('second'), 0);
    expect(tier.get(named, 'k', 0)?.value).toBe('second');
    tier.clear();
    expect(tier.get(named, 'k', 0)).toBeUndefined();
    tier.set(named, 'k', 'acme', entryOf('third'), 0);
    expect(tier.get({ prefix: PLACE.prefix }, 'k', 0)?.value).toBe('third');
  });

  it('is empty after clear, which counts as no eviction, and takes entries again', () => {
    const tier = tierOf();
    fill(tier, 'acme', keysOf('a', 10));
    fill(tier, null, ['global']);
    tier.clear();
    expect({ entries: tier.entries, bytes: tier.bytes, evictions: tier.evictions }).toEqual({
      entries: 0,
      bytes: 0,
      evictions: 0,
    });
    fill(tier, 'acme', ['k']);
    expect(present(tier, ['k', 'a-1', 'global'])).toEqual(['k']);
  });

  it('drops an entry when a read finds it no longer usable, to the millisecond', () => {
    const tier = tierOf();
    tier.set(PLACE, 'k', 'acme', entryOf('v', 1_000), 0);
    expect(tier.get(PLACE, 'k', 999)?.value).toBe('v');
    expect(tier.get(PLACE, 'k', 1_000)).toBeUndefined();
    expect({ entries: tier.entries, bytes: tier.bytes, evictions: tier.evictions }).toEqual({
      entries: 0,
      bytes: 0,
      evictions: 0,
    });
  });

  it('still answers an entry that is past its ttl and within its grace', () => {
    const tier = tierOf();
    const entry: NearEntry = { ...entryOf('v', 1_000), graceMs: 1_000 };
    tier.set(PLACE, 'k', 'acme', entry, 0);
    expect(tier.get(PLACE, 'k', 1_500)).toBe(entry);
  });

  describe('its bounds', () => {
    it('holds as many entries as it may and evicts the oldest that nobody asked for', () => {
      const tier = tierOf({ maxEntries: 3 });
      fill(tier, 'acme', ['a', 'b', 'c']);
      tier.get(PLACE, 'a', 0);
      fill(tier, 'acme', ['d']);
      expect(present(tier, ['a', 'b', 'c', 'd'])).toEqual(['a', 'c', 'd']);
      expect(tier.evictions).toBe(1);
    });

    it('holds as many bytes as it may, to the byte, and makes room for a large one by several', () => {
      const tier = tierOf({ maxBytes: 4 * (costOf('a') + 100) });
      fill(tier, 'acme', ['a', 'b', 'c', 'd'], 100);
      expect([tier.entries, tier.evictions]).toEqual([4, 0]);
      tier.set(PLACE, 'e', 'acme', entryOf('large'), costOf('e') + 2 * 100);
      expect(present(tier, ['a', 'b', 'c', 'd', 'e'])).toEqual(['c', 'd', 'e']);
      expect([tier.bytes, tier.evictions]).toEqual([4 * (costOf('a') + 100), 2]);
    });

    it('does not admit what alone exceeds the share of its tenant, and evicts nobody for it', () => {
      const tier = tierOf({ maxBytes: 10_000, tenantShare: 0.5 });
      fill(tier, 'acme', ['a', 'b']);
      tier.set(PLACE, 'exact', 'umbrella', entryOf('fits'), 5_000 - costOf('exact'));
      tier.set(PLACE, 'large', 'umbrella', entryOf('does not'), 5_001 - costOf('large'));
      expect(present(tier, ['a', 'b', 'exact', 'large'])).toEqual(['a', 'b', 'exact']);
      expect(tier.evictions).toBe(0);
    });

    it('forgets the earlier entry when its successor is too large to be kept', () => {
      const tier = tierOf({ maxBytes: 1_000 });
      tier.set(PLACE, 'k', 'acme', entryOf('old'), 10);
      tier.set(PLACE, 'k', 'acme', entryOf('new and large'), 2_000);
      expect(tier.get(PLACE, 'k', 0)).toBeUndefined();
      expect([tier.entries, tier.bytes]).toEqual([0, 0]);
    });

    it('admits nothing at all where the bytes do not suffice for one entry', () => {
      const tier = tierOf({ maxBytes: 1 });
      fill(tier, 'acme', keysOf('a', 10));
      expect([tier.entries, tier.bytes, tier.evictions]).toEqual([0, 0, 0]);
    });

    it('holds one entry of a tenant whose share comes to less than one', () => {
      const tier = tierOf({ maxEntries: 5, tenantShare: 0.1 });
      fill(tier, 'acme', ['a', 'b']);
      fill(tier, 'umbrella', ['c']);
      expect(present(tier, ['a', 'b', 'c'])).toEqual(['b', 'c']);
    });
  });

  describe('the share of a tenant', () => {
    const QUIET = keysOf('quiet', 50);

    it('keeps a noisy tenant from pushing out another one', () => {
      const tier = tierOf({ maxEntries: 100, tenantShare: 0.5 });
      fill(tier, 'quiet', QUIET);
      fill(tier, 'noisy', keysOf('noisy', 10_000));
      expect(present(tier, QUIET)).toEqual(QUIET);
      expect([tier.entries, tier.evictions]).toEqual([100, 9_950]);
    });

    it('holds in bytes too', () => {
      const tier = tierOf({ maxBytes: 100 * 1_000, maxEntries: 1e6, tenantShare: 0.5 });
      fill(tier, 'quiet', QUIET, 1_000 - costOf('quiet-00'));
      fill(tier, 'noisy', keysOf('noisy', 2_000), 5_000);
      expect(present(tier, QUIET)).toEqual(QUIET);
      expect(tier.bytes).toBeLessThanOrEqual(100 * 1_000);
    });

    it('is kept by evicting, by the same rules, what the tenant itself holds', () => {
      const tier = tierOf({ maxEntries: 6, tenantShare: 0.5 });
      fill(tier, 'other', ['x', 'y', 'z']);
      fill(tier, 'noisy', ['a', 'b', 'c']);
      tier.get(PLACE, 'a', 0);
      fill(tier, 'noisy', ['d']);
      expect(present(tier, ['x', 'y', 'z', 'a', 'b', 'c', 'd'])).toEqual([
        'x',
        'y',
        'z',
        'a',
        'c',
        'd',
      ]);
    });

    it('is a limit and no promise: several tenants within theirs share what there is', () => {
      const tier = tierOf({ maxEntries: 100, tenantShare: 0.5 });
      for (const tenant of ['a', 'b', 'c', 'd']) fill(tier, tenant, keysOf(tenant, 50));
      expect([tier.entries, tier.evictions]).toEqual([100, 100]);
      expect(present(tier, [...keysOf('c', 50), ...keysOf('d', 50)])).toHaveLength(100);
    });

    it('is given to the global scope as well, apart from every tenant', () => {
      const tier = tierOf({ maxEntries: 4, tenantShare: 0.5 });
      fill(tier, 'acme', ['a', 'b']);
      fill(tier, null, ['g', 'h', 'i']);
      expect(present(tier, ['a', 'b', 'g', 'h', 'i'])).toEqual(['a', 'b', 'h', 'i']);
    });

    it('is freed as its entries go, by whatever way', () => {
      const tier = tierOf({ maxEntries: 4, tenantShare: 0.5 });
      fill(tier, 'acme', ['a']);
      tier.set(PLACE, 'b', 'acme', entryOf('b', 10), 0);
      tier.delete(PLACE, 'a');
      tier.get(PLACE, 'b', 10);
      fill(tier, 'acme', ['c', 'd']);
      expect(present(tier, ['c', 'd'])).toEqual(['c', 'd']);
      expect(tier.evictions).toBe(0);
    });

    it.each(['__proto__', 'constructor', 'toString', ' ', '*'])(
      'is counted for a tenant named %j like for any other',
      (tenant) => {
        const tier = tierOf({ maxEntries: 4, tenantShare: 0.5 });
        fill(tier, tenant, ['a', 'b', 'c']);
        fill(tier, 'acme', ['x', 'y']);
        expect(present(tier, ['a', 'b', 'c', 'x', 'y'])).toEqual(['b', 'c', 'x', 'y']);
      },
    );
  });

  describe('what it keeps', () => {
    const HOT = keysOf('hot', 80);
    const scan = (tier: NearTier, name: string): void => {
      for (const key of keysOf(name, 1_000)) {
        if (!tier.get(PLACE, key, 0)) fill(tier, 'acme', [key]);
      }
    };

    it('is not pushed out by many that are asked for once', () => {
      const tier = tierOf({ maxEntries: 100 });
      fill(tier, 'acme', HOT);
      expect(present(tier, HOT)).toEqual(HOT);
      scan(tier, 'first');
      scan(tier, 'second');
      expect(present(tier, HOT)).toEqual(HOT);
    });

    it('is a part of what is asked for round and round, where LRU would keep nothing that is asked for', () => {
      const tier = tierOf({ maxEntries: 900 });
      for (let round = 0; round < 10; round += 1) scan(tier, 'loop');
      expect(present(tier, keysOf('loop', 1_000)).length).toBeGreaterThan(450);
      const before = tier.evictions;
      scan(tier, 'loop');
      expect(tier.evictions - before).toBeLessThan(600);
    });

    it('is what comes again soon after it was evicted, though nobody has asked for it meanwhile', () => {
      const tier = tierOf({ maxEntries: 100 });
      fill(tier, 'acme', HOT);
      present(tier, HOT);
      scan(tier, 'first');
      const again = keysOf('first', 1_000).slice(965, 970);
      expect(present(tier, again)).toEqual([]);
      fill(tier, 'acme', again);
      scan(tier, 'second');
      expect(present(tier, again)).toEqual(again);
    });

    it.each([
      ['replaced', (tier: NearTier) => tier],
      ['deleted', (tier: NearTier) => tier.delete(PLACE, 'k')],
      ['expired', (tier: NearTier) => tier.get(PLACE, 'k', 1_000)],
    ])('is still what was in use after it was %s and has come again', (_how, act) => {
      const tier = tierOf({ maxEntries: 100 });
      fill(tier, 'acme', HOT);
      present(tier, HOT);
      tier.set(PLACE, 'k', 'acme', entryOf('before', 1_000), 0);
      tier.get(PLACE, 'k', 0);
      act(tier);
      fill(tier, 'acme', ['k']);
      scan(tier, 'first');
      expect(tier.get(PLACE, 'k', 0)?.value).toBe('k');
    });
  });

  describe('on skewed traffic', () => {
    const CAPACITY = 200;
    const TRACE = zipfTrace({ keys: 4_000, requests: 40_000, skew: 0.9, seed: 2026 });

    /** How many requests of the trace are hits where each miss is stored. */
    function hitsOf(ask: (key: string) => boolean): number {
      return TRACE.filter((key) => ask(key)).length;
    }

    const reference = new ReferenceS3Fifo();
    /** As many as are remembered on average. */
    const evicted: string[] = [];
    const referenceHits = hitsOf((key) => {
      if (reference.has(key)) {
        reference.use(key);
        return true;
      }
      const gone = reference.size === CAPACITY ? reference.evict() : undefined;
      if (gone?.wasSmall) evicted.push(gone.name);
      const place = evicted.indexOf(key);
      if (place >= 0) evicted.splice(place, 1);
      else if (evicted.length > CAPACITY / 2) evicted.shift();
      reference.push(key, place >= 0);
      return false;
    });

    it.each([
      ['entries', { maxEntries: CAPACITY }],
      ['bytes', { maxEntries: 1e6, maxBytes: CAPACITY * 1_000 }],
    ])('hits about as often as the reference, bounded by %s', (_bound, bounds) => {
      const tier = tierOf(bounds);
      const hits = hitsOf((key) => {
        if (tier.get(PLACE, key, 0)) return true;
        tier.set(PLACE, key, 'acme', entryOf(key), 1_000 - costOf(key));
        return false;
      });
      // The reference knows exactly what was evicted, and the tier by chance.
      expect(hits / referenceHits).toBeCloseTo(1, 2);
      expect(tier.evictions).toBe(TRACE.length - hits - CAPACITY);
    });

    it('hits more often than LRU would', () => {
      const lru = new Set<string>();
      const lruHits = hitsOf((key) => {
        const hit = lru.delete(key);
        lru.add(key);
        const [oldest] = lru;
        if (lru.size > CAPACITY) lru.delete(oldest as string);
        return hit;
      });
      expect(referenceHits / lruHits).toBeGreaterThan(1.1);
    });
  });
});
