import type { ResolvedPolicy } from '../config/resolve-policy.js';
import { asIs } from './as-is.js';
import { FAR_HIT, missed, PERSISTENT_HIT } from './call-log.js';
import type { EngineParts } from './engine-parts.js';
import type { ScopedEntry } from './entry-scope.js';
import { FarBudget } from './far-budget.js';
import type { FarReader } from './far-reader.js';
import { Flight, outcomeOf } from './flight.js';
import { ownOf } from './held-values.js';
import { hitOf, MISS, type Looked } from './looked.js';
import type { NearKeeper } from './near-keeper.js';
import type { PersistentEntries } from './persistent-entries.js';

/** Looks an entry up behind the near tier, without a load. */
export class EntryLookup {
  constructor(
    private readonly parts: EngineParts,
    private readonly farReader: FarReader,
    private readonly keeper: NearKeeper,
    private readonly persisted: PersistentEntries,
  ) {}

  /** What the far tier has of it, or the persistent store, if it is fresh. */
  async find(ref: ScopedEntry, policy: ResolvedPolicy): Promise<Looked> {
    const { flights, clock, activities, commandTimeoutMs } = this.parts;
    activities.calls.add(ref.tenant);
    const flight = new Flight(ref, clock);
    flights.start(flight);
    try {
      return await this.look(ref, policy, flight, new FarBudget(commandTimeoutMs, clock));
    } finally {
      flights.end(flight);
    }
  }

  private async look(
    ref: ScopedEntry,
    policy: ResolvedPolicy,
    flight: Flight,
    budget: FarBudget,
  ): Promise<Looked> {
    const { calls } = this.parts;
    const { activity } = ref.scope;
    const found = await this.farReader.find(ref, policy, budget, asIs);
    if (found.kind === 'entry' && found.freshForMs > 0) {
      activity.counters.farHits += 1;
      calls.note(FAR_HIT);
      const kept = this.keeper.keepOpened(flight, ref, policy, found);
      return hitOf(ownOf(policy, found.value, found.held, kept), found.freshForMs);
    }
    const persisted = policy.persist && (await this.persisted.peek(ref, policy, budget));
    if (persisted) {
      activity.counters.persistentHits += 1;
      calls.note(PERSISTENT_HIT);
      return hitOf(outcomeOf(policy, persisted.held).own, persisted.ttlMs);
    }
    const reason = found.kind === 'entry' ? 'expired' : found.reason;
    activity.countMiss(reason);
    calls.note(missed(reason));
    return MISS;
  }
}
