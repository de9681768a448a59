import type { MissReason } from './cache-counters.js';
import { FAR_HIT, missed } from './call-log.js';
import type { EngineParts } from './engine-parts.js';
import type { EntryLoader } from './entry-loader.js';
import { FarBudget } from './far-budget.js';
import type { FarReader, Found, HoldingEntry } from './far-reader.js';
import { outcomeOf, type Answer, type Flight, type Outcome } from './flight.js';
import type { Leases, Turn } from './leases.js';
import type { LoadRequest } from './load-request.js';
import type { NearKeeper } from './near-keeper.js';
import type { Refresher } from './refresher.js';

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

  /** The answer for an entry that the near tier does not have. */
  async read(request: LoadRequest, flight: Flight): Promise<Answer> {
    const budget = new FarBudget(this.parts.commandTimeoutMs, this.parts.clock);
    const found = await this.farReader.find(request.ref, request.policy, budget);
    switch (found.kind) {
      case 'entry':
        return this.answer(request, flight, found);
      case 'absent':
        return this.readMissing(request, flight, found, budget);
      case 'newer':
        return this.answerLoaded(request, found.reason, this.loads.loadUnstored(request, flight));
      case 'away':
        return this.answerLoaded(request, found.reason, this.loads.loadForNear(request, flight));
    }
  }

  private answer(request: LoadRequest, flight: Flight, entry: HoldingEntry): Promise<Answer> {
    const { ref, policy } = request;
    if (entry.freshForMs <= 0) {
      return this.refresher.answerStale(request, entry.held, -entry.freshForMs, entry.known);
    }
    this.keeper.keepOpened(flight, ref, policy, entry);
    this.parts.counters(ref.cache).farHits += 1;
    if (entry.refreshInMs <= 0) this.refresher.refreshLater(request, entry.known);
    return Promise.resolve({ ...outcomeOf(request.policy, entry.held), how: FAR_HIT });
  }

  private async readMissing(
    request: LoadRequest,
    flight: Flight,
    { known, reason }: Extract<Found, { kind: 'absent' }>,
    budget: FarBudget,
  ): Promise<Answer> {
    const turn = await this.leases.takeTurn(request, known, request.policy.waitTimeoutMs, budget);
    if (turn.kind === 'entry') return this.answer(request, flight, turn.entry);
    return this.answerLoaded(request, reason, this.load(request, flight, turn, budget));
  }

  private load(
    request: LoadRequest,
    flight: Flight,
    turn: Exclude<Turn, { kind: 'entry' }>,
    budget: FarBudget,
  ): Promise<Outcome> {
    switch (turn.kind) {
      case 'lease':
        return this.loads.loadUnderLease(request, flight, turn.token, budget);
      case 'away':
        return this.loads.loadForNear(request, flight);
      case 'theirs':
      case 'newer':
        return this.loads.loadUnstored(request, flight);
    }
  }

  private async answerLoaded(
    { ref }: LoadRequest,
    reason: MissReason,
    loading: Promise<Outcome>,
  ): Promise<Answer> {
    this.parts.activities.of(ref.cache).countMiss(reason);
    return { ...(await loading), how: missed(reason) };
  }
}
