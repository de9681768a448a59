import type { EngineParts } from './cache/engine-parts.js';
import { Journal } from './invalidation/journal.js';
import { PersistentTier } from './persistence/persistent-tier.js';
import { GROWTH_OF_WATCHING, jitteredBackoff } from './resilience/backoff.js';
import { CircuitBreaker } from './resilience/circuit-breaker.js';
import { outsideAnyCall } from './resilience/outside-any-call.js';
import type { ResolvedOptions } from './resolve-options.js';
import type { FarLink } from './stores/far-store.interface.js';

type Deps = Pick<
  EngineParts,
  'clock' | 'random' | 'events' | 'background' | 'invalidations' | 'tracing'
>;

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** The persistent store as the engine uses it, not yet opened. Undefined where none is configured. */
export function createPersistence(
  { persistence, journal }: Pick<ResolvedOptions, 'persistence' | 'journal'>,
  { clock, random, events, background, invalidations, tracing }: Deps,
  link: FarLink | undefined,
): PersistentTier | undefined {
  if (!persistence) return undefined;
  const { store, caches, timeoutMs, failureThreshold: threshold } = persistence;
  const backoff = jitteredBackoff({
    firstMs: FIRST_PAUSE_MS,
    maxMs: LONGEST_PAUSE_MS,
    growth: GROWTH_OF_WATCHING,
    random: () => random.fraction(),
  });
  return new PersistentTier({
    store,
    caches,
    link,
    journal: new Journal(journal, invalidations, clock),
    clock,
    breaker: new CircuitBreaker({ clock, threshold, backoff, settleMs: LONGEST_PAUSE_MS }),
    timeoutMs,
    outside: (statement) => {
      const enter = tracing?.carry();
      return outsideAnyCall(() => (enter ? enter(statement) : statement()));
    },
    inBackground: (task, work) => background.run(task, work),
    onError: (operation, error) => events.emit('persistenceError', { operation, error }),
    onChange: (available) => events.emit('persistence', { available }),
  });
}
