import type { Journal } from '../invalidation/journal.js';
import type { CircuitBreaker } from '../resilience/circuit-breaker.js';
import type { Clock } from '../resilience/clock.js';
import type { FarLink } from '../stores/far-store.interface.js';
import type { PersistedCaches } from './persisted-caches.js';
import type { PersistentStore } from './persistent-store.interface.js';

/** Where Redis remembers what the store has not taken. */
type Owing = Pick<FarLink, 'available' | 'owed' | 'settleOwed'>;

/** What a `PersistentTier` works with. */
export interface PersistentTierParts {
  readonly store: PersistentStore;
  readonly caches: PersistedCaches;
  /** Undefined where no Redis is configured. */
  readonly link: Owing | undefined;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly breaker: CircuitBreaker;
  /**
   * Runs a statement in no context of whoever calls, but for the span it belongs to: a client that finds
   * the transaction of its caller there would put what is cached into it.
   */
  readonly outside: <T>(statement: () => Promise<T>) => Promise<T>;
  /** What the store may take of one call's time, for each step. */
  readonly timeoutMs: number;
  /** Runs what nobody waits for. */
  readonly inBackground: (task: string, work: Promise<unknown>) => void;
  readonly onError: (operation: string, error: unknown) => void;
  /** Told when it can be used, and when it cannot any more. */
  readonly onChange: (available: boolean) => void;
}
