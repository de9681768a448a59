import type { HeldValue } from '../codec/held-value.js';
import { asIs } from './as-is.js';
import type { EngineParts } from './engine-parts.js';
import type { EntryLoader } from './entry-loader.js';
import { identityOf, type HoldingEntry } from './entry-opener.js';
import { FarBudget } from './far-budget.js';
import { missed, PERSISTENT_HIT } from './call-log.js';
import { Flight, outcomeOf, type Answer, type Outcome } from './flight.js';
import { copyOf, ownOf } from './held-values.js';
import type { Leases } from './leases.js';
import type { LoadRequest } from './load-request.js';
import type { NearKeeper } from './near-keeper.js';

interface Refresh {
  readonly flight: Flight;
  /** Undefined when it was left to another process. */
  readonly outcome: Promise<Outcome | undefined>;
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
   * @param bytes of the entry, where it was read from the far tier
   */
  refreshIfDue(
    request: LoadRequest,
    held: HeldValue,
    refreshInMs: number,
    ttlLeftMs: number,
    bytes?: Uint8Array,
  ): void {
    const refreshWithinMs = this.withinMs(request, held);
    if (refreshInMs > 0 && ttlLeftMs >= refreshWithinMs) return;
    this.refreshLater({ ...request, refreshWithinMs, anew: true }, bytes && identityOf(bytes));
  }

  /** Refreshes in the background; whoever fails hears of it by the events only. */
  private refreshLater(request: LoadRequest, known: Uint8Array | undefined): void {
    if (this.parts.flights.full) return;
    this.parts.background.run('refresh', this.refresh(request, known).outcome);
  }

  /**
   * Answers an entry past its ttl: at once, or after `softTimeout` at the latest, and also when the
   * load fails.
   *
   * @param stale gives the older value, for this caller alone
   */
  async answerStale(
    request: LoadRequest,
    stale: () => Outcome,
    expiredForMs: number,
    known: Uint8Array | undefined,
  ): Promise<Answer> {
    const { ref, policy } = request;
    const serve = (reason: 'refreshing' | 'slow' | 'failed'): Answer => {
      this.parts.counters(ref.cache).staleServed += 1;
      this.parts.events.emit('stale', { entry: ref, reason });
      return { ...stale(), how: { status: 'stale', expiredForMs } };
    };
    if (policy.softTimeoutMs === 0) {
      this.refreshLater(request, known);
      return serve('refreshing');
    }
    const { outcome, isOurs } = this.refresh(request, known);
    const ended = outcome.catch(() => 'failed' as const);
    const fresh = await this.within(policy.softTimeoutMs, ended);
    if (typeof fresh === 'string') return serve(fresh);
    if (!fresh) return serve('refreshing');
    const own = isOurs ? fresh : await this.shareOf(request, fresh);
    if (own === 'failed') return serve('failed');
    const { counters } = ref.scope.activity;
    if (fresh.persisted) counters.persistentHits += 1;
    else this.parts.activities.of(ref.cache).countMiss('expired');
    return { ...own, how: fresh.persisted ? PERSISTENT_HIT : missed('expired') };
  }

  /** What one caller gets of a refresh that another one has begun; of what cannot be copied, one of its own. */
  private async shareOf(request: LoadRequest, { held }: Outcome): Promise<Outcome | 'failed'> {
    if (held) return outcomeOf(request.policy, held);
    const { flights, clock } = this.parts;
    const flight = new Flight(request.ref, clock);
    flights.start(flight);
    try {
      return await this.loads.loadUnstored(request, flight);
    } catch {
      return 'failed';
    } finally {
      flights.end(flight);
    }
  }

  /** One refresh at a time in this process. */
  private refresh(
    request: LoadRequest,
    known: Uint8Array | undefined,
  ): Pick<Refresh, 'outcome'> & { readonly isOurs: boolean } {
    const { flights, clock, counters } = this.parts;
    const { redisKey, cache } = request.ref;
    const running = this.refreshing.get(redisKey);
    if (running && !running.flight.invalidated) {
      return { outcome: running.outcome, isOurs: false };
    }
    counters(cache).refreshes += 1;
    const flight = new Flight(request.ref, clock);
    flights.start(flight);
    const outcome = this.load(request, flight, known).finally(() => {
      if (this.refreshing.get(redisKey)?.flight === flight) this.refreshing.delete(redisKey);
      flights.end(flight);
    });
    this.refreshing.set(redisKey, { flight, outcome });
    return { outcome, isOurs: true };
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

  private within<T>(ms: number, work: Promise<T>): Promise<T | 'slow'> {
    let cancel: () => void;
    const slow = new Promise<'slow'>((resolve) => {
      cancel = this.parts.clock.schedule(ms, () => {
        resolve('slow');
      });
    });
    return Promise.race([work, slow]).finally(() => {
      cancel();
    });
  }
}
