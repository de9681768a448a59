import type { ResolvedPolicy } from '../config/resolve-policy.js';
import type { KnownStamp } from '../invalidation/stamp-table.js';
import type { FarStore } from '../stores/far-store.interface.js';
import type { EngineParts } from './engine-parts.js';
import type { EntryPacker, StorableValue } from './entry-packer.js';
import type { ScopedEntry } from './entry-scope.js';
import { EntryStamps } from './entry-stamps.js';
import { isAway, type Away, type FarAccess } from './far-access.js';
import type { FarBudget } from './far-budget.js';
import { outcomeOf, type Flight, type Outcome } from './flight.js';
import type { Leases } from './leases.js';
import type { Loader } from './loader.js';
import type { LoadRequest } from './load-request.js';
import type { NearKeeper } from './near-keeper.js';
import type { PersistedFinding, PersistentEntries } from './persistent-entries.js';
import type { StampReader } from './stamp-reader.js';

/** How a fill ended; `outdated` when a tag that the value named was invalidated while it was loaded. */
export type Filled =
  | { readonly kind: 'filled'; readonly stamps: EntryStamps }
  | { readonly kind: 'refused' | 'outdated' };

/** Under what a value is loaded, and since when, by the server's clock. */
export interface LoadStart {
  readonly stamps: EntryStamps;
  readonly beganMs: number;
  /** The same as {@link StampTable.changes} counts. */
  readonly begunAt: number;
  /**
   * Whether the cache was used for the tenant then. If it is not any more when the value is there, the
   * stamps do not hold.
   */
  readonly served: boolean;
}

/** A value on its way to Redis. */
interface Storing extends Pick<LoadRequest, 'ref' | 'policy'> {
  readonly packed: StorableValue;
  readonly start: LoadStart;
  readonly token: string;
  readonly budget: FarBudget;
  /** Tell the other processes, for it takes the place of an earlier value. */
  readonly announce: boolean;
}

/** Loads a value and stores it, as far as it may be stored. */
export class EntryLoader {
  constructor(
    private readonly parts: EngineParts,
    private readonly access: FarAccess,
    private readonly stampReader: StampReader,
    private readonly packer: EntryPacker,
    private readonly leases: Leases,
    private readonly loader: Loader,
    private readonly keeper: NearKeeper,
    private readonly persisted: PersistentEntries,
  ) {}

  /** Holder of the lease: the value goes to Redis, unless the lease was dropped meanwhile. */
  async loadUnderLease(
    request: LoadRequest,
    flight: Flight,
    token: string,
    budget: FarBudget,
  ): Promise<Outcome> {
    const { ref, policy } = request;
    const start = this.startKnown(request) ?? (await this.start(request, budget));
    if (!start) {
      this.leases.abandon(ref, token);
      return this.loadForNear(request, flight, budget);
    }
    let value: unknown;
    let finding: PersistedFinding | undefined;
    const stopKeeping = this.leases.keep(ref, token, flight);
    try {
      if (this.persisted.keeps(policy)) finding = await this.persisted.find(request, budget);
      if (!finding?.found) value = await this.loader.run(request, flight);
    } catch (error) {
      await this.leases.release(ref, token);
      throw error;
    } finally {
      stopKeeping();
    }
    const packed = finding?.found ?? this.packer.pack(request, value);
    if (packed.kind === 'storable' && !flight.aborted) {
      const fill = await this.fill(request, packed, start, token, budget);
      const kept = { flight, ref, policy, value: packed };
      if (fill.kind === 'filled') this.keeper.keepStored({ ...kept, stamps: fill.stamps });
      if (fill.kind === 'away') {
        this.leases.abandon(ref, token);
        const stamps = this.keepForNear(request, flight, packed, start);
        if (finding) this.persist(request, flight, packed, stamps, finding);
      }
      if (finding && fill.kind === 'filled') {
        this.persist(request, flight, packed, fill.stamps, finding);
      }
    } else {
      await this.leases.release(ref, token);
    }
    return finding?.found ? outcomeOfStore(policy, finding.found) : outcomeOfLoad(value, packed);
  }

  /** Redis is away, or none is configured: the value is kept in this process only. */
  async loadForNear(request: LoadRequest, flight: Flight, budget: FarBudget): Promise<Outcome> {
    const start = this.startLocally(request);
    const keeps = this.persisted.keeps(request.policy);
    const finding = keeps ? await this.persisted.find(request, budget) : undefined;
    const value = finding?.found ? undefined : await this.loader.run(request, flight);
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
    const value = await this.loader.run(request, flight);
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

  /** Stores a value under a lease. */
  fill(
    { ref, policy }: Pick<LoadRequest, 'ref' | 'policy'>,
    packed: StorableValue,
    start: LoadStart,
    token: string,
    budget: FarBudget,
    announce = false,
  ): Promise<Filled | Away> {
    const to: Storing = { ref, policy, packed, start, token, budget, announce };
    const { stamps, served } = start;
    const asksNothing = packed.resultTags.length === 0 && stamps.live;
    if (!served) return this.giveUp(ref, token);
    return asksNothing ? this.store(to, stamps) : this.storeAsking(to);
  }

  private async giveUp(ref: ScopedEntry, token: string): Promise<Filled> {
    await this.leases.release(ref, token);
    return this.refused(ref, 'outdated');
  }

  private refused(ref: ScopedEntry, kind: 'refused' | 'outdated'): Filled {
    ref.scope.activity.counters.refusedFills += 1;
    this.parts.events.emit('fillRefused', { entry: ref });
    return { kind };
  }

  /** By one command, as the stamps are known. */
  private store(
    { ref, policy, packed, token, budget, announce }: Storing,
    stamps: EntryStamps,
  ): Promise<Filled | Away> {
    const fill = (far: FarStore, budgetMs?: number): Promise<boolean> => {
      const bytes = this.packer.toBytes(packed, policy, stamps, far.nowMs());
      const request = { bytes, ttlMs: packed.ttlMs + policy.graceMs, announce };
      return far.fill(ref.redisKey, token, request, budgetMs);
    };
    return this.access.askWithin(budget, 'fill', ref, fill, (stored) => {
      if (isAway(stored)) return stored;
      if (!stored) return this.refused(ref, 'refused');
      ref.scope.activity.counters.fills += 1;
      return { kind: 'filled', stamps };
    });
  }

  /** The same where Redis has to be asked for stamps first. */
  private async storeAsking(to: Storing): Promise<Filled | Away> {
    const { ref, policy, packed, start, token, budget } = to;
    const { resultTags } = packed;
    const lifeMs = packed.ttlMs + policy.graceMs;
    const stamps = await this.access.ask('stamps', ref, async (far) => {
      const read = (budgetMs?: number) =>
        this.stampReader.read(far, ref, resultTags, { budgetMs, lifeMs });
      const tagged =
        resultTags.length === 0 ? start.stamps : withTags(start.stamps, await budget.spend(read));
      if (tagged.live) return tagged;
      return budget.spend((budgetMs) => this.stampReader.confirm(far, ref, tagged, budgetMs));
    });
    if (stamps && isAway(stamps)) return stamps;
    if (stamps && !this.anyYounger(stamps, resultTags, start)) return this.store(to, stamps);
    return this.giveUp(ref, token);
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
    const stamps = withTags(start.stamps, tags);
    if (!start.served || this.anyRenewed(stamps, value.resultTags, start)) return stamps;
    const kept = { flight, ref, policy, value, stamps };
    if (this.parts.far) this.keeper.keepDegraded(kept);
    else this.keeper.keepAlone(kept);
    return stamps;
  }

  /**
   * Whether a tag that only the result named was invalidated since the load began. The clocks of two
   * processes may differ by what a round trip takes, so what is close counts as younger.
   */
  private anyYounger(
    stamps: EntryStamps,
    tags: readonly string[],
    { beganMs }: LoadStart,
  ): boolean {
    const { commandTimeoutMs } = this.parts;
    return tags.some((tag) => {
      const stamp = stamps.tags.get(tag);
      return stamp !== undefined && stamp.madeAtMs >= beganMs - commandTimeoutMs;
    });
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

/** Argument tags as they were when the load began, and the result's as they are now. */
function withTags(start: EntryStamps, added: EntryStamps): EntryStamps {
  const tags = new Map<string, KnownStamp>([...added.tags, ...start.tags]);
  return new EntryStamps(start.all, start.tenant, start.cache, tags, start.epoch);
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
