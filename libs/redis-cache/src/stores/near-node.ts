import { NO_MARK, type EntryMark } from '../codec/entry-mark.js';
import type { HeldValue } from '../codec/held-value.js';
import type { KnownStamp } from '../invalidation/stamp-table.js';
import { hashOf } from './evicted-keys.js';
import { links, type QueueLane } from './fifo-queue.js';
import { S3Fifo, type S3FifoNode } from './s3-fifo.js';

/** What the entries of one cache take of the tier. */
export interface NearUse {
  entries: number;
  bytes: number;
}

/**
 * A value held in this process. All times but one are whole milliseconds since it was kept: V8 has these in the entry
 * itself, and makes an object of 16 bytes for each other number.
 */
export interface NearEntry extends HeldValue {
  /** When it was kept here, by the engine's clock. */
  readonly keptAtMs: number;
  /** After that a read also refreshes it; undefined for never. */
  readonly refreshAfterMs: number | undefined;
  readonly freshForMs: number;
  /** How much longer it is usable than fresh. */
  readonly graceMs: number;
  /** Its ttl: more than `freshForMs` where Redis is to be asked before. */
  readonly ttlForMs: number;
  /** Tells it from the entry that another process may put in its place in Redis. */
  readonly mark: EntryMark;
  /**
   * The whole entry as another process has stored and told it, until somebody here asks for it: the rest of this says
   * how long it may be, but for what its policy says, and under what the one before it was.
   */
  readonly told: string | undefined;
  /** The stamps it was loaded under; once one of them is not live, it does not hold any more. */
  readonly stamps: readonly KnownStamp[];
  /** What hits of a shared value are answered with, made by the second of them; null since the first. */
  answer?: Promise<unknown> | null | undefined;
}

/** What there is to say of an entry without a value. */
interface Valueless extends Pick<NearEntry, 'keptAtMs' | 'freshForMs' | 'stamps'> {
  readonly mark?: EntryMark;
  readonly told?: string;
}

/** An entry of which there is no value here, or none yet. */
export function valueless({
  keptAtMs,
  freshForMs,
  stamps,
  mark = NO_MARK,
  told,
}: Valueless): NearEntry {
  return {
    value: undefined,
    text: undefined,
    frozen: false,
    codecId: undefined,
    keptAtMs,
    refreshAfterMs: undefined,
    freshForMs,
    graceMs: 0,
    ttlForMs: freshForMs,
    mark,
    told,
    stamps,
    answer: undefined,
  };
}

/** What a dropped node has in place of its entry. */
export const GONE: NearEntry = valueless({ keptAtMs: 0, freshForMs: 0, stamps: [] });

/** Whether it may be answered with: its time and grace are not over, and all its stamps hold. */
export function isUsable(entry: NearEntry, nowMs: number): boolean {
  if (nowMs - entry.keptAtMs >= entry.freshForMs + entry.graceMs) return false;
  for (const stamp of entry.stamps) if (!stamp.live) return false;
  return true;
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
  private readonly hash: number;

  constructor(
    readonly prefix: string,
    /** The tier it is of; undefined once it was let go, for want of entries. */
    public tier: object | undefined,
    readonly use: NearUse | undefined,
  ) {
    this.hash = hashOf(prefix);
  }

  hashOf(key: string): number {
    return hashOf(key, this.hash);
  }
}

/** An entry in its place and its orders. */
export class NearNode implements S3FifoNode {
  uses = 0;
  // Neighbours among all entries, and among those of the tenant.
  newer: NearNode | undefined = undefined;
  older: NearNode | undefined = undefined;
  ownNewer: NearNode | undefined = undefined;
  ownOlder: NearNode | undefined = undefined;

  constructor(
    readonly key: string,
    readonly section: NearSection,
    readonly owner: TenantUse,
    public entry: NearEntry,
    public bytes: number,
    public isMain: boolean,
  ) {}
}

/** Of all entries. */
export const ALL = links<NearNode>();

/** Of those of a tenant. */
const OWN: QueueLane<NearNode> = {
  newerOf: (node) => node.ownNewer,
  olderOf: (node) => node.ownOlder,
  setNewer: (node, newer) => {
    node.ownNewer = newer;
  },
  setOlder: (node, older) => {
    node.ownOlder = older;
  },
};

/** What one tenant holds. */
export class TenantUse {
  bytes = 0;
  entries = 0;
  /** An eviction order of its own, unless it may have all: then it is that of all. */
  readonly order: S3Fifo<NearNode> | undefined;

  constructor(
    readonly tenant: string,
    hasShare: boolean,
  ) {
    this.order = hasShare ? new S3Fifo(OWN) : undefined;
  }
}
