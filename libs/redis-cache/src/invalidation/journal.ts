import type { Clock } from '../resilience/clock.js';
import {
  COARSENING,
  type Invalidation,
  type InvalidationLevel,
  type Invalidations,
} from './invalidation.js';

/** Bounds of the journal. */
export interface JournalBounds {
  /** How long an invalidation is kept after Redis has acknowledged it: a failover may lose it still. */
  readonly keepMs: number;
  /** Invalidations kept at most; past that they coarsen. */
  readonly maxItems: number;
}

/** An invalidation, or several that were coarsened to it. */
class Item {
  /** What it was coarsened to. */
  into: Item | undefined;
  /** A replay has begun to send it: that does not cover what is coarsened to the same from then on. */
  sent = false;

  /** @param open how many acknowledgements it waits for: its own, or those of its parts */
  constructor(
    readonly invalidation: Invalidation,
    public notedAtMs: number,
    public open: number,
  ) {}

  /** It counts as acknowledged only once `part` does, which has been coarsened to it. */
  waitFor(part: Item): void {
    if (part.open === 0) return;
    this.open += 1;
    part.into = this;
  }

  acknowledge(): void {
    if (this.open === 0) return;
    this.open -= 1;
    if (this.open === 0) this.into?.acknowledge();
  }

  /** It was sent itself, so that its parts need not be. */
  settle(): void {
    if (this.open > 1) this.open = 1;
    this.acknowledge();
  }
}

/** Sent at once in a replay: few enough to be answered within the time of a command. */
const REPLAY_BATCH = 500;

/**
 * The invalidations of this process that Redis might not know of: those it has not acknowledged, and
 * the latest that it has, for a failover can lose what was acknowledged. They are replayed after every
 * reconnect, before anything is read.
 *
 * Past its bound it coarsens: entries to their cache, caches, tags and patterns to their tenant, tenants
 * to everything. So it is bounded and errs towards too many misses.
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
    for (const { open } of this.items.values()) if (open > 0) count += 1;
    return count;
  }

  /** Those that are not acknowledged. */
  pending(): Invalidation[] {
    return [...this.items.values()].flatMap(({ open, invalidation }) =>
      open > 0 ? [invalidation] : [],
    );
  }

  /** Notes an invalidation before it is sent. @returns notes that Redis has acknowledged it */
  note(invalidation: Invalidation): () => void {
    const item = this.add(invalidation, 1);
    let told = false;
    return () => {
      if (!told) item.acknowledge();
      told = true;
    };
  }

  /** Notes one that Redis has acknowledged. */
  noteAcknowledged(invalidation: Invalidation): void {
    const there = this.items.get(invalidation.key);
    // What is there may have come after it, though it is acknowledged first.
    if (there && there.open > 0) there.notedAtMs = this.clock.nowMs();
    else this.add(invalidation, 0);
  }

  /**
   * Replays through `send` what it holds now, acknowledged or not. What is noted meanwhile is the
   * matter of those who note it.
   */
  async replay(send: (invalidation: Invalidation) => Promise<unknown>): Promise<void> {
    this.forgetOld();
    const items = [...this.items.values()];
    for (let from = 0; from < items.length; from += REPLAY_BATCH) {
      await Promise.all(
        items.slice(from, from + REPLAY_BATCH).map(async (item) => {
          item.sent = true;
          await send(item.invalidation);
          item.settle();
        }),
      );
    }
  }

  private add(invalidation: Invalidation, open: number): Item {
    const item = new Item(invalidation, this.clock.nowMs(), open);
    this.items.set(invalidation.key, item);
    if (this.items.size > this.bounds.maxItems) this.shrink();
    return item;
  }

  private shrink(): void {
    this.forgetOld();
    for (const level of COARSENING) {
      if (this.items.size <= this.bounds.maxItems) return;
      this.coarsen(level);
    }
  }

  private merge(part: Item, coarser: Invalidation): Item {
    const there = this.items.get(coarser.key);
    const notedAtMs = Math.max(part.notedAtMs, there?.notedAtMs ?? 0);
    // One that waits for nothing may still be told of parts it had: they are not those of the new one.
    const takesParts = there && there.open > 0 && !there.sent;
    const into = takesParts ? there : new Item(coarser, notedAtMs, 0);
    into.notedAtMs = notedAtMs;
    if (there && there !== into) into.waitFor(there);
    into.waitFor(part);
    return into;
  }

  private forgetOld(): void {
    const beforeMs = this.clock.nowMs() - this.bounds.keepMs;
    for (const [key, { open, notedAtMs }] of this.items) {
      if (open === 0 && notedAtMs < beforeMs) this.items.delete(key);
    }
  }

  private coarsen(level: InvalidationLevel): void {
    for (const [key, item] of this.items) {
      if (item.invalidation.level !== level) continue;
      this.items.delete(key);
      const coarser = this.invalidations.coarser(item.invalidation);
      this.items.set(coarser.key, this.merge(item, coarser));
    }
  }
}
