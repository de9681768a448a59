import type { Coherence } from '../invalidation/coherence.js';
import type { EvictionLog } from '../invalidation/eviction-log.js';
import type { Invalidations } from '../invalidation/invalidation.js';
import type { Journal } from '../invalidation/journal.js';
import type { StampTable } from '../invalidation/stamp-table.js';
import type { PersistentTier } from '../persistence/persistent-tier.js';
import type { KeySpace } from '../keys/key-space.js';
import type { Clock } from '../resilience/clock.js';
import type { TypedEmitter } from '../resilience/emitter.js';
import type { Rollouts } from '../rollout/rollouts.js';
import type { FarLink, FarStore } from '../stores/far-store.interface.js';
import type { NearTier } from '../stores/near-tier.js';
import type { BackgroundTasks } from './background-tasks.js';
import type { CacheActivities } from './cache-activities.js';
import type { CacheTracing } from './cache-tracing.js';
import type { CacheCounters } from './cache-counters.js';
import type { CallLog } from './call-log.js';
import type { CacheEvents } from './cache-events.js';
import type { FlightTable } from './flight-table.js';

/** Chance, as the engine needs it. */
export interface Random {
  /** From 0 up to, but not, 1. */
  fraction(): number;
  /** A token nobody else draws: at least 96 random bits. */
  token(): string;
  /** An id for a stamp: 16 hexadecimal digits. */
  stampId(): string;
}

/** What the parts of the engine work with. */
export interface EngineParts {
  /** Undefined when the near tier is switched off. */
  readonly near: NearTier | undefined;
  /** Undefined where no entries are kept in Redis: when none is configured, and with `far: false`. */
  readonly far: FarStore | undefined;
  /** How others are told what is evicted here, in either case. Undefined when no Redis is configured. */
  readonly link: FarLink | undefined;
  /** Undefined when none is configured. */
  readonly persistent: PersistentTier | undefined;
  /** For whom each cache is used. */
  readonly rollouts: Rollouts;
  /** Entries that caches in shadow mode would have, without their values. */
  readonly ghosts: NearTier;
  readonly keys: KeySpace;
  readonly stamps: StampTable;
  /** Whether the near tier may be trusted. */
  readonly coherence: Coherence;
  readonly invalidations: Invalidations;
  readonly journal: Journal;
  readonly evictionLog: EvictionLog;
  readonly flights: FlightTable;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: TypedEmitter<CacheEvents>;
  readonly background: BackgroundTasks;
  /** What is counted and timed. */
  readonly activities: CacheActivities;
  readonly calls: CallLog;
  /** Undefined where nobody follows it. */
  readonly tracing: CacheTracing | undefined;
  /** The counters of a cache, for those who count and nothing else. */
  readonly counters: (cache: string) => CacheCounters;
  /** What Redis may take of one call's time. */
  readonly commandTimeoutMs: number;
  readonly leaseMs: number;
  /** How long an entry loaded while Redis is away is served. */
  readonly degradedTtlMs: number;
}
