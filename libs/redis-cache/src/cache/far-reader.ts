import type { ResolvedPolicy } from '../config/resolve-policy.js';
import type { FarStore } from '../stores/far-store.interface.js';
import type { EngineParts } from './engine-parts.js';
import { identityOf, type EntryOpener, type HoldingEntry, type NoEntry } from './entry-opener.js';
import type { ScopedEntry } from './entry-scope.js';
import type { EntryStamps } from './entry-stamps.js';
import type { Away, FarAccess } from './far-access.js';
import type { FarBudget } from './far-budget.js';
import type { StampReader } from './stamp-reader.js';

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

  /**
   * The entry, in one round trip; `away` when Redis does not answer.
   *
   * @param then what is made of it. Given to it rather than put behind it: where every hit of Redis
   * passes, each further promise costs as much as the look at the entry.
   */
  find<R>(
    ref: ScopedEntry,
    policy: ResolvedPolicy,
    budget: FarBudget,
    then: (found: Found | Away) => R | Promise<R>,
  ): Promise<R> {
    const { far, clock, tracing } = this.parts;
    if (!far?.available) return Promise.resolve(this.access.away).then(then);
    const beganMs = clock.nowMs();
    const scope = tracing ? undefined : this.stampReader.known(ref, NO_TAGS, beganMs);
    if (!scope) return this.findAsking(ref, policy, budget).then(then);
    const failed = (error: unknown) => this.access.failed('get', ref, error, beganMs);
    return far.get(ref.redisKey, budget.limitMs).then(
      (bytes) => {
        const nowMs = clock.nowMs();
        ref.scope.activity.latency.far.record(budget.took(beganMs, nowMs));
        const found = this.judge(far, ref, policy, bytes, scope, nowMs, budget);
        return found instanceof Promise ? found.catch(failed).then(then) : then(found);
      },
      (error: unknown) => then(failed(error)),
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
      return this.judge(far, ref, policy, bytes, scope, this.parts.clock.nowMs(), budget);
    });
  }

  /**
   * What stored bytes are worth: at once, unless Redis has to be asked for stamps.
   *
   * @param scope the stamps of the entry but for its tags
   * @param nowMs by the clock of this process
   * @throws whatever the far store throws when it is asked for stamps
   */
  judge(
    far: FarStore,
    ref: ScopedEntry,
    policy: ResolvedPolicy,
    bytes: Uint8Array | undefined,
    scope: EntryStamps,
    nowMs: number,
    budget?: FarBudget,
  ): Found | Promise<Found> {
    if (bytes === undefined) return ABSENT;
    const serverMs = far.nowMs(nowMs);
    const stored = this.opener.look(ref, bytes, serverMs);
    if (stored.kind !== 'entry') return stored;
    const known = this.stampReader.matching(ref, stored.header, scope);
    if (known) return this.opener.open(ref, policy, bytes, stored, known, serverMs);
    const ask = (budgetMs?: number) =>
      this.stampReader.holding(far, ref, stored.header, scope, budgetMs);
    return (budget ? budget.spend(ask) : ask()).then((stamps) =>
      stamps
        ? this.opener.open(ref, policy, bytes, stored, stamps, far.nowMs())
        : this.outdated(ref, identityOf(bytes)),
    );
  }

  private outdated(ref: ScopedEntry, known: Uint8Array): Found {
    this.parts.counters(ref.cache).outdated += 1;
    return { kind: 'absent', reason: 'outdated', known };
  }
}
