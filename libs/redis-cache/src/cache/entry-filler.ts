import { markOf, NO_MARK, type EntryMark } from '../codec/entry-mark.js';
import type { Reply } from '../resilience/reply.interface.js';
import type { FarStore } from '../stores/far-store.interface.js';
import { asIs } from './as-is.js';
import type { EngineParts } from './engine-parts.js';
import type { EntryPacker, StorableValue } from './entry-packer.js';
import type { ScopedEntry } from './entry-scope.js';
import type { EntryStamps } from './entry-stamps.js';
import { isAway, type Away, type FarAccess } from './far-access.js';
import type { FarBudget } from './far-budget.js';
import type { Leases } from './leases.js';
import type { LoadRequest } from './load-request.js';
import { withResultTags, type LoadStart } from './load-start.js';
import type { StampReader } from './stamp-reader.js';

/** How a fill ended; `outdated` when a tag that the value named was invalidated while it was loaded. */
export type Filled =
  | { readonly kind: 'filled'; readonly stamps: EntryStamps; readonly mark: EntryMark }
  | { readonly kind: 'refused' | 'outdated' };

/** A value on its way to Redis. */
export interface Storing extends Pick<LoadRequest, 'ref' | 'policy'> {
  readonly packed: StorableValue;
  readonly start: LoadStart;
  readonly budget: FarBudget;
}

/** The same by the holder of a lease. */
export interface Filling extends Storing {
  readonly token: string;
  /** Tell the other processes, for it takes the place of an earlier value. */
  readonly announce: boolean;
}

/** Stores values in Redis, under a lease and the stamps that they were loaded under. */
export class EntryFiller {
  constructor(
    private readonly parts: EngineParts,
    private readonly access: FarAccess,
    private readonly stampReader: StampReader,
    private readonly packer: EntryPacker,
    private readonly leases: Leases,
  ) {}

  /**
   * Stores a value under a lease.
   *
   * @param then what is made of how that ended; given, not put behind it, as with {@link FarReader.find}
   */
  fill<R>(to: Filling, then: (filled: Filled | Away) => R | Promise<R>): Promise<R> {
    const { ref, packed, start, token } = to;
    const { stamps, served } = start;
    if (!served) return this.giveUp(ref, token).then(then);
    const asksNothing = packed.resultTags.length === 0 && stamps.live;
    return asksNothing ? this.store(to, stamps, then) : this.storeAsking(to).then(then);
  }

  /** Whether {@link storeAtOnce} can do it. */
  canStoreAtOnce({ stamps, served }: LoadStart, { resultTags }: StorableValue): boolean {
    const { far } = this.parts;
    return far?.keepsOrder === true && served && stamps.live && resultTags.length === 0;
  }

  /**
   * Stores a value by one command and under no lease, from whoever has it. Not after the call was told of a timeout: by
   * then others may have stored or evicted the entry, and were told that they have.
   *
   * @param isOutdated whether a later call of this process is to win, as seen when the command is sent
   * @param then what is made of whether it was stored, of the entry's mark, and of until when it may be stored, by the
   *   server's clock
   */
  storeAtOnce<R>(
    to: Storing,
    isOutdated: () => boolean,
    then: (stored: boolean | Away, mark: EntryMark, untilMs: number) => R | Promise<R>,
  ): Promise<R> {
    const { ref, policy, packed, start, budget } = to;
    let untilMs = -Infinity;
    let mark = NO_MARK;
    const store = (far: FarStore, budgetMs?: number): Reply<boolean> => {
      const nowMs = far.nowMs();
      const bytes = this.packer.toBytes(packed, policy, start.stamps, nowMs);
      mark = markOf(bytes);
      untilMs = nowMs + (budgetMs ?? budget.totalMs);
      const isKept = policy.near !== false;
      const request = { bytes, ttlMs: lifeMsOf(to), isKept, untilMs, isOutdated };
      return far.store(ref.redisKey, request, budgetMs);
    };
    return this.access.askWithin(budget, 'store', ref, store, (stored) => {
      if (stored === true) ref.scope.activity.counters.fills += 1;
      return then(stored, mark, untilMs);
    });
  }

  /** Stores nothing, and gives the lease back, if there is one: others are to have it. */
  async giveUp(ref: ScopedEntry, token: string | undefined): Promise<Filled> {
    if (token) await this.leases.release(ref, token);
    return this.refused(ref, 'outdated');
  }

  private refused(ref: ScopedEntry, kind: 'refused' | 'outdated'): Filled {
    ref.scope.activity.counters.refusedFills += 1;
    this.parts.events.emit('fillRefused', { entry: ref });
    return { kind };
  }

  /** By one command, as the stamps are known. */
  private store<R>(
    to: Filling,
    stamps: EntryStamps,
    then: (filled: Filled | Away) => R | Promise<R>,
  ): Promise<R> {
    const { ref, policy, packed, token, budget, announce } = to;
    let mark = NO_MARK;
    const fill = (far: FarStore, budgetMs?: number): Reply<boolean> => {
      const bytes = this.packer.toBytes(packed, policy, stamps, far.nowMs());
      mark = markOf(bytes);
      const isKept = policy.near !== false;
      const request = { bytes, ttlMs: lifeMsOf(to), isKept, announce };
      return far.fill(ref.redisKey, token, request, budgetMs);
    };
    return this.access.askWithin(budget, 'fill', ref, fill, (stored) => {
      if (isAway(stored)) return then(stored);
      if (!stored) return then(this.refused(ref, 'refused'));
      ref.scope.activity.counters.fills += 1;
      return then({ kind: 'filled', stamps, mark });
    });
  }

  /** The same where Redis has to be asked for stamps first. */
  private async storeAsking(to: Filling): Promise<Filled | Away> {
    const { ref, packed, start, token, budget } = to;
    const { resultTags } = packed;
    const lifeMs = lifeMsOf(to);
    const stamps = await this.access.ask('stamps', ref, async (far) => {
      const read = (budgetMs?: number) =>
        this.stampReader.read(far, ref, resultTags, { budgetMs, lifeMs });
      const tagged =
        resultTags.length === 0 ? start.stamps : withResultTags(start, await budget.spend(read));
      if (tagged.live) return tagged;
      return budget.spend((budgetMs) => this.stampReader.confirm(far, ref, tagged, budgetMs));
    });
    if (stamps && isAway(stamps)) return stamps;
    if (stamps && !this.anyYounger(stamps, resultTags, start)) return this.store(to, stamps, asIs);
    return this.giveUp(ref, token);
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
}

/** How long Redis has it. */
function lifeMsOf({ packed, policy }: Storing): number {
  return packed.ttlMs + policy.graceMs;
}
