import type { HeldValue } from '../codec/held-value.js';
import type { KnownStamp } from '../invalidation/stamp-table.js';
import { SieveQueue, type SieveLane, type SieveNode } from './sieve-queue.js';

/** Bounds of the near tier. */
export interface NearBounds {
  readonly maxBytes: number;
  readonly maxEntries: number;
  /** Largest part of both, above 0 to 1, that one tenant may take. */
  readonly tenantShare: number;
}

/** What the entries of one cache take of the tier. */
export interface NearUse {
  entries: number;
  bytes: number;
}

/** A value held in this process. Times are of the engine's clock. */
export interface NearEntry extends HeldValue {
  /** When it was kept here. */
  readonly keptAtMs: number;
  /** From here on a read also refreshes it; Infinity for never. */
  readonly refreshAtMs: number;
  readonly freshUntilMs: number;
  readonly usableUntilMs: number;
  /** When its ttl ends: later than `freshUntilMs` where Redis is to be asked before. */
  readonly ttlUntilMs: number;
  /** The stamps it was loaded under; once one of them is not live, it does not hold any more. */
  readonly stamps: readonly KnownStamp[];
}

/** Where entries are looked for: all of one cache of one owner have their keys to themselves. */
export interface NearPlace {
  /** What sets the place apart from every other. */
  readonly prefix: string;
  /** Remembers the section of the place from one look to the next. */
  section?: NearSection | undefined;
  /** Kept up to date with what is held of the place, and maybe of others; undefined for nobody. */
  readonly use?: NearUse | undefined;
}

/** The entries of one place. */
export class NearSection {
  readonly nodes = new Map<string, NearNode>();

  constructor(
    readonly prefix: string,
    /** Where it is looked through; undefined once it was let go, for want of entries. */
    public tier: NearTier | undefined,
    readonly use: NearUse | undefined,
  ) {}
}

/** What an entry costs beside its key and value: the node, its links and the map's slot. */
const OVERHEAD_BYTES = 256;

class NearNode implements SieveNode {
  visited = false;
  // Neighbours among all entries, and among those of the tenant.
  newer: NearNode | undefined = undefined;
  older: NearNode | undefined = undefined;
  ownNewer: NearNode | undefined = undefined;
  ownOlder: NearNode | undefined = undefined;

  constructor(
    readonly key: string,
    readonly section: NearSection,
    readonly owner: TenantUse,
    readonly entry: NearEntry,
    readonly bytes: number,
  ) {}
}

const ALL: SieveLane<NearNode> = { newer: 'newer', older: 'older' };
const OWN: SieveLane<NearNode> = { newer: 'ownNewer', older: 'ownOlder' };

/** What one tenant holds, with an eviction order of its own. */
class TenantUse {
  bytes = 0;
  entries = 0;
  readonly queue = new SieveQueue<NearNode>(OWN);

  constructor(readonly tenant: string) {}
}

/**
 * The bounded store in this process. Entries are found by place and key, so that a hit joins no
 * strings: a new string has to be hashed, which takes longer than all the rest. It evicts by SIEVE; a
 * tenant at its share makes room among its own entries, so that no tenant can push another one out
 * beyond it.
 */
export class NearTier {
  private readonly sections = new Map<string, NearSection>();
  private readonly tenants = new Map<string, TenantUse>();
  private readonly queue = new SieveQueue<NearNode>(ALL);
  private usedBytes = 0;
  private count = 0;
  private evicted = 0;

  constructor(private readonly bounds: NearBounds) {}

  get entries(): number {
    return this.count;
  }

  get bytes(): number {
    return this.usedBytes;
  }

  /** Entries pushed out to keep the bounds, since the start. */
  get evictions(): number {
    return this.evicted;
  }

  /** The entry if it is still usable at `nowMs` and its stamps hold. */
  get(place: NearPlace, key: string, nowMs: number): NearEntry | undefined {
    const node = this.sectionOf(place)?.nodes.get(key);
    if (node === undefined) return undefined;
    if (node.entry.usableUntilMs <= nowMs || !allLive(node.entry.stamps)) {
      this.drop(node);
      return undefined;
    }
    node.visited = true;
    return node.entry;
  }

  /**
   * Keeps an entry, instead of an earlier one under the same key of the place. One that alone exceeds
   * its tenant's share is not kept.
   *
   * @param tenant its owner; null for the global scope, which has a share like a tenant
   * @param valueBytes size of the encoded value
   */
  set(
    place: NearPlace,
    key: string,
    tenant: string | null,
    entry: NearEntry,
    valueBytes: number,
  ): void {
    this.delete(place, key);
    const bytes = valueBytes + 2 * key.length + OVERHEAD_BYTES;
    const { maxBytes, maxEntries, tenantShare } = this.bounds;
    const shareBytes = maxBytes * tenantShare;
    if (bytes > shareBytes) return;
    const shareEntries = Math.max(1, Math.floor(maxEntries * tenantShare));
    const owner = this.useOf(tenant ?? '');
    while (owner.entries + 1 > shareEntries || owner.bytes + bytes > shareBytes) {
      this.evict(owner.queue.victim());
    }
    while (this.count + 1 > maxEntries || this.usedBytes + bytes > maxBytes) {
      this.evict(this.queue.victim());
    }
    const section = this.sectionOf(place) ?? new NearSection(place.prefix, this, place.use);
    place.section = section;
    this.keep(new NearNode(key, section, owner, entry, bytes));
  }

  /** The entry and what it is accounted with, whatever its state: not a hit, and nothing is dropped. */
  peek(
    place: NearPlace,
    key: string,
  ): { readonly entry: NearEntry; readonly bytes: number } | undefined {
    return this.sectionOf(place)?.nodes.get(key);
  }

  /** Every entry, as {@link peek} gives it. */
  *all(): Generator<{ readonly prefix: string; readonly key: string; readonly entry: NearEntry }> {
    for (const { prefix, nodes } of this.sections.values()) {
      for (const { key, entry } of nodes.values()) yield { prefix, key, entry };
    }
  }

  /** Deletes every entry that `hit` says yes to. @returns how many */
  deleteWhere(hit: (prefix: string, key: string) => boolean): number {
    const before = this.count;
    for (const { prefix, nodes } of this.sections.values()) {
      for (const node of nodes.values()) if (hit(prefix, node.key)) this.drop(node);
    }
    return before - this.count;
  }

  /** @returns whether it was there */
  delete(place: NearPlace, key: string): boolean {
    const node = this.sectionOf(place)?.nodes.get(key);
    if (node) this.drop(node);
    return node !== undefined;
  }

  clear(): void {
    for (const { nodes } of this.sections.values()) {
      for (const node of nodes.values()) this.drop(node);
    }
  }

  private sectionOf(place: NearPlace): NearSection | undefined {
    if (place.section?.tier !== this) place.section = this.sections.get(place.prefix);
    return place.section;
  }

  private useOf(tenant: string): TenantUse {
    return this.tenants.get(tenant) ?? new TenantUse(tenant);
  }

  private keep(node: NearNode): void {
    const { owner, section } = node;
    this.tenants.set(owner.tenant, owner);
    this.sections.set(section.prefix, section);
    section.nodes.set(node.key, node);
    this.queue.push(node);
    owner.queue.push(node);
    owner.bytes += node.bytes;
    owner.entries += 1;
    this.usedBytes += node.bytes;
    this.count += 1;
    note(section.use, 1, node.bytes);
  }

  private evict(node: NearNode | undefined): void {
    if (!node) throw new Error('near tier: over its bounds without an entry to evict');
    this.evicted += 1;
    this.drop(node);
  }

  private drop(node: NearNode): void {
    const { owner, section } = node;
    section.nodes.delete(node.key);
    this.queue.remove(node);
    owner.queue.remove(node);
    owner.bytes -= node.bytes;
    owner.entries -= 1;
    this.usedBytes -= node.bytes;
    this.count -= 1;
    note(section.use, -1, -node.bytes);
    if (section.nodes.size === 0) {
      section.tier = undefined;
      this.sections.delete(section.prefix);
    }
    if (owner.entries === 0) this.tenants.delete(owner.tenant);
  }
}

function note(use: NearUse | undefined, entries: number, bytes: number): void {
  if (!use) return;
  use.entries += entries;
  use.bytes += bytes;
}

function allLive(stamps: readonly KnownStamp[]): boolean {
  for (const stamp of stamps) if (!stamp.live) return false;
  return true;
}
