import type { HeldValue } from '../codec/held-value.js';
import type { KnownStamp } from '../invalidation/stamp-table.js';
import { asIs } from './as-is.js';
import { missed, PERSISTENT_HIT } from './call-log.js';
import type { CacheEvents } from './cache-events.js';
import type { EngineParts } from './engine-parts.js';
import type { EntryLoader } from './entry-loader.js';
import { identityOf, type HoldingEntry } from './entry-opener.js';
import { FarBudget } from './far-budget.js';
import { outcomeOf, type Answer, type Flight, type Outcome } from './flight.js';
import { copyOf, ownOf } from './held-values.js';
import type { Leases } from './leases.js';
import type { LoadRequest } from './load-request.js';
import type { NearKeeper } from './near-keeper.js';
import { usableBy } from './nothing.js';
import { RefreshFlight } from './refresh-flight.js';

type StaleReason = CacheEvents['stale']['reason'];

/** A refresh under way. */
interface Refresh {
  readonly flight: RefreshFlight;
  /** When it began, as the table of stamps counts its changes. */
  readonly begunAt: number;
  /** Undefined when it was left to another process, or given up. */
  readonly outcome: Promise<Outcome | undefined>;
}

/** An entry that a refresh is to replace. */
interface Older {
  /** Its stamps. */
  readonly stamps: readonly KnownStamp[];
  /** Its first bytes, where it was read from the far tier. */
  readonly known: Uint8Array | undefined;
}

/** One that is past its ttl. */
export interface StaleEntry extends Older {
  /** The value, for one caller alone. */
  readonly answer: () => Outcome;
  readonly expiredForMs: number;
  /** By which it was read: marked if it was evicted since. Undefined where that says nothing of it. */
  readonly flight: Flight | undefined;
}

/**
 * Loads entries anew while an older value still answers: behind a read past `refreshAhead`, and
 * within the grace of an entry that is no longer fresh.
 */
export class Refresher {
  private readonly refreshing = new Map<string, Refresh>();

  constructor(
    private readonly parts: EngineParts,
    private readonly leases: Leases,
    private readonly loads: EntryLoader,
    private readonly keeper: NearKeeper,
  ) {}

  /**
   * Has the source asked anew, in the background, where a fresh entry is due for it.
   *
   * @param refreshInMs by `refreshAhead`; 0 or less is now
   * @param stamps of the entry
   * @param bytes of the entry, where it was read from the far tier
   */
  refreshIfDue(
    request: LoadRequest,
    held: HeldValue,
    refreshInMs: number,
    ttlLeftMs: number,
    stamps: readonly KnownStamp[],
    bytes?: Uint8Array,
  ): void {
    const refreshWithinMs = this.withinMs(request, held);
    if (refreshInMs > 0 && ttlLeftMs >= refreshWithinMs) return;
    const known = bytes && identityOf(bytes);
    this.refreshLater({ ...request, refreshWithinMs, anew: true }, { stamps, known });
  }

  /** Refreshes in the background; whoever fails hears of it by the events only. */
  private refreshLater(request: LoadRequest, older: Older): void {
    if (this.parts.flights.full) return;
    const running = this.running(request, older);
    if (!running) this.parts.background.run('refresh', this.begin(request, older).outcome);
  }

  /**
   * Answers an entry past its ttl: at once, or after `softTimeout` at the latest, and also when the
   * load fails.
   *
   * @returns `gone` if it was evicted while it was read or waited for: what was loaded before is not served
   * any more
   */
  async answerStale(request: LoadRequest, stale: StaleEntry): Promise<Answer | 'gone'> {
    const { policy } = request;
    const running = this.running(request, stale);
    if (policy.softTimeoutMs === 0 || (!running && this.parts.flights.full)) {
      this.refreshLater(request, stale);
      return this.serve(request, stale, 'refreshing');
    }
    const { outcome, flight } = running ?? this.begin(request, stale);
    // For a load of this caller's own, should it come to that.
    const own = new RefreshFlight(request.ref, this.parts.clock);
    const untilMs = this.parts.clock.nowMs() + policy.softTimeoutMs;
    let fresh = await this.within(untilMs, outcome);
    if (running && typeof fresh !== 'string') {
      fresh = await this.within(untilMs, this.shareOf(request, fresh, own));
    }
    if (typeof fresh !== 'string') return this.answerFresh(request, fresh);
    return isGone(stale, [flight, own]) ? 'gone' : this.serve(request, stale, fresh);
  }

  private serve(
    { ref }: LoadRequest,
    { answer, expiredForMs }: StaleEntry,
    reason: StaleReason,
  ): Answer {
    ref.scope.activity.counters.staleServed += 1;
    this.parts.events.emit('stale', { entry: ref, reason });
    return { ...answer(), how: { status: 'stale', expiredForMs } };
  }

  private answerFresh({ ref }: LoadRequest, fresh: Outcome): Answer {
    const { activity } = ref.scope;
    if (fresh.persisted) activity.counters.persistentHits += 1;
    else activity.countMiss('expired');
    return { ...fresh, how: fresh.persisted ? PERSISTENT_HIT : missed('expired') };
  }

  /**
   * What one caller gets of a refresh that another one has begun; in place of what it cannot use, what it
   * loads for itself.
   *
   * @param own the flight of that load
   */
  private async shareOf(
    request: LoadRequest,
    fresh: Outcome,
    own: RefreshFlight,
  ): Promise<Outcome | undefined> {
    const held = usableBy(request, fresh.held);
    if (held) return { ...outcomeOf(request.policy, held), persisted: fresh.persisted === true };
    const { flights } = this.parts;
    if (flights.full) return undefined;
    flights.start(own);
    return this.untilGivenUp(own, request, this.loads.loadUnstored(request, own));
  }

  /** The refresh that may be waited for: one in this process, begun since all that the older entry is of. */
  private running({ ref }: LoadRequest, { stamps }: Older): Refresh | undefined {
    const running = this.refreshing.get(ref.redisKey);
    if (!running || running.flight.invalidated) return undefined;
    return stamps.some(({ renewedAt }) => renewedAt > running.begunAt) ? undefined : running;
  }

  private begin(request: LoadRequest, { known }: Older): Refresh {
    const { flights, clock, counters, stamps } = this.parts;
    const { redisKey, cache } = request.ref;
    counters(cache).refreshes += 1;
    const begunAt = stamps.changes;
    const flight = new RefreshFlight(request.ref, clock);
    flights.start(flight);
    const outcome = this.untilGivenUp(flight, request, this.load(request, flight, known));
    const refresh = { flight, begunAt, outcome };
    this.refreshing.set(redisKey, refresh);
    return refresh;
  }

  /** A load may never end. What waits for it does not, past `loadTimeout`. */
  private untilGivenUp(
    flight: RefreshFlight,
    { ref: { redisKey } }: LoadRequest,
    loading: Promise<Outcome | undefined>,
  ): Promise<Outcome | undefined> {
    return Promise.race([loading, flight.givenUp]).finally(() => {
      if (this.refreshing.get(redisKey)?.flight === flight) this.refreshing.delete(redisKey);
      this.parts.flights.end(flight);
    });
  }

  private async load(
    request: LoadRequest,
    flight: Flight,
    known: Uint8Array | undefined,
  ): Promise<Outcome | undefined> {
    const budget = new FarBudget(this.parts.commandTimeoutMs, this.parts.clock);
    if (!this.parts.far) return this.loads.loadForNear(request, flight, budget);
    const turnOf = (past: Uint8Array | undefined) =>
      this.leases.takeTurn(
        request,
        { known: past, reason: 'expired' },
        request.policy.softTimeoutMs,
        budget,
        asIs,
      );
    let turn = await turnOf(known);
    if (turn.kind === 'entry' && this.isDue(request, turn.entry)) {
      // It is the very entry that is to be refreshed: the near tier does not know its first bytes.
      turn = await turnOf(identityOf(turn.entry.bytes));
    }
    switch (turn.kind) {
      case 'entry':
        return this.outcomeOfEntry(request, flight, turn.entry);
      case 'lease':
        return this.loads.loadUnderLease(request, flight, turn.token, budget);
      case 'away':
      case 'theirs':
      case 'newer':
        return undefined;
    }
  }

  private outcomeOfEntry(request: LoadRequest, flight: Flight, entry: HoldingEntry): Outcome {
    const { ref, policy } = request;
    const { value, held } = entry;
    this.keeper.keepOpened(flight, ref, policy, entry);
    return { own: ownOf(policy, value, held, true), held };
  }

  private isDue(request: LoadRequest, { held, refreshInMs, freshForMs }: HoldingEntry): boolean {
    return refreshInMs <= 0 || freshForMs < this.withinMs(request, held);
  }

  /** What a call says of it; 0 where its function fails to say. */
  private withinMs({ ref, policy, refreshWithinMs = 0 }: LoadRequest, held: HeldValue): number {
    if (typeof refreshWithinMs === 'number') return refreshWithinMs;
    try {
      return refreshWithinMs(copyOf(policy, held));
    } catch (error) {
      this.parts.events.emit('policyError', { cache: ref.cache, error });
      return 0;
    }
  }

  /** What comes of it until then, or why the older value is served instead. */
  private within(
    untilMs: number,
    refreshing: Promise<Outcome | undefined>,
  ): Promise<Outcome | StaleReason> {
    const { clock } = this.parts;
    let cancel: () => void;
    const slow = new Promise<'slow'>((resolve) => {
      cancel = clock.schedule(untilMs - clock.nowMs(), () => {
        resolve('slow');
      });
    });
    const ended = refreshing.then(
      (outcome) => outcome ?? 'refreshing',
      () => 'failed' as const,
    );
    return Promise.race([ended, slow]).finally(() => {
      cancel();
    });
  }
}

/** Whether it was evicted while it was read, or while these flights were waited for. */
function isGone({ flight, stamps }: StaleEntry, waitedFor: readonly Flight[]): boolean {
  const flights = flight ? [flight, ...waitedFor] : waitedFor;
  return flights.some(({ evicted }) => evicted) || stamps.some(({ live }) => !live);
}
