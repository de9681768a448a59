import type { MissCause } from './cache-counters.js';
import { FAILED_LOAD, FAR_HIT, missed, PERSISTENT_HIT } from './call-log.js';
import type { EngineParts } from './engine-parts.js';
import type { EntryLoader } from './entry-loader.js';
import { identityOf, type HoldingEntry } from './entry-opener.js';
import type { ScopedEntry } from './entry-scope.js';
import { FarBudget } from './far-budget.js';
import type { Away } from './far-access.js';
import type { FarReader, Found } from './far-reader.js';
import type { Answer, Outcome, SharedFlight } from './flight.js';
import { ownOf } from './held-values.js';
import type { Lacking, Leases, Turn } from './leases.js';
import type { LoadRequest } from './load-request.js';
import type { NearKeeper } from './near-keeper.js';
import type { Refresher } from './refresher.js';

/** Of an entry that Redis was not asked for yet. */
const UNSEEN: Lacking = { reason: 'absent', known: undefined };

/** Leads a flight through the far tier and, if need be, to the load. */
export class EntryReader {
  constructor(
    private readonly parts: EngineParts,
    private readonly farReader: FarReader,
    private readonly leases: Leases,
    private readonly loads: EntryLoader,
    private readonly keeper: NearKeeper,
    private readonly refresher: Refresher,
  ) {}

  /** Leads the flight to its end: the answer for an entry that the near tier does not have. */
  read(request: LoadRequest, flight: SharedFlight): Promise<unknown> {
    const { ref, policy } = request;
    const budget = new FarBudget(this.parts.commandTimeoutMs, this.parts.clock);
    if (ref.scope.activity.predictor.expectsMiss) {
      return this.land(flight, this.readMissing(request, flight, UNSEEN, budget));
    }
    return this.farReader.find(ref, policy, budget, (found) =>
      found.kind === 'entry' && found.freshForMs > 0
        ? this.landFresh(request, flight, found)
        : this.land(flight, this.goOn(request, flight, found, budget)),
    );
  }

  private land(flight: SharedFlight, answering: Promise<Answer>): Promise<unknown> {
    return answering.then(
      (answer) => this.finish(flight, answer),
      (error: unknown) => {
        throw this.fail(flight, error);
      },
    );
  }

  /** The same at once, as there is nothing to wait for. */
  private landFresh(request: LoadRequest, flight: SharedFlight, entry: HoldingEntry): unknown {
    try {
      return this.finish(flight, this.answerFresh(request, flight, entry));
    } catch (error) {
      throw this.fail(flight, error);
    }
  }

  private finish(flight: SharedFlight, answer: Answer): unknown {
    flight.finish(answer);
    this.parts.flights.end(flight);
    this.parts.calls.note(answer.how);
    return answer.own;
  }

  private fail(flight: SharedFlight, error: unknown): unknown {
    flight.fail(error);
    this.parts.flights.end(flight);
    this.parts.calls.note(FAILED_LOAD);
    return error;
  }

  private goOn(
    request: LoadRequest,
    flight: SharedFlight,
    found: Found | Away,
    budget: FarBudget,
  ): Promise<Answer> {
    switch (found.kind) {
      case 'entry':
        return this.answerStale(request, flight, found, budget, flight);
      case 'absent':
        return this.readMissing(request, flight, found, budget);
      case 'newer':
        return this.answerLoaded(request, found.reason, this.loads.loadUnstored(request, flight));
      case 'away':
        return this.answerLoaded(
          request,
          found.reason,
          this.loads.loadForNear(request, flight, budget),
        );
    }
  }

  /** @param unmarked the flight, unless it was marked before the entry was asked for, which says nothing of it */
  private async answerStale(
    request: LoadRequest,
    flight: SharedFlight,
    entry: HoldingEntry,
    budget: FarBudget,
    unmarked: SharedFlight | undefined,
  ): Promise<Answer> {
    const { value, held, freshForMs, stamps, bytes } = entry;
    const answer = await this.refresher.answerStale(request, {
      answer: () => ({ own: ownOf(request.policy, value, held, true), held }),
      expiredForMs: -freshForMs,
      stamps: stamps.list(),
      known: identityOf(bytes),
      flight: unmarked,
    });
    return answer === 'gone' ? this.readMissing(request, flight, UNSEEN, budget) : answer;
  }

  private answerFresh(request: LoadRequest, flight: SharedFlight, entry: HoldingEntry): Answer {
    const { ref, policy } = request;
    const { held } = entry;
    const kept = this.keeper.keepOpened(flight, ref, policy, entry);
    ref.scope.activity.counters.farHits += 1;
    ref.scope.activity.predictor.noteHit();
    const { refreshInMs, freshForMs, bytes } = entry;
    const stamps = entry.stamps.list();
    this.refresher.refreshIfDue(request, held, refreshInMs, freshForMs, stamps, bytes);
    const own = ownOf(policy, entry.value, held, kept || flight.joined);
    return { own, held, how: FAR_HIT };
  }

  private readMissing(
    request: LoadRequest,
    flight: SharedFlight,
    lacking: Lacking,
    budget: FarBudget,
  ): Promise<Answer> {
    const { waitTimeoutMs } = request.policy;
    const unmarked = flight.evicted ? undefined : flight;
    return this.leases.takeTurn(request, lacking, waitTimeoutMs, budget, (turn) => {
      if (turn.kind === 'entry') {
        const { entry } = turn;
        return entry.freshForMs > 0
          ? this.answerFresh(request, flight, entry)
          : this.answerStale(request, flight, entry, budget, unmarked);
      }
      if (turn.kind === 'lease') request.ref.scope.activity.predictor.noteMiss();
      // That Redis went away after it had said what it has is not why this is a miss.
      const { reason } = turn.kind === 'away' && lacking !== UNSEEN ? lacking : turn;
      return this.answerLoaded(request, reason, this.load(request, flight, turn, budget));
    });
  }

  private load(
    request: LoadRequest,
    flight: SharedFlight,
    turn: Exclude<Turn, { kind: 'entry' }>,
    budget: FarBudget,
  ): Promise<Outcome> {
    switch (turn.kind) {
      case 'lease':
        return this.loads.loadUnderLease(request, flight, turn.token, budget);
      case 'away':
        return this.loads.loadForNear(request, flight, budget);
      case 'theirs':
      case 'newer':
        return this.loads.loadUnstored(request, flight);
    }
  }

  private answerLoaded(
    { ref, policy }: LoadRequest,
    reason: MissCause,
    loading: Promise<Outcome>,
  ): Promise<Answer> {
    if (policy.persist !== false) return this.answerFound(ref, reason, loading);
    ref.scope.activity.countMiss(reason);
    return loading.then(({ own, held }) => ({ own, held, how: missed(reason) }));
  }

  /** The same where it may turn out to be a hit, of the persistent store. */
  private async answerFound(
    { scope: { activity } }: ScopedEntry,
    reason: MissCause,
    loading: Promise<Outcome>,
  ): Promise<Answer> {
    try {
      const { own, held, persisted } = await loading;
      if (persisted) activity.counters.persistentHits += 1;
      else activity.countMiss(reason);
      return { own, held, how: persisted ? PERSISTENT_HIT : missed(reason) };
    } catch (error) {
      activity.countMiss(reason);
      throw error;
    }
  }
}
