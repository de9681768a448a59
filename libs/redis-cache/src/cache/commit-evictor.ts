import type { CacheTransaction } from '../invalidation/cache-transaction.interface.js';
import { DeferredInvalidations } from '../invalidation/deferred-invalidations.js';
import type { Invalidation, Invalidations } from '../invalidation/invalidation.js';
import type { TypedEmitter } from '../resilience/emitter.js';
import type { CacheEngine } from './cache-engine.js';
import type { CacheEvents } from './cache-events.js';
import type { ScopedEntry } from './entry-scope.js';
import { invalidationOf } from './evictor.js';

/** What {@link CommitEvictor} works with. */
export interface CommitEvictorParts {
  readonly engine: Pick<CacheEngine, 'evict' | 'renewStamp'>;
  readonly invalidations: Invalidations;
  readonly events: TypedEmitter<CacheEvents>;
}

/**
 * Evicts as the engine does, but within a transaction of the application not before it has committed:
 * till then, whoever misses would load the older value anew, and keep it. After a rollback nothing is
 * evicted, as nothing has changed.
 *
 * Whose and which entries are meant is decided by the call, not at the commit.
 */
export class CommitEvictor {
  private readonly deferred = new WeakMap<CacheTransaction, DeferredInvalidations>();

  /** @param current the transaction that the code calling is part of, if any */
  constructor(
    private readonly parts: CommitEvictorParts,
    private readonly current: () => CacheTransaction | null | undefined,
  ) {}

  /**
   * Whether the caller is within a transaction, or nobody can say. What it has written is not to be
   * stored then: others would see it before the commit, and after a rollback.
   */
  get inTransaction(): boolean {
    return this.find() !== undefined;
  }

  /** @returns whether the entry was there, as far as could be seen; false if it is evicted later */
  async evict(ref: ScopedEntry): Promise<boolean> {
    const evict = () => this.parts.engine.evict(ref);
    return this.defers(invalidationOf(ref), evict) ? false : evict();
  }

  /** Invalidates all that is under a stamp. */
  async renewStamp(invalidation: Invalidation): Promise<void> {
    const renew = () => this.parts.engine.renewStamp(invalidation);
    if (!this.defers(invalidation, renew)) await renew();
  }

  private find(): CacheTransaction | 'unknown' | undefined {
    try {
      return this.current() ?? undefined;
    } catch (error) {
      this.parts.events.emit('transactionError', { error });
      return 'unknown';
    }
  }

  private defers(invalidation: Invalidation, invalidate: () => Promise<unknown>): boolean {
    const transaction = this.find();
    if (transaction === undefined || transaction === 'unknown') return false;
    try {
      const deferred = this.deferredOf(transaction);
      // A hook that acts as soon as it is asked has nothing to wait for.
      if (deferred.over) return false;
      deferred.add(invalidation, invalidate);
      return true;
    } catch (error) {
      this.parts.events.emit('transactionError', { error });
      return false;
    }
  }

  private deferredOf(transaction: CacheTransaction): DeferredInvalidations {
    const known = this.deferred.get(transaction);
    if (known && !known.over) return known;
    const { engine, invalidations } = this.parts;
    const made = new DeferredInvalidations(invalidations, (coarser) => engine.renewStamp(coarser));
    // TypeScript takes an async function for one that answers nothing: it fails by what it returns.
    const hook: { afterCommit(action: () => Promise<void>): unknown } = transaction;
    Promise.resolve(hook.afterCommit(() => made.run())).catch((error: unknown) =>
      this.giveUp(made, error),
    );
    this.deferred.set(transaction, made);
    return made;
  }

  /** Nobody knows whether the action is still kept: it acts now, and once. */
  private giveUp(deferred: DeferredInvalidations, error: unknown): Promise<void> {
    this.parts.events.emit('transactionError', { error });
    return deferred.run();
  }
}
