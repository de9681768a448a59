import type { ResolvedPolicy } from '../config/resolve-policy.js';
import type { FarStore } from '../stores/far-store.interface.js';
import type { EngineParts } from './engine-parts.js';
import type { EntryOpener, NoEntry, OpenedEntry } from './entry-opener.js';
import type { ScopedEntry } from './entry-scope.js';
import type { EntryStamps } from './entry-stamps.js';
import type { FarAccess, FarAway } from './far-access.js';
import type { FarBudget } from './far-budget.js';
import type { StampReader } from './stamp-reader.js';

/** An entry whose stamps hold. */
export interface HoldingEntry extends OpenedEntry {
  readonly stamps: EntryStamps;
}

/** What the far tier has of an entry. */
export type Found = HoldingEntry | NoEntry;

/** Reads entries from the far tier together with the stamps that decide whether they hold. */
export class FarReader {
  constructor(
    private readonly parts: EngineParts,
    private readonly access: FarAccess,
    private readonly opener: EntryOpener,
    private readonly stampReader: StampReader,
  ) {}

  /** The entry, in one round trip; `away` when Redis does not answer. */
  async find(
    ref: ScopedEntry,
    policy: ResolvedPolicy,
    budget: FarBudget,
  ): Promise<Found | FarAway> {
    const answer = await this.access.ask('get', ref, (far) =>
      budget.spend(async (budgetMs) => {
        const [bytes, scope] = await Promise.all([
          far.get(ref.redisKey, budgetMs),
          this.stampReader.read(far, ref, [], { budgetMs }),
        ]);
        return this.judge(far, ref, policy, bytes, scope, budgetMs);
      }),
    );
    return answer.kind === 'answer' ? answer.value : answer;
  }

  /** What stored bytes are worth. @throws whatever the far store throws when it is asked for stamps */
  async judge(
    far: FarStore,
    ref: ScopedEntry,
    policy: ResolvedPolicy,
    bytes: Uint8Array | undefined,
    scope: EntryStamps,
    budgetMs?: number,
  ): Promise<Found> {
    if (bytes === undefined) return { kind: 'absent', reason: 'absent', known: undefined };
    const opened = this.opener.open(ref, policy, bytes, far.nowMs());
    if (opened.kind !== 'entry') return opened;
    const stamps = await this.stampReader.holding(far, ref, opened.header, scope, budgetMs);
    if (stamps) return { ...opened, stamps };
    this.parts.counters(ref.cache).outdated += 1;
    return { kind: 'absent', reason: 'outdated', known: opened.known };
  }
}
