import type { ResolvedPolicy } from '../config/resolve-policy.js';
import type { Invalidation } from '../invalidation/invalidation.js';
import { CoarseClock, TICK_MS } from '../resilience/coarse-clock.js';
import type { NearEntry } from '../stores/near-node.js';
import type { BypassReason } from './cache-counters.js';
import { collapsed, NEAR_HIT } from './call-log.js';
import type { EngineParts } from './engine-parts.js';
import { EntryExplainer } from './entry-explainer.js';
import type { TiersExplanation } from './entry-explanation.js';
import { EntryFiller } from './entry-filler.js';
import { EntryLoader } from './entry-loader.js';
import { EntryLookup } from './entry-lookup.js';
import { EntryOpener } from './entry-opener.js';
import { EntryPacker } from './entry-packer.js';
import { EntryReader } from './entry-reader.js';
import type { EntryScope, ScopedEntry } from './entry-scope.js';
import { EntryWriter, type PutStart } from './entry-writer.js';
import { Evictor } from './evictor.js';
import { FarAccess } from './far-access.js';
import { FarReader } from './far-reader.js';
import { outcomeOf, SharedFlight } from './flight.js';
import { copyOf } from './held-values.js';
import { Leases } from './leases.js';
import { hitOf, MISS, type Looked } from './looked.js';
import { Loader } from './loader.js';
import type { LoadRequest } from './load-request.js';
import { nearAnswer } from './near-answer.js';
import { isNearUsable, isVouchedFor, NearKeeper } from './near-keeper.js';
import { usableBy } from './nothing.js';
import { PersistentEntries } from './persistent-entries.js';
import { PersistentWrites } from './persistent-writes.js';
import { PatternEvictor } from './pattern-evictor.js';
import type { PurgeProgress } from './purge-progress.js';
import { Refresher } from './refresher.js';
import { StampReader } from './stamp-reader.js';
import { TenantPurger } from './tenant-purger.js';
import { ToldOpener } from './told-opener.js';
import { UnservedCalls } from './unserved-calls.js';
import { WriteCalls } from './write-calls.js';
import { WriteFiller } from './write-filler.js';

/**
 * The cache itself: near tier, far tier, flights and leases put together. It knows nothing of Nest
 * and nothing of Redis but the far store it is given.
 */
export class CacheEngine {
  private readonly loader: Loader;
  private readonly keeper: NearKeeper;
  private readonly told: ToldOpener;
  private readonly refresher: Refresher;
  private readonly lookup: EntryLookup;
  private readonly reader: EntryReader;
  private readonly writes: WriteCalls;
  private readonly evictor: Evictor;
  private readonly patterns: PatternEvictor;
  private readonly purger: TenantPurger;
  private readonly coarse: CoarseClock;
  private readonly explainer: EntryExplainer;
  private readonly unserved: UnservedCalls;
  private closed = false;

  constructor(private readonly parts: EngineParts) {
    this.coarse = new CoarseClock(parts.clock);
    const access = new FarAccess(parts);
    const stampReader = new StampReader(parts);
    const packer = new EntryPacker(parts);
    const opener = new EntryOpener(parts);
    const farReader = new FarReader(parts, access, opener, stampReader);
    this.evictor = new Evictor(parts);
    const leases = new Leases(parts, access, farReader, stampReader, this.evictor);
    const filler = new EntryFiller(parts, access, stampReader, packer, leases);
    this.loader = new Loader(parts);
    this.keeper = new NearKeeper(parts);
    this.told = new ToldOpener(parts, opener, stampReader, this.keeper);
    const persisted = new PersistentEntries(parts, access, packer);
    const loads = new EntryLoader(
      parts,
      access,
      stampReader,
      packer,
      filler,
      leases,
      this.loader,
      this.keeper,
      persisted,
    );
    this.refresher = new Refresher(parts, leases, loads, this.keeper);
    const { keeper, refresher } = this;
    this.lookup = new EntryLookup(parts, farReader, keeper, persisted);
    this.reader = new EntryReader(parts, farReader, leases, loads, keeper, refresher);
    this.unserved = new UnservedCalls(parts, packer, stampReader, this.evictor);
    this.patterns = new PatternEvictor(parts, this.evictor);
    this.purger = new TenantPurger(parts, this.evictor);
    this.explainer = new EntryExplainer(parts, leases, stampReader);
    const { evictor } = this;
    const persistent = new PersistentWrites(access, persisted, evictor);
    const fills = new WriteFiller(parts, access, filler, loads, keeper, evictor, persistent);
    const writer = new EntryWriter(parts, packer, leases, loads, evictor, persistent, fills);
    this.writes = new WriteCalls(writer, this.unserved, this.evictor);
  }

  /**
   * The value of a fresh entry in this process: the short way, for which not even a request is made.
   *
   * @returns undefined if there is none, it is time to refresh it, or evictions of others may go unnoticed:
   *   {@link getOrLoad} does the rest
   */
  nearHit(scope: EntryScope, key: string, policy: ResolvedPolicy): Promise<unknown> | undefined {
    const { near, coherence } = this.parts;
    if (near === undefined || policy.near === false || !coherence.trusted) return undefined;
    const beganMs = scope.activity.measuresNextHit ? this.parts.clock.nowMs() : 0;
    const nowMs = this.coarse.nowMs();
    const entry = near.get(scope, key, nowMs);
    if (entry === undefined || entry.told !== undefined) return undefined;
    // So close to its end that the exact time matters.
    const ageMs = nowMs + TICK_MS - entry.keptAtMs;
    if (ageMs >= entry.freshForMs || ageMs >= (entry.refreshAfterMs ?? Infinity)) return undefined;
    const answer = nearAnswer(policy, entry);
    this.countNearHit(scope, beganMs);
    return answer;
  }

  /**
   * The value of an entry, loaded if it is in neither tier. Rejects with the load's own error only.
   */
  getOrLoad(request: LoadRequest): Promise<unknown> {
    const { ref } = request;
    const near = this.near(request);
    if (near) return near;
    const { flights, stamps, clock } = this.parts;
    this.parts.activities.calls.add(ref.tenant);
    if (this.closed) return this.bypass(request, 'closed');
    const { mode } = ref.scope;
    if (mode !== 'on') return this.unserved.read(request, mode);
    if (flights.full) return this.bypass(request, 'full');
    if (this.loader.isWithin(request)) return this.bypass(request, 'recursion');
    const running = flights.joinable(ref);
    if (running?.begunAt === stamps.changes) return this.join(running, request);
    const flight = new SharedFlight(ref, clock, stamps.changes);
    flights.start(flight);
    return this.reader.read(request, flight);
  }

  /** The value of an entry if a tier has it, fresh. */
  async get(ref: ScopedEntry, policy: LoadRequest['policy']): Promise<Looked> {
    const { mode } = ref.scope;
    if (mode !== 'on') return this.unserved.get(ref, mode);
    if (this.closed) return MISS;
    const nowMs = this.parts.clock.nowMs();
    const entry = isNearUsable(this.parts) ? this.nearEntry(ref, policy, nowMs) : undefined;
    const ageMs = entry ? nowMs - entry.keptAtMs : 0;
    if (entry && ageMs < entry.freshForMs && isVouchedFor(entry, this.parts, nowMs)) {
      const hit = hitOf(copyOf(policy, entry), entry.ttlForMs - ageMs);
      this.countNearHit(ref.scope, nowMs);
      return hit;
    }
    return this.lookup.find(ref, policy);
  }

  /** See {@link WriteCalls.set}. */
  set(request: LoadRequest, value: unknown): Promise<boolean> {
    return this.writes.set(request, value);
  }

  /** See {@link WriteCalls.put}. */
  put(request: LoadRequest): Promise<unknown> {
    return this.closed ? this.bypass(request, 'closed') : this.writes.put(request);
  }

  /** See {@link WriteCalls.beginPut}. */
  beginPut(request: LoadRequest): Promise<PutStart> {
    return this.writes.beginPut(request);
  }

  /** See {@link WriteCalls.putResult}. */
  putResult(request: LoadRequest, value: unknown, begun: PutStart): Promise<void> {
    return this.writes.putResult(request, value, begun);
  }

  /** Evicts one entry. @returns whether it was there, as far as could be seen */
  evict(ref: ScopedEntry): Promise<boolean> {
    return this.evictor.evict(ref);
  }

  /**
   * Invalidates all that is under a stamp: of a tag, a cache, a tenant, or everything.
   *
   * @returns false when Redis did not acknowledge it
   */
  renewStamp(invalidation: Invalidation): Promise<boolean> {
    return this.evictor.renewStamp(invalidation);
  }

  /** Evicts what a pattern takes. @returns how many entries; see {@link PatternEvictor.evict} */
  evictPattern(owner: string | null, pattern: string): Promise<number> {
    return this.patterns.evict(owner, pattern);
  }

  /** Erases everything of a tenant; see {@link TenantPurger.purge}. */
  purge(tenant: string, onProgress: (progress: PurgeProgress) => unknown): Promise<number> {
    return this.purger.purge(tenant, onProgress);
  }

  /** What a read of an entry would come to now; nothing changes by it. */
  explain(ref: ScopedEntry, policy: LoadRequest['policy']): Promise<TiersExplanation> {
    return this.explainer.explain(ref, policy);
  }

  /** Notes a call that the cache was left out of. */
  countBypass(cache: string, reason: BypassReason): void {
    this.parts.activities.of(cache).countBypass(reason);
    this.parts.calls.note({ status: 'bypass', reason });
  }

  /** Aborts what is loading, lets go of the near tier, and waits for what runs in the background. */
  async close(): Promise<void> {
    this.closed = true;
    this.parts.flights.abortAll(new DOMException('The cache is closing', 'AbortError'));
    this.parts.near?.clear();
    await this.parts.background.idle();
  }

  private near(request: LoadRequest): Promise<unknown> | undefined {
    const { ref, policy } = request;
    if (policy.near === false || !isNearUsable(this.parts)) return undefined;
    const nowMs = this.parts.clock.nowMs();
    const entry = this.nearEntry(ref, policy, nowMs);
    if (!entry || !isVouchedFor(entry, this.parts, nowMs)) return undefined;
    const ageMs = nowMs - entry.keptAtMs;
    if (ageMs >= entry.freshForMs) {
      // It would wait for itself.
      if (this.loader.isWithin(request)) return undefined;
      return this.answerStale(request, entry, nowMs);
    }
    const { refreshAfterMs = Infinity, ttlForMs, stamps } = entry;
    this.refresher.refreshIfDue(request, entry, refreshAfterMs - ageMs, ttlForMs - ageMs, stamps);
    this.countNearHit(ref.scope, nowMs);
    return nearAnswer(policy, entry);
  }

  private nearEntry(
    ref: ScopedEntry,
    policy: ResolvedPolicy,
    nowMs: number,
  ): NearEntry | undefined {
    const entry = this.parts.near?.get(ref.scope, ref.key, nowMs);
    return entry?.told === undefined ? entry : this.told.open(ref, policy, entry);
  }

  private async answerStale(request: LoadRequest, old: NearEntry, nowMs: number): Promise<unknown> {
    const answer = await this.refresher.answerStale(request, {
      answer: () => outcomeOf(request.policy, old),
      expiredForMs: nowMs - old.keptAtMs - old.freshForMs,
      stamps: old.stamps,
      known: undefined,
      flight: undefined,
    });
    // All who have waited for it share one load of it.
    if (answer === 'gone') return await this.getOrLoad(request);
    this.parts.activities.calls.add(request.ref.tenant);
    this.parts.calls.note(answer.how);
    return answer.own;
  }

  /** @param beganMs only of a hit that is measured */
  private countNearHit(scope: EntryScope, beganMs: number): void {
    this.parts.calls.note(NEAR_HIT);
    if (scope.activity.countNearHit()) this.measureNearHit(scope, beganMs);
  }

  private measureNearHit({ activity, tenant }: EntryScope, beganMs: number): void {
    const standsFor = activity.measureNearHit(this.parts.clock.nowMs() - beganMs);
    this.parts.activities.calls.add(tenant, standsFor);
  }

  private async bypass({ ref, load }: LoadRequest, reason: BypassReason): Promise<unknown> {
    this.countBypass(ref.cache, reason);
    return await load({ signal: new AbortController().signal });
  }

  private async join(flight: SharedFlight, request: LoadRequest): Promise<unknown> {
    const { ref, policy } = request;
    this.parts.counters(ref.cache).joined += 1;
    const answer = await flight.join(policy.waitTimeoutMs);
    if (answer === 'overdue') return this.bypass(request, 'overdue');
    const held = usableBy(request, answer.held);
    if (!held) return this.bypass(request, 'uncopyable');
    this.parts.calls.note(collapsed(answer.how));
    return copyOf(policy, held);
  }
}
