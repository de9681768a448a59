import type { ConnectionState } from '../connection/connection-state.js';
import type { InvalidationLevel } from '../invalidation/invalidation.js';
import type { RolloutChange } from '../rollout/rollouts.js';
import type { AlertChange } from './alert.js';
import type { EntryRef } from './entry-ref.js';
import type { PurgeProgress } from './purge-progress.js';
import type { WarmProgress } from './warm-progress.js';

/** What can be listened to with `CacheService.on`, and what each event carries. */
export interface CacheEvents {
  /** A load has ended, well or not. */
  load: { entry: EntryRef; durationMs: number };
  /** A load failed; its error also reached its callers unless an older value was served. */
  loadError: { entry: EntryRef; durationMs: number; error: unknown };
  /** An entry past its ttl was served, within its grace. */
  stale: { entry: EntryRef; reason: 'refreshing' | 'slow' | 'failed' };
  /** A value was not stored: an eviction or another write came while it was loaded. */
  fillRefused: { entry: EntryRef };
  /** An entry was evicted by this process; `acknowledged` is false when Redis did not confirm it. */
  evict: { entry: EntryRef; acknowledged: boolean };
  /**
   * More than one entry was invalidated by this process: what a pattern takes, a tag, a cache, a
   * tenant, or all. A pattern that Redis did not confirm was widened to its tenant.
   */
  invalidate: {
    level: InvalidationLevel;
    tenant: string | null;
    key: string;
    acknowledged: boolean;
  };
  /** The purge of a tenant has come a step further. */
  purgeProgress: PurgeProgress;
  /** A warmer has begun, come further (told ten times a second at most), ended, or was left. */
  warming: WarmProgress;
  /** Another process has evicted or replaced an entry, or invalidated what is under a stamp or pattern. */
  remoteInvalidation: { kind: 'entry' | 'stamp' | 'pattern'; key: string };
  /**
   * With `coherence: 'tracking'`: the server told that somebody has changed the key of an entry or a
   * stamp, this process included.
   */
  trackedChange: { kind: 'entry' | 'stamp'; key: string };
  /** Text came over the bus that is no message of this version. */
  malformedMessage: { text: string };
  /** A value was not stored, because it cannot be carried exactly or is larger than `maxBytes`. */
  uncacheable: { entry: EntryRef; kind: 'inexact' | 'too-large'; reason: string };
  /** Bytes under one of our keys were not an entry of ours; they were discarded. */
  undecodable: { entry: EntryRef; reason: string };
  /**
   * A function of the options threw: `condition`, `unless`, `ttl`, `resultTags` or `resultKey`; or one of the
   * last two gave what is no tag or key. The value was answered and not stored, and an eviction was made all
   * the same, but of what only such tags or keys could name.
   */
  policyError: { cache: string; error: unknown };
  /**
   * `transaction.current` or a transaction's `afterCommit` failed: what should have waited for the
   * commit was evicted at once.
   */
  transactionError: { error: unknown };
  /** Redis failed or refused a command; the call went on without it. */
  farError: { operation: string; error: unknown };
  /** The persistent store failed, or was late; the call went on without it. */
  persistenceError: { operation: string; error: unknown };
  /** The persistent store can be used, or cannot any more. */
  persistence: { available: boolean };
  /** Work that nobody waits for failed: a refresh in the background, say, or a tracer. */
  backgroundError: { task: string; error: unknown };
  /** Something is not as it should be, as `alerts` of the options say, or is so again. */
  alert: AlertChange;
  /** For whom a cache is used has changed, by this process or by another one. */
  rollout: RolloutChange;
  /** The connection to Redis changed its state. */
  state: { from: ConnectionState; to: ConnectionState };
}
