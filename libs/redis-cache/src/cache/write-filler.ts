import type { EngineParts } from './engine-parts.js';
import type { EntryFiller, Filled } from './entry-filler.js';
import type { EntryLoader } from './entry-loader.js';
import type { StorableValue } from './entry-packer.js';
import type { ScopedEntry } from './entry-scope.js';
import type { Evictor, Persisted } from './evictor.js';
import { isAway, type Away, type FarAccess } from './far-access.js';
import type { FarBudget } from './far-budget.js';
import type { Flight } from './flight.js';
import type { LoadRequest } from './load-request.js';
import type { LoadStart } from './load-start.js';
import type { NearKeeper } from './near-keeper.js';
import type { PersistentWrites } from './persistent-writes.js';

/** A value that is written, on its way to where it is kept. */
export interface Write {
  readonly request: LoadRequest;
  readonly flight: Flight;
  readonly budget: FarBudget;
  readonly value: StorableValue;
  /** What it is made under. */
  readonly start: LoadStart;
}

/** The same once its lease was asked for. */
export interface ClaimedWrite extends Write {
  /** Of its lease; undefined when Redis is away. */
  readonly token: string | undefined;
  /** What the persistent store says to the write, where the cache has one. */
  readonly persisted: Persisted | undefined;
}

/** By which a timer may be early, and the server's clock be rounded or known wrong. */
const CLOCKS_DIFFER_MS = 5;

type Landing = Write & Partial<Pick<ClaimedWrite, 'persisted'>>;

/** Stores what is written, and does what follows from that in this process. */
export class WriteFiller {
  constructor(
    private readonly parts: EngineParts,
    private readonly access: FarAccess,
    private readonly filler: EntryFiller,
    private readonly loads: EntryLoader,
    private readonly keeper: NearKeeper,
    private readonly evictor: Evictor,
    private readonly persistent: PersistentWrites,
  ) {}

  /** Whether {@link storeAtOnce} can do it. */
  canStoreAtOnce({ request: { policy }, value, start }: Write): boolean {
    return !this.persistent.keeps(policy) && this.filler.canStoreAtOnce(start, value);
  }

  /**
   * Stores under no lease.
   *
   * @param otherwise has it stored under one, if that is still to be
   * @returns whether the entry now stands for this value
   */
  storeAtOnce(write: Write, otherwise: () => boolean | Promise<boolean>): Promise<boolean> {
    const { request, value: packed, start, budget } = write;
    const { ref, policy } = request;
    const storing = { ref, policy, packed, start, budget };
    const isOutdated = () => this.isOvertaken(write);
    return this.filler.storeAtOnce(storing, isOutdated, (stored, mark, untilMs) => {
      if (isAway(stored)) return this.landUnfilledAt(untilMs, write, stored);
      return stored
        ? this.land(write, { kind: 'filled', stamps: start.stamps, mark })
        : otherwise();
    });
  }

  /**
   * Whether a later call in this process has evicted or set the entry. That call's command may have gone out
   * first, and then Redis does not refuse this one.
   */
  isOvertaken({ flight, start: { stamps, begunAt } }: Write): boolean {
    return flight.overtaken || this.parts.stamps.renewedSince(stamps.list(), begunAt);
  }

  /**
   * Stores under the lease that was asked for.
   *
   * @returns whether the entry now stands for this value
   */
  fill(written: ClaimedWrite): Promise<boolean> {
    const land = (fill: Filled | Away) =>
      isAway(fill) ? this.landUnfilled(written, fill) : this.land(written, fill);
    const { request, value, token, start, budget, persisted } = written;
    if (!token) return Promise.resolve(this.access.away).then(land);
    const { ref, policy } = request;
    const fill = () =>
      this.filler.fill({ ref, policy, packed: value, start, token, budget, announce: true }, land);
    if (!persisted?.owing.length) return fill();
    return this.persistent.owe(ref, persisted.owing).then((away) => (away ? land(away) : fill()));
  }

  /** Stores nothing, as a later call in this process has evicted or set the entry. */
  async giveWay(ref: ScopedEntry, flight: Flight, token: string | undefined): Promise<boolean> {
    await this.filler.giveUp(ref, token);
    return this.landOutdated(ref, flight);
  }

  /** The entry from before it may be under no tag that was invalidated. A later call sees to that itself. */
  private landOutdated(ref: ScopedEntry, flight: Flight): boolean | Promise<boolean> {
    return flight.overtaken ? false : this.evictor.evict(ref).then(() => false);
  }

  /** The value is in Redis, or Redis is away: does here what follows from that, and at once. */
  private land(
    { request, flight, value, start, persisted }: Landing,
    fill: Filled | Away,
  ): boolean | Promise<boolean> {
    const { ref, policy } = request;
    const { near, flights, evictionLog } = this.parts;
    if (fill.kind === 'outdated') return this.landOutdated(ref, flight);
    const filled = fill.kind === 'filled';
    if (!isAway(fill)) this.evictor.noteWritten(ref);
    evictionLog.note(ref.redisKey);
    if (flight.overtaken) {
      // The others are later, or marked. What is kept here may be from before this value, or of a later call.
      if (filled) near?.delete(ref.scope, ref.key);
      return filled;
    }
    // Reads that began before this write may still hold the earlier value.
    flights.invalidateOthers(flight);
    if (fill.kind === 'refused') {
      near?.delete(ref.scope, ref.key);
      return this.mayHaveLapsed(start) ? this.landOutdated(ref, flight) : false;
    }
    const kept =
      filled &&
      this.keeper.keepStored({
        flight,
        ref,
        policy,
        value,
        stamps: fill.stamps,
        mark: fill.mark,
      });
    if (!kept) near?.delete(ref.scope, ref.key);
    // Marked by whoever came after it was stored, or by the server's own word of it.
    if (flight.invalidated) return filled;
    if (filled) {
      const { point } = persisted ?? {};
      if (point) this.persistent.putLater(request, value, fill.stamps, point);
    } else {
      this.loads.keepForNear(request, flight, value, start);
      this.parts.counters(ref.cache).fills += 1;
    }
    return true;
  }

  /** Whether a refusal may say no more than that the lease has run out: nobody has to have come in between. */
  private mayHaveLapsed({ beganMs }: LoadStart): boolean {
    const { link, clock, leaseMs } = this.parts;
    return (link ?? clock).nowMs() - beganMs >= leaseMs;
  }

  /**
   * Does that only when what was sent cannot be stored any more. The connection may have broken since, and the server
   * may read what comes by the next one first.
   *
   * @param untilMs by the server's clock
   */
  private async landUnfilledAt(untilMs: number, write: Write, away: Away): Promise<boolean> {
    const { clock, far, flights, near, commandTimeoutMs, background } = this.parts;
    const { flight } = write;
    const { ref } = write.request;
    // What is known of the server's clock may have been corrected since.
    const leftMs = Math.min(untilMs - (far ?? clock).nowMs(), commandTimeoutMs) + CLOCKS_DIFFER_MS;
    if (leftMs > 0 && away.reason !== 'refused') {
      const wait = new Promise<void>((resolve) => {
        clock.schedule(leftMs, resolve);
      });
      // Who closes waits for the eviction as well.
      background.run('evict', wait);
      await wait;
      // It may have been stored, and read here, behind a later call.
      flights.invalidateOthers(flight);
      near?.delete(ref.scope, ref.key);
    }
    return this.landUnfilled(write, away);
  }

  private landUnfilled(written: Landing, away: Away): Promise<boolean> {
    return this.evictUnfilled(written).then(() => this.land(written, away));
  }

  /** Redis did not take the value. Others may be writing one as well, whose lease could not be taken. */
  private async evictUnfilled({ request, persisted }: Landing): Promise<void> {
    const forgotten = await this.persistent.forget(request);
    const owing = [...new Set([...(persisted?.owing ?? []), ...(forgotten?.owing ?? [])])];
    if (this.parts.far) this.evictor.evictLater(request.ref, owing);
    // Where others only hear of it by this, it is waited for.
    else await this.evictor.evictOthers(request.ref, owing);
  }
}
