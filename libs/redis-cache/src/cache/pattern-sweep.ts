import type { KeyPattern } from '../keys/key-pattern.js';
import type { KeySelection } from '../keys/key-selection.js';
import type { FarLink, SweepProgress } from '../stores/far-store.interface.js';
import type { InvalidationReceiver } from './invalidation-receiver.js';
import type { SweepStep } from './purge-progress.js';

/** Told of every bounded step, with what both walks have come to so far. */
export type OnSweep = (step: SweepStep, progress: SweepProgress) => void;

/**
 * Deletes what a pattern takes while loads and writes go on, so that no value from before it began
 * remains in either tier. A walk sees the keys that are there from its beginning to its end:
 *
 * 1. The others are told. A write without a lease, whose key only its result names, knows from here
 *    on that it was overtaken.
 * 2. All leases are walked through. Whoever had one when this began has lost it at the end of the
 *    walk, and is refused, or has stored by then.
 * 3. So the second walk sees every entry from before, and nobody can add one behind its back.
 * 4. The others are told again: one of them may have read an entry just before it went.
 */
export class PatternSweep {
  constructor(private readonly receiver: Pick<InvalidationReceiver, 'forget'>) {}

  /** Forgets here what the pattern takes. @returns how many entries were kept here */
  forget(pattern: KeyPattern): number {
    return this.receiver.forget(pattern);
  }

  /**
   * @param rest what the second walk deletes: the entries, or more
   * @throws whatever the far store throws; some of it may be left then
   */
  async run(
    link: FarLink,
    pattern: KeyPattern,
    rest: KeySelection,
    onSweep: OnSweep,
  ): Promise<void> {
    await link.announce(pattern);
    let before = { scanned: 0, deleted: 0 };
    await link.sweep(pattern.leases, (progress) => {
      before = progress;
      onSweep('leases', progress);
    });
    await link.sweep(rest, ({ scanned, deleted, ...at }) => {
      const sum = { scanned: before.scanned + scanned, deleted: before.deleted + deleted };
      onSweep('rest', { ...at, ...sum });
    });
    // A read that began while the walks were under way may have met an entry before it went.
    this.forget(pattern);
    await link.announce(pattern);
  }
}
