import { NO_MARK } from '../codec/entry-mark.js';
import type { ResolvedPolicy } from '../config/resolve-policy.js';
import { asIs } from './as-is.js';
import type { EngineParts } from './engine-parts.js';
import type { EntryFiller } from './entry-filler.js';
import type { EntryPacker, Packed, StorableValue } from './entry-packer.js';
import type { ScopedEntry } from './entry-scope.js';
import type { EntryStamps } from './entry-stamps.js';
import { isAway, type FarAccess } from './far-access.js';
import type { FarBudget } from './far-budget.js';
import { outcomeOf, type Flight, type Outcome } from './flight.js';
import type { Leases } from './leases.js';
import type { Loader } from './loader.js';
import type { LoadRequest } from './load-request.js';
import { withResultTags, type LoadStart } from './load-start.js';
import type { NearKeeper } from './near-keeper.js';
import type { PersistedFinding, PersistentEntries } from './persistent-entries.js';
import type { StampReader } from './stamp-reader.js';

/** A load by the holder of a lease. */
interface Leased {
  readonly request: LoadRequest;
  readonly flight: Flight;
  readonly token: string;
  readonly budget: FarBudget;
}

/** Loads a value and stores it, as far as it may be stored. */
export class EntryLoader {
  constructor(
    private readonly parts: EngineParts,
    private readonly access: FarAccess,
    private readonly stampReader: StampReader,
    private readonly packer: EntryPacker,
    private readonly filler: EntryFiller,
    private readonly leases: Leases,
    private readonly loader: Loader,
    private readonly keeper: NearKeeper,
    private readonly persisted: PersistentEntries,
  ) {}

  /** Holder of the lease: the value goes to Redis, unless the lease was dropped meanwhile. */
  loadUnderLease(
    request: LoadRequest,
    flight: Flight,
    token: string,
    budget: FarBudget,
  ): Promise<Outcome> {
    const leased = { request, flight, token, budget };
    try {
      return this.loadLeased(leased);
    } catch (error) {
      // Nothing has begun, and nobody is to wait for it.
      return this.giveBack(leased, error);
    }
  }

  private loadLeased(leased: Leased): Promise<Outcome> {
    const { request, flight, token } = leased;
    const start = this.startKnown(request);
    if (!start || this.persisted.keeps(request.policy)) return this.loadAsking(leased, start);
    const stopKeeping = this.leases.keep(request.ref, token, flight);
    return this.loader.run(
      request,
      flight,
      (value) => {
        stopKeeping();
        return this.fillLoaded(leased, start, value, this.packer.pack(request, value));
      },
      (error) => {
        stopKeeping();
        return this.giveBack(leased, error);
      },
    );
  }

  /** The same where Redis or the persistent store have to be asked first. */
  private async loadAsking(leased: Leased, known: LoadStart | undefined): Promise<Outcome> {
    const { request, flight, token, budget } = leased;
    const { ref, policy } = request;
    const start = known ?? (await this.start(request, budget));
    if (!start) {
      this.leases.abandon(ref, token);
      return this.loadForNear(request, flight, budget);
    }
    let value: unknown;
    let finding: PersistedFinding | undefined;
    const stopKeeping = this.leases.keep(ref, token, flight);
    try {
      if (this.persisted.keeps(policy)) finding = await this.persisted.find(request, budget);
      if (!finding?.found) value = await this.loader.run(request, flight, asIs);
    } catch (error) {
      return await this.giveBack(leased, error);
    } finally {
      stopKeeping();
    }
    const packed = finding?.found ?? this.packer.pack(request, value);
    return this.fillLoaded(leased, start, value, packed, finding);
  }

  private async giveBack({ request, token }: Leased, error: unknown): Promise<never> {
    await this.leases.release(request.ref, token);
    throw error;
  }

  /** Stores what was loaded, or found in the persistent store, as far as it may be stored. */
  private fillLoaded(
    leased: Leased,
    start: LoadStart,
    value: unknown,
    packed: Packed,
    finding?: PersistedFinding,
  ): Promise<Outcome> {
    const { request, flight, token, budget } = leased;
    const { ref, policy } = request;
    const outcome = () =>
      finding?.found ? outcomeOfStore(policy, finding.found) : outcomeOfLoad(value, packed);
    if (packed.kind !== 'storable' || flight.aborted) {
      return this.leases.release(ref, token).then(outcome);
    }
    const to = { ref, policy, packed, start, token, budget, announce: false };
    return this.filler.fill(to, (fill) => {
      if (fill.kind === 'filled') {
        const { stamps, mark } = fill;
        this.keeper.keepStored({ flight, ref, policy, value: packed, stamps, mark });
        if (finding) this.persist(request, flight, packed, fill.stamps, finding);
      }
      if (fill.kind === 'away') {
        this.leases.abandon(ref, token);
        const stamps = this.keepForNear(request, flight, packed, start);
        if (finding) this.persist(request, flight, packed, stamps, finding);
      }
      return outcome();
    });
  }

  /** Redis is away, or none is configured: the value is kept in this process only. */
  async loadForNear(request: LoadRequest, flight: Flight, budget: FarBudget): Promise<Outcome> {
    const start = this.startLocally(request);
    const keeps = this.persisted.keeps(request.policy);
    const finding = keeps ? await this.persisted.find(request, budget) : undefined;
    const value = finding?.found ? undefined : await this.loader.run(request, flight, asIs);
    const packed = finding?.found ?? this.packer.pack(request, value);
    if (packed.kind === 'storable' && !flight.aborted) {
      const stamps = this.keepForNear(request, flight, packed, start);
      this.parts.counters(request.ref.cache).fills += 1;
      if (finding) this.persist(request, flight, packed, stamps, finding);
    }
    return finding?.found
      ? outcomeOfStore(request.policy, finding.found)
      : outcomeOfLoad(value, packed);
  }

  /** Has the persistent store keep what it did not have; what it has stays as it is. */
  private persist(
    request: LoadRequest,
    flight: Flight,
    packed: StorableValue,
    stamps: EntryStamps,
    { found, point }: PersistedFinding,
  ): void {
    if (found || point === undefined || flight.invalidated) return;
    this.persisted.putLater(request, packed, stamps, 'loaded', point);
  }

  /** Without the right to store: the value is answered and goes nowhere else. */
  async loadUnstored(request: LoadRequest, flight: Flight): Promise<Outcome> {
    const value = await this.loader.run(request, flight, asIs);
    return outcomeOfLoad(value, this.packer.pack(request, value));
  }

  /** The stamps of a load that is about to begin; undefined when Redis is away. */
  async start(
    { ref, policy, tags = [] }: LoadRequest,
    budget: FarBudget,
  ): Promise<LoadStart | undefined> {
    const answer = await this.access.ask('stamps', ref, async (far) => {
      const beganMs = far.nowMs();
      const begunAt = this.parts.stamps.changes;
      const stamps = await budget.spend((budgetMs) =>
        this.stampReader.read(far, ref, tags, { budgetMs, lifeMs: policy.ttlMs + policy.graceMs }),
      );
      return { stamps, beganMs, begunAt, served: isServed(ref) };
    });
    return isAway(answer) ? undefined : answer;
  }

  /** The same if nothing has to be asked. */
  startKnown({ ref, tags = NO_TAGS }: LoadRequest): LoadStart | undefined {
    const stamps = this.stampReader.known(ref, tags);
    return stamps && this.startUnder(stamps, ref);
  }

  /** The same while Redis cannot be asked. */
  startLocally({ ref, tags = [] }: LoadRequest): LoadStart {
    return this.startUnder(this.stampReader.local(ref, tags), ref);
  }

  private startUnder(stamps: EntryStamps, ref: ScopedEntry): LoadStart {
    const begunAt = this.parts.stamps.changes;
    return { stamps, beganMs: this.nowMs(), begunAt, served: isServed(ref) };
  }

  /**
   * Keeps a value in this process, for as long as that is right without Redis.
   *
   * @returns the stamps it is under
   */
  keepForNear(
    { ref, policy }: Pick<LoadRequest, 'ref' | 'policy'>,
    flight: Flight,
    value: StorableValue,
    start: LoadStart,
  ): EntryStamps {
    const tags = this.stampReader.local(ref, value.resultTags);
    const stamps = withResultTags(start, tags);
    if (!start.served || this.anyRenewed(stamps, value.resultTags, start)) return stamps;
    const kept = { flight, ref, policy, value, stamps, mark: NO_MARK };
    if (this.parts.far) this.keeper.keepDegraded(kept);
    else this.keeper.keepAlone(kept);
    return stamps;
  }

  /** The same by what this process has done and heard itself, as it has not asked Redis. */
  private anyRenewed(stamps: EntryStamps, tags: readonly string[], start: LoadStart): boolean {
    return tags.some((tag) => (stamps.tags.get(tag)?.renewedAt ?? 0) > start.begunAt);
  }

  private nowMs(): number {
    return (this.parts.link ?? this.parts.clock).nowMs();
  }
}

const NO_TAGS: readonly string[] = [];

function isServed({ scope }: ScopedEntry): boolean {
  return scope.mode === 'on';
}

function outcomeOfLoad(value: unknown, packed: ReturnType<EntryPacker['pack']>): Outcome {
  if (packed.kind === 'private') return { own: value, held: undefined };
  const { held } = packed;
  // With `share` a miss answers the frozen object as well, so that it looks as a hit will.
  return { own: held.frozen ? held.value : value, held };
}

function outcomeOfStore(policy: ResolvedPolicy, { held }: StorableValue): Outcome {
  return { ...outcomeOf(policy, held), persisted: true };
}
