import type { KnownStamp } from '../invalidation/stamp-table.js';
import { SieveQueue, type SieveLinks, type SieveNode } from './sieve-queue.js';

/** Bounds of the near tier. */
export interface NearBounds {
  readonly maxBytes: number;
  readonly maxEntries: number;
  /** Largest part of both, above 0 to 1, that one tenant may take. */
  readonly tenantShare: number;
}

/** A value held in this process. Times are of the engine's clock. */
export interface NearEntry {
  readonly value: unknown;
  /** The value is deeply frozen and handed out itself instead of a copy. */
  readonly shared: boolean;
  /** From here on a read also refreshes it; Infinity for never. */
  readonly refreshAtMs: number;
  readonly freshUntilMs: number;
  readonly usableUntilMs: number;
  /** The stamps it was loaded under; once one of them is not live, it does not hold any more. */
  readonly stamps: readonly KnownStamp[];
}

/** What an entry costs beside its key and value: the node, its links and the map's slot. */
const OVERHEAD_BYTES = 256;

const ALL = 0;
const OWN = 1;

class NearNode implements SieveNode<NearNode> {
  visited = false;
  readonly links: readonly SieveLinks<NearNode>[] = [
    { newer: undefined, older: undefined },
    { newer: undefined, older: undefined },
  ];

  constructor(
    readonly key: string,
    readonly owner: TenantUse,
    readonly entry: NearEntry,
    readonly bytes: number,
  ) {}
}

/** What one tenant holds, with an eviction order of its own. */
class TenantUse {
  bytes = 0;
  entries = 0;
  readonly queue = new SieveQueue<NearNode>(OWN);

  constructor(readonly tenant: string) {}
}

/**
 * The bounded store in this process. It evicts by SIEVE; a tenant at its share makes room among its
 * own entries, so that no tenant can push another one out beyond it.
 */
export class NearTier {
  private readonly nodes = new Map<string, NearNode>();
  private readonly tenants = new Map<string, TenantUse>();
  private readonly queue = new SieveQueue<NearNode>(ALL);
  private usedBytes = 0;
  private evicted = 0;

  constructor(private readonly bounds: NearBounds) {}

  get entries(): number {
    return this.nodes.size;
  }

  get bytes(): number {
    return this.usedBytes;
  }

  /** Entries pushed out to keep the bounds, since the start. */
  get evictions(): number {
    return this.evicted;
  }

  /** The entry if it is still usable at `nowMs` and its stamps hold. */
  get(key: string, nowMs: number): NearEntry | undefined {
    const node = this.nodes.get(key);
    if (node === undefined) return undefined;
    if (node.entry.usableUntilMs <= nowMs || !allLive(node.entry.stamps)) {
      this.drop(node);
      return undefined;
    }
    node.visited = true;
    return node.entry;
  }

  /**
   * Keeps an entry, in place of an earlier one under the same key. One that alone exceeds its
   * tenant's share is not kept.
   *
   * @param tenant its owner; null for the global scope, which has a share like a tenant
   * @param valueBytes size of the encoded value
   */
  set(key: string, tenant: string | null, entry: NearEntry, valueBytes: number): void {
    this.delete(key);
    const bytes = valueBytes + 2 * key.length + OVERHEAD_BYTES;
    const { maxBytes, maxEntries, tenantShare } = this.bounds;
    const shareBytes = maxBytes * tenantShare;
    if (bytes > shareBytes) return;
    const shareEntries = Math.max(1, Math.floor(maxEntries * tenantShare));
    const owner = this.useOf(tenant ?? '');
    while (owner.entries + 1 > shareEntries || owner.bytes + bytes > shareBytes) {
      this.evict(owner.queue.victim());
    }
    while (this.nodes.size + 1 > maxEntries || this.usedBytes + bytes > maxBytes) {
      this.evict(this.queue.victim());
    }
    this.keep(new NearNode(key, owner, entry, bytes));
  }

  /** @returns whether it was there */
  delete(key: string): boolean {
    const node = this.nodes.get(key);
    if (node) this.drop(node);
    return node !== undefined;
  }

  clear(): void {
    for (const node of this.nodes.values()) this.drop(node);
  }

  private useOf(tenant: string): TenantUse {
    return this.tenants.get(tenant) ?? new TenantUse(tenant);
  }

  private keep(node: NearNode): void {
    const { owner } = node;
    this.tenants.set(owner.tenant, owner);
    this.nodes.set(node.key, node);
    this.queue.push(node);
    owner.queue.push(node);
    owner.bytes += node.bytes;
    owner.entries += 1;
    this.usedBytes += node.bytes;
  }

  private evict(node: NearNode | undefined): void {
    if (!node) throw new Error('near tier: over its bounds without an entry to evict');
    this.evicted += 1;
    this.drop(node);
  }

  private drop(node: NearNode): void {
    const { owner } = node;
    this.nodes.delete(node.key);
    this.queue.remove(node);
    owner.queue.remove(node);
    owner.bytes -= node.bytes;
    owner.entries -= 1;
    this.usedBytes -= node.bytes;
    if (owner.entries === 0) this.tenants.delete(owner.tenant);
  }
}

function allLive(stamps: readonly KnownStamp[]): boolean {
  for (const stamp of stamps) if (!stamp.live) return false;
  return true;
}
