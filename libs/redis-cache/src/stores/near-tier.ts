import { EvictedKeys } from './evicted-keys.js';
import {
  ALL,
  GONE,
  isUsable,
  NearNode,
  NearSection,
  TenantUse,
  type NearEntry,
  type NearPlace,
  type NearUse,
} from './near-node.js';
import { MAX_USES, S3Fifo } from './s3-fifo.js';

/** Bounds of the near tier. */
export interface NearBounds {
  readonly maxBytes: number;
  readonly maxEntries: number;
  /** Largest part of both, above 0 to 1, that one tenant may take. */
  readonly tenantShare: number;
}

/** What an entry costs beside its key and value: the node, its links and the map's slot. */
const OVERHEAD_BYTES = 256;

/** What the answer costs that a shared value gets once it is hit again; counted from the start. */
const ANSWER_BYTES = 152;

/**
 * The bounded store in this process. Entries are found by place and key, so that a hit joins no
 * strings: a new string has to be hashed, which takes longer than all the rest. It evicts by S3-FIFO;
 * a tenant at its share makes room among its own entries, so that no tenant can push another one out
 * beyond it.
 */
export class NearTier {
  private readonly sections = new Map<string, NearSection>();
  private readonly tenants = new Map<string, TenantUse>();
  private readonly order = new S3Fifo<NearNode>(ALL);
  private readonly evictedKeys = new EvictedKeys();
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
    if (!isUsable(node.entry, nowMs)) {
      this.dropForNow(node);
      return undefined;
    }
    if (node.uses < MAX_USES) node.uses += 1;
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
    const bytes = bytesOf(key, entry, valueBytes);
    const owner = this.useOf(tenant ?? '');
    const known = this.sectionOf(place)?.nodes.get(key);
    if (known?.owner === owner && bytes <= this.shareBytes) {
      this.replace(known, entry, bytes);
      return;
    }
    if (known) this.dropForNow(known);
    if (bytes <= this.shareBytes) this.add(place, key, owner, entry, bytes);
  }

  /**
   * Keeps an entry in the place of the one under its key, if there is one: that is no use of it, and does not keep it
   * any longer from being pushed out.
   *
   * @param valueBytes as of {@link set}
   */
  exchange(place: NearPlace, key: string, entry: NearEntry, valueBytes: number): void {
    const node = this.sectionOf(place)?.nodes.get(key);
    if (!node) return;
    const bytes = bytesOf(key, entry, valueBytes);
    if (bytes > this.shareBytes) {
      this.dropForNow(node);
      return;
    }
    node.entry = entry;
    this.resize(node, bytes);
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
      for (const node of nodes.values()) if (hit(prefix, node.key)) this.dropForNow(node);
    }
    return before - this.count;
  }

  /** @returns whether it was there */
  delete(place: NearPlace, key: string): boolean {
    const node = this.sectionOf(place)?.nodes.get(key);
    if (node) this.dropForNow(node);
    return node !== undefined;
  }

  clear(): void {
    for (const { nodes } of this.sections.values()) {
      for (const node of nodes.values()) this.drop(node);
    }
    this.evictedKeys.clear();
  }

  private sectionOf(place: NearPlace): NearSection | undefined {
    if (place.section?.tier !== this) place.section = this.sections.get(place.prefix);
    return place.section;
  }

  private useOf(tenant: string): TenantUse {
    return this.tenants.get(tenant) ?? new TenantUse(tenant, this.bounds.tenantShare < 1);
  }

  private get shareBytes(): number {
    return this.bounds.maxBytes * this.bounds.tenantShare;
  }

  private add(
    place: NearPlace,
    key: string,
    owner: TenantUse,
    entry: NearEntry,
    bytes: number,
  ): void {
    this.makeRoom(owner, bytes);
    const section = this.sectionOf(place) ?? new NearSection(place.prefix, this, place.use);
    place.section = section;
    const isMain = this.evictedKeys.take(section.hashOf(key));
    const node = new NearNode(key, section, owner, entry, bytes, isMain);
    this.sections.set(section.prefix, section);
    section.nodes.set(key, node);
    this.attach(node);
  }

  /** As if the earlier one were deleted and the new one had come again. */
  private replace(node: NearNode, entry: NearEntry, bytes: number): void {
    this.detach(node);
    this.makeRoom(node.owner, bytes);
    node.entry = entry;
    node.bytes = bytes;
    node.isMain ||= node.uses > 0;
    node.uses = 0;
    this.attach(node);
  }

  private makeRoom(owner: TenantUse, bytes: number): void {
    const { maxBytes, maxEntries, tenantShare } = this.bounds;
    const shareEntries = Math.max(1, Math.floor(maxEntries * tenantShare));
    while (owner.entries + 1 > shareEntries || owner.bytes + bytes > this.shareBytes) {
      this.evictBy(owner.order ?? this.order);
    }
    while (this.count + 1 > maxEntries || this.usedBytes + bytes > maxBytes) {
      this.evictBy(this.order);
    }
  }

  private attach(node: NearNode): void {
    const { owner, section } = node;
    this.tenants.set(owner.tenant, owner);
    this.enqueue(node);
    owner.bytes += node.bytes;
    owner.entries += 1;
    this.usedBytes += node.bytes;
    this.count += 1;
    note(section.use, 1, node.bytes);
  }

  private detach(node: NearNode): void {
    const { owner, section } = node;
    this.dequeue(node);
    owner.bytes -= node.bytes;
    owner.entries -= 1;
    this.usedBytes -= node.bytes;
    this.count -= 1;
    note(section.use, -1, -node.bytes);
  }

  private resize(node: NearNode, bytes: number): void {
    const { owner, section } = node;
    const grownBytes = bytes - node.bytes;
    node.bytes = bytes;
    this.order.resize(node, grownBytes);
    owner.order?.resize(node, grownBytes);
    owner.bytes += grownBytes;
    this.usedBytes += grownBytes;
    note(section.use, 0, grownBytes);
    while (owner.bytes > this.shareBytes) this.evictBy(owner.order ?? this.order);
    while (this.usedBytes > this.bounds.maxBytes) this.evictBy(this.order);
  }

  private evictBy(order: S3Fifo<NearNode>): void {
    const node = order.victim(this.promote);
    if (!node) throw new Error('near tier: over its bounds without an entry to evict');
    this.evicted += 1;
    if (!node.isMain) this.remember(node);
    this.drop(node);
  }

  private readonly promote = (node: NearNode): void => {
    this.dequeue(node);
    node.isMain = true;
    node.uses = 0;
    this.enqueue(node);
  };

  /** Drops what may well come again, with another value. */
  private dropForNow(node: NearNode): void {
    if (node.isMain || node.uses > 0) this.remember(node);
    this.drop(node);
  }

  private remember({ section, key }: NearNode): void {
    this.evictedKeys.add(section.hashOf(key), this.count / 2);
  }

  private enqueue(node: NearNode): void {
    this.order.push(node);
    node.owner.order?.push(node);
  }

  private dequeue(node: NearNode): void {
    this.order.remove(node);
    node.owner.order?.remove(node);
  }

  private drop(node: NearNode): void {
    const { owner, section } = node;
    section.nodes.delete(node.key);
    this.detach(node);
    // A Map whose entries come and go keeps what its former tables hold until a full collection.
    node.entry = GONE;
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

function bytesOf(key: string, { frozen }: NearEntry, valueBytes: number): number {
  return valueBytes + 2 * key.length + OVERHEAD_BYTES + (frozen ? ANSWER_BYTES : 0);
}
