import type { StampId } from '../codec/envelope.js';
import { NewestMap } from '../resilience/newest-map.js';

/** A stamp as Redis holds it. */
export interface Stamp {
  readonly id: StampId;
  /** When it was made, by the server's clock; 0 for one made because none was there. */
  readonly madeAtMs: number;
}

/**
 * A stamp as this process knows it. Whoever holds a value loaded under it keeps this object and sees
 * by one look whether the value still holds.
 */
export class KnownStamp implements Stamp {
  live = true;

  constructor(
    readonly key: string,
    readonly id: StampId,
    readonly madeAtMs: number,
    /** When Redis was last asked for it, by the clock of this process. */
    public readAtMs: number,
    /** Count of changes of the table as of which it holds; see {@link StampTable.changes}. */
    readonly renewedAt: number,
  ) {}
}

/** Time of reading of a stamp that Redis was not asked for. */
const NEVER = -Infinity;

/** Stamps known at most; one that is dropped is asked for again. */
const MAX_STAMPS = 100_000;

/** Changes kept in mind at most of which the known stamps do not tell; they matter while an answer is on its way. */
const MAX_FORGOTTEN = 10_000;

/** The stamps that this process knows, kept up to date by its own evictions and by what it hears. */
export class StampTable {
  private readonly stamps: NewestMap<string, KnownStamp>;
  /** Count of changes when a stamp was last forgotten. */
  private readonly forgotten: NewestMap<string, number>;
  /** Count of changes when a stamp was last renewed. */
  private readonly renewed: NewestMap<string, number>;
  private lastRenewed = 0;
  private lastDroppedRenewed = 0;
  private changeCount = 0;
  private lastDroppedRenewal = 0;

  constructor(maxStamps = MAX_STAMPS, maxForgotten = MAX_FORGOTTEN) {
    this.stamps = new NewestMap(maxStamps);
    this.forgotten = new NewestMap(maxForgotten);
    this.renewed = new NewestMap(maxForgotten);
  }

  get size(): number {
    return this.stamps.size;
  }

  /**
   * Counts invalidations by stamp. A flight that began under another count may have loaded what has
   * been invalidated since, and is not joined any more.
   */
  get changes(): number {
    return this.changeCount;
  }

  get(key: string): KnownStamp | undefined {
    return this.stamps.get(key);
  }

  /** Takes note of an invalidation made here. */
  renew(key: string, { id, madeAtMs }: Stamp, nowMs: number): KnownStamp {
    const known = this.stamps.get(key);
    if (known?.id === id) return known;
    this.changeCount += 1;
    this.lastRenewed = this.changeCount;
    const dropped = this.renewed.put(key, this.changeCount) ?? 0;
    this.lastDroppedRenewed = Math.max(this.lastDroppedRenewed, dropped);
    return this.put(new KnownStamp(key, id, madeAtMs, nowMs, this.changeCount));
  }

  /** Whether this process has renewed one of these since a count of {@link changes}, or may have. */
  renewedSince(stamps: readonly KnownStamp[], changes: number): boolean {
    if (this.lastRenewed <= changes) return false;
    return stamps.some(({ key }) => (this.renewed.get(key) ?? this.lastDroppedRenewed) > changes);
  }

  /**
   * Takes note of what Redis answered.
   *
   * @param askedAt {@link changes} when the question was sent
   * @returns undefined if the stamp was renewed meanwhile: the answer may be the one before
   */
  learn(
    key: string,
    { id, madeAtMs }: Stamp,
    askedAt: number,
    nowMs: number,
  ): KnownStamp | undefined {
    const known = this.stamps.get(key);
    if ((known?.renewedAt ?? this.lastForgotten(key)) > askedAt) return undefined;
    if (known?.id === id) {
      known.readAtMs = nowMs;
      return known;
    }
    // Another one than before: an invalidation that no message told of.
    if (known) this.changeCount += 1;
    return this.put(new KnownStamp(key, id, madeAtMs, nowMs, known ? this.changeCount : askedAt));
  }

  /** Takes note that a stamp has changed, into nobody knows what: it is asked for again. */
  forget(key: string): void {
    this.changeCount += 1;
    const known = this.stamps.get(key);
    if (known) known.live = false;
    this.stamps.delete(key);
    const dropped = this.forgotten.put(key, this.changeCount) ?? 0;
    this.lastDroppedRenewal = Math.max(this.lastDroppedRenewal, dropped);
  }

  /** The same for every known stamp that `hit` says yes to; what is under way is not joined in any case. */
  forgetWhere(hit: (key: string) => boolean): void {
    this.changeCount += 1;
    for (const { key } of this.stamps.values()) if (hit(key)) this.forget(key);
  }

  /** Forgets everything: whatever was loaded under a known stamp does not hold any more. */
  clear(): void {
    this.changeCount += 1;
    for (const stamp of this.stamps.values()) stamp.live = false;
    this.stamps.clear();
    this.forgotten.clear();
    this.lastDroppedRenewal = this.changeCount;
  }

  /**
   * The stamp as far as this process knows it, for as long as Redis cannot be asked: one made here if
   * need be, which Redis has never heard of and is asked for as soon as that can be.
   */
  local(key: string, newId: () => StampId): KnownStamp {
    const known = this.stamps.get(key);
    return known ?? this.put(new KnownStamp(key, newId(), 0, NEVER, this.lastForgotten(key)));
  }

  private lastForgotten(key: string): number {
    return Math.max(this.forgotten.get(key) ?? 0, this.lastDroppedRenewal);
  }

  private put(stamp: KnownStamp): KnownStamp {
    const former = this.stamps.get(stamp.key);
    if (former) former.live = false;
    const dropped = this.stamps.put(stamp.key, stamp);
    if (dropped) {
      dropped.live = false;
      this.lastDroppedRenewal = Math.max(this.lastDroppedRenewal, dropped.renewedAt);
    }
    return stamp;
  }
}
