import { NO_MARK } from '../codec/entry-mark.js';
import fc from 'fast-check';
import type { NearEntry, NearPlace } from './near-node.js';
import { NearTier, type NearBounds } from './near-tier.js';

/** What the tier keeps its books with; nothing of it can be asked for from outside. */
interface Books {
  readonly sections: ReadonlyMap<string, { readonly nodes: ReadonlyMap<string, unknown> }>;
  readonly tenants: ReadonlyMap<
    string,
    { readonly bytes: number; readonly entries: number; readonly order: QueueBytes | undefined }
  >;
  readonly order: QueueBytes;
}

interface QueueBytes {
  readonly smallBytes: number;
  readonly mainBytes: number;
}

/** The last thing that was to be kept under a key. */
interface Kept {
  readonly tenant: string;
  readonly entry: NearEntry;
  readonly bytes: number;
}

type Step =
  | { kind: 'set' | 'exchange'; key: number; valueBytes: number; usableForMs: number }
  | { kind: 'get' | 'delete'; key: number }
  | { kind: 'wait'; ms: number }
  | { kind: 'clear' };

const PLACE: NearPlace = { prefix: 'one place' };
const KEYS = 24;
const TENANTS = [null, 'acme', 'umbrella', 'initech'];

const keyOf = (number: number): string => `key-${String(number)}`;
/** The tenant is part of the key, so each key has one owner. */
const tenantOf = (number: number): string | null => TENANTS[number % TENANTS.length] ?? null;

const bytesIn = ({ smallBytes, mainBytes }: QueueBytes): number => smallBytes + mainBytes;

const key = fc.nat(KEYS - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: kept('set') },
  { weight: 4, arbitrary: kept('exchange') },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('get' as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'clear' }) },
);

function kept(kind: 'set' | 'exchange'): fc.Arbitrary<Step> {
  return fc.record({
    kind: fc.constant(kind),
    key,
    valueBytes: fc.oneof(fc.nat(300), fc.nat(3_000)),
    usableForMs: fc.constantFrom(0, 5, 50, Infinity),
  });
}

const bounds: fc.Arbitrary<NearBounds> = fc.record({
  maxBytes: fc.integer({ min: 1, max: 12_000 }),
  maxEntries: fc.integer({ min: 1, max: 16 }),
  tenantShare: fc.constantFrom(0.01, 0.25, 1 / 3, 0.5, 0.9, 1),
});

/** The tier beside the little that has to hold of it, whatever is done with it. */
class CheckedTier {
  private readonly tier: NearTier;
  private readonly books: Books;
  private readonly kept = new Map<string, Kept>();
  private nowMs = 0;

  constructor(private readonly limits: NearBounds) {
    this.tier = new NearTier(limits);
    this.books = this.tier as unknown as Books;
  }

  private get nodes(): ReadonlyMap<string, unknown> {
    expect([...this.books.sections.values()].every(({ nodes }) => nodes.size > 0)).toBe(true);
    return this.books.sections.get(PLACE.prefix)?.nodes ?? new Map<string, unknown>();
  }

  take(action: Step): void {
    const evictionsBefore = this.tier.evictions;
    const before = [...this.nodes.keys()];
    const gone = this.perform(action);
    const lost = before.filter((name) => !this.nodes.has(name) && name !== gone);
    expect(this.tier.evictions - evictionsBefore).toBe(action.kind === 'clear' ? 0 : lost.length);
    this.assertBounds();
    this.assertBooks();
  }

  /** @returns the key that may go without an eviction */
  private perform(action: Step): string | undefined {
    switch (action.kind) {
      case 'set':
        return this.set(action);
      case 'exchange':
        return this.exchange(action);
      case 'get':
        return this.get(keyOf(action.key));
      case 'delete': {
        const name = keyOf(action.key);
        const was = this.nodes.has(name);
        expect(this.tier.delete(PLACE, name)).toBe(was);
        return name;
      }
      case 'wait':
        this.nowMs += action.ms;
        return undefined;
      case 'clear':
        this.tier.clear();
        return undefined;
    }
  }

  private set(action: Extract<Step, { kind: 'set' | 'exchange' }>): string {
    const { name, tenant, entry, bytes } = this.keptBy(action);
    this.kept.set(name, { tenant: tenant ?? '', entry, bytes });
    this.tier.set(PLACE, name, tenant, entry, action.valueBytes);
    expect(this.nodes.has(name)).toBe(bytes <= this.shareBytes);
    return name;
  }

  /** @returns the key only if the entry is too large: else it may go by an eviction as any other */
  private exchange(action: Extract<Step, { kind: 'set' | 'exchange' }>): string | undefined {
    const { name, tenant, entry, bytes } = this.keptBy(action);
    if (this.nodes.has(name)) this.kept.set(name, { tenant: tenant ?? '', entry, bytes });
    this.tier.exchange(PLACE, name, entry, action.valueBytes);
    if (bytes <= this.shareBytes) return undefined;
    expect(this.nodes.has(name)).toBe(false);
    return name;
  }

  private get shareBytes(): number {
    return this.limits.maxBytes * this.limits.tenantShare;
  }

  private keptBy({
    key: number,
    valueBytes,
    usableForMs,
  }: Extract<Step, { kind: 'set' | 'exchange' }>) {
    const name = keyOf(number);
    const entry: NearEntry = {
      value: Symbol(name),
      text: undefined,
      frozen: false,
      codecId: undefined,
      keptAtMs: this.nowMs,
      refreshAfterMs: undefined,
      freshForMs: usableForMs,
      graceMs: 0,
      ttlForMs: usableForMs,
      mark: NO_MARK,
      told: undefined,
      stamps: [],
    };
    return { name, tenant: tenantOf(number), entry, bytes: valueBytes + 2 * name.length + 256 };
  }

  private get(name: string): string {
    const was = this.nodes.has(name);
    const kept = this.kept.get(name);
    const usable = was && kept && kept.entry.keptAtMs + kept.entry.freshForMs > this.nowMs;
    expect(this.tier.get(PLACE, name, this.nowMs)).toBe(usable ? kept.entry : undefined);
    expect(this.nodes.has(name)).toBe(Boolean(usable));
    return name;
  }

  private assertBounds(): void {
    const { maxBytes, maxEntries, tenantShare } = this.limits;
    expect(this.tier.bytes).toBeLessThanOrEqual(maxBytes);
    expect(this.tier.entries).toBeLessThanOrEqual(maxEntries);
    for (const { bytes, entries } of this.books.tenants.values()) {
      expect(bytes).toBeLessThanOrEqual(maxBytes * tenantShare);
      expect(entries).toBeLessThanOrEqual(Math.max(1, Math.floor(maxEntries * tenantShare)));
    }
  }

  /** Every sum is that of what is there, and a tenant without entries leaves nothing behind. */
  private assertBooks(): void {
    const names = [...this.nodes.keys()];
    const uses = new Map<string, { bytes: number; entries: number }>();
    for (const name of names) {
      const { tenant, bytes } = this.kept.get(name) as Kept;
      const use = uses.get(tenant) ?? { bytes: 0, entries: 0 };
      uses.set(tenant, { bytes: use.bytes + bytes, entries: use.entries + 1 });
    }
    const booked = [...this.books.tenants].map(
      ([tenant, { bytes, entries }]) => [tenant, { bytes, entries }] as const,
    );
    expect(new Map(booked)).toEqual(uses);
    expect(this.tier.entries).toBe(names.length);
    expect(bytesIn(this.books.order)).toBe(this.tier.bytes);
    // Who may have all goes by the order of all.
    const hasOwn = this.limits.tenantShare < 1;
    for (const { order, bytes } of this.books.tenants.values()) {
      expect(order && bytesIn(order)).toBe(hasOwn ? bytes : undefined);
    }
    expect(this.tier.bytes).toBe([...uses.values()].reduce((sum, { bytes }) => sum + bytes, 0));
  }
}

describe('NearTier, whatever is done with it', () => {
  it('keeps its bounds and shares, and its books are right after every step', () => {
    fc.assert(
      fc.property(bounds, fc.array(step, { maxLength: 150 }), (limits, steps) => {
        const tier = new CheckedTier(limits);
        for (const action of steps) tier.take(action);
      }),
      { numRuns: 200 },
    );
  });
});
