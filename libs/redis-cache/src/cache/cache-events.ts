import type { ConnectionState } from '../connection/connection-state.js';
import type { EntryRef } from './entry-ref.js';

/** What can be listened to with `CacheService.on`, and what each event carries. */
export interface CacheEvents {
  /** A method or function ran to produce a value. */
  load: { entry: EntryRef; durationMs: number };
  /** It failed; its error also reached its caller unless an older value was served. */
  loadError: { entry: EntryRef; durationMs: number; error: unknown };
  /** An entry past its ttl was served, within its grace. */
  stale: { entry: EntryRef; reason: 'refreshing' | 'slow' | 'failed' };
  /** A value was not stored: an eviction or another write came while it was loaded. */
  fillRefused: { entry: EntryRef };
  /** An entry was evicted by this process; `acknowledged` is false when Redis did not confirm it. */
  evict: { entry: EntryRef; acknowledged: boolean };
  /** A value was answered but not stored, because it cannot be carried exactly or is too large. */
  uncacheable: { entry: EntryRef; reason: string };
  /** Bytes under one of our keys were not an entry of ours; they were discarded. */
  undecodable: { entry: EntryRef; reason: string };
  /** A `condition`, `unless` or `ttl` function threw; the value was answered and not stored. */
  policyError: { cache: string; error: unknown };
  /** Redis failed or refused a command; the call went on without it. */
  farError: { operation: string; error: unknown };
  /** Work that nobody waits for failed: a refresh in the background, say. */
  backgroundError: { task: string; error: unknown };
  /** The connection to Redis changed its state. */
  state: { from: ConnectionState; to: ConnectionState };
}
