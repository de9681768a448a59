import type { ResolvedPolicy } from '../config/resolve-policy.js';
import type { FarStore } from '../stores/far-store.interface.js';
import type { EngineParts } from './engine-parts.js';
import type { EntryOpener, NoEntry, OpenedEntry } from './entry-opener.js';
import type { ScopedEntry } from './entry-scope.js';
import type { EntryStamps } from './entry-stamps.js';
import type { Away, FarAccess } from './far-access.js';
import type { FarBudget } from './far-budget.js';
import type { StampReader } from './stamp-reader.js';

/** An entry whose stamps hold. */
export interface HoldingEntry extends OpenedEntry {
  readonly stamps: EntryStamps;
}

/** What the far tier has of an entry. */
export type Found = HoldingEntry | NoEntry;

const ABSENT: Found = { kind: 'absent', reason: 'absent', known: undefined };

const NO_TAGS: readonly string[] = [];

/** Reads entries from the far tier together with the stamps that decide whether they hold. */
export class FarReader {
  constructor(
    private readonly parts: EngineParts,
    private readonly access: FarAccess,
    private readonly opener: EntryOpener,
    private readonly stampReader: StampReader,
  ) {}

  /** The entry, in one round trip; `away` when Redis does not answer. */
  find(ref: ScopedEntry, policy: ResolvedPolicy, budget: FarBudget): Promise<Found | Away> {
    const { far, clock, tracing } = this.parts;
    if (!far?.available) return Promise.resolve(this.access.away);
    const scope = tracing ? undefined : this.stampReader.known(ref, NO_TAGS);
    if (!scope) return this.findAsking(ref, policy, budget);
    // By hand what `findAsking` does by way of others: this is where every hit of Redis passes.
    const beganMs = clock.nowMs();
    return far.get(ref.redisKey, budget.limitMs).then(
      (bytes) => {
        ref.scope.activity.latency.far.record(budget.took(beganMs));
        const found = this.judge(far, ref, policy, bytes, scope, budget);
        if (!(found instanceof Promise)) return found;
        return found.catch((error: unknown) => this.access.failed('get', ref, error, beganMs));
      },
      (error: unknown) => this.access.failed('get', ref, error, beganMs),
    );
  }

  /** The same where Redis has to be asked for stamps too, in the same round trip, or it is traced. */
  private findAsking(
    ref: ScopedEntry,
    policy: ResolvedPolicy,
    budget: FarBudget,
  ): Promise<Found | Away> {
    return this.access.ask('get', ref, async (far) => {
      const [bytes, scope] = await budget.spend((budgetMs) =>
        Promise.all([
          far.get(ref.redisKey, budgetMs),
          this.stampReader.read(far, ref, NO_TAGS, { budgetMs }),
        ]),
      );
      return this.judge(far, ref, policy, bytes, scope, budget);
    });
  }

  /**
   * What stored bytes are worth: at once, unless Redis has to be asked for stamps.
   *
   * @param scope the stamps of the entry but for its tags
   * @throws whatever the far store throws when it is asked for stamps
   */
  judge(
    far: FarStore,
    ref: ScopedEntry,
    policy: ResolvedPolicy,
    bytes: Uint8Array | undefined,
    scope: EntryStamps,
    budget?: FarBudget,
  ): Found | Promise<Found> {
    if (bytes === undefined) return ABSENT;
    const opened = this.opener.open(ref, policy, bytes, far.nowMs());
    if (opened.kind !== 'entry') return opened;
    const known = this.stampReader.matching(ref, opened.header, scope);
    if (known) return { ...opened, stamps: known };
    const ask = (budgetMs?: number) =>
      this.stampReader.holding(far, ref, opened.header, scope, budgetMs);
    return (budget ? budget.spend(ask) : ask()).then((stamps) =>
      stamps ? { ...opened, stamps } : this.outdated(ref, opened.known),
    );
  }

  private outdated(ref: ScopedEntry, known: Uint8Array): Found {
    this.parts.counters(ref.cache).outdated += 1;
    return { kind: 'absent', reason: 'outdated', known };
  }
}
