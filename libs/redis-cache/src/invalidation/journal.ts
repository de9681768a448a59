import type { Clock } from '../resilience/clock.js';
import type { Invalidation, InvalidationLevel, Invalidations } from './invalidation.js';

/** Bounds of the journal. */
export interface JournalBounds {
  /** How long an invalidation is kept after Redis has acknowledged it: a failover may lose it still. */
  readonly keepMs: number;
  /** Invalidations kept at most; past that they coarsen. */
  readonly maxItems: number;
}

interface Item {
  readonly invalidation: Invalidation;
  readonly notedAtMs: number;
  acknowledged: boolean;
}

/** Levels from fine to coarse; what is at one of them is replaced by what contains it. */
const COARSENING: readonly InvalidationLevel[] = ['entry', 'tag', 'cache', 'tenant'];

/**
 * The invalidations of this process that Redis might not know of: those it has not acknowledged, and
 * the latest that it has, for a failover can lose what was acknowledged. They are replayed after every
 * reconnect, before anything is read.
 *
 * Past its bound it coarsens: entries to their cache, caches and tags to their tenant, tenants to
 * everything. So it is bounded and errs towards too many misses.
 */
export class Journal {
  private items = new Map<string, Item>();

  constructor(
    private readonly bounds: JournalBounds,
    private readonly invalidations: Invalidations,
    private readonly clock: Clock,
  ) {}

  get size(): number {
    return this.items.size;
  }

  get unacknowledged(): number {
    let count = 0;
    for (const { acknowledged } of this.items.values()) if (!acknowledged) count += 1;
    return count;
  }

  /** Notes an invalidation before it is sent. @returns notes that Redis has acknowledged it */
  note(invalidation: Invalidation): () => void {
    const item = { invalidation, notedAtMs: this.clock.nowMs(), acknowledged: false };
    this.items.delete(invalidation.key);
    this.items.set(invalidation.key, item);
    if (this.items.size > this.bounds.maxItems) this.shrink();
    return () => {
      item.acknowledged = true;
    };
  }

  /**
   * Replays what it holds through `send`, coarse things included, until nothing is left that is not
   * acknowledged: what is noted meanwhile is sent as well.
   */
  async replay(send: (invalidation: Invalidation) => Promise<unknown>): Promise<void> {
    this.forgetOld();
    let pending = [...this.items.values()];
    while (pending.length > 0) {
      await Promise.all(
        pending.map(async (item) => {
          await send(item.invalidation);
          item.acknowledged = true;
        }),
      );
      pending = [...this.items.values()].filter(({ acknowledged }) => !acknowledged);
    }
  }

  private shrink(): void {
    this.forgetOld();
    for (const level of COARSENING) {
      if (this.items.size <= this.bounds.maxItems) return;
      this.coarsen(level);
    }
  }

  private forgetOld(): void {
    const beforeMs = this.clock.nowMs() - this.bounds.keepMs;
    for (const [key, { acknowledged, notedAtMs }] of this.items) {
      if (acknowledged && notedAtMs < beforeMs) this.items.delete(key);
    }
  }

  private coarsen(level: InvalidationLevel): void {
    for (const [key, { invalidation, acknowledged, notedAtMs }] of this.items) {
      if (invalidation.level !== level) continue;
      this.items.delete(key);
      const coarser = this.invalidations.coarser(invalidation);
      const there = this.items.get(coarser.key);
      this.items.set(coarser.key, {
        invalidation: coarser,
        notedAtMs,
        acknowledged: acknowledged && (there?.acknowledged ?? true),
      });
    }
  }
}
