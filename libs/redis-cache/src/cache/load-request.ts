import type { ResolvedPolicy } from '../config/resolve-policy.js';
import type { LoadChain } from '../tenancy/tenant-scope.js';
import type { ScopedEntry } from './entry-scope.js';

/** What a load is told. */
export interface LoadContext {
  /** Aborted when the load exceeds `loadTimeout` or the cache closes; its result is not stored then. */
  readonly signal: AbortSignal;
}

/** Produces a value; may be asynchronous. */
export type Load = (context: LoadContext) => unknown;

/** One call for an entry, with what to do if it has to be loaded. */
export interface LoadRequest {
  readonly ref: ScopedEntry;
  readonly policy: ResolvedPolicy;
  readonly load: Load;
  /** Loads that this call is made from, to see when one waits for itself. */
  readonly loading: LoadChain | undefined;
  /** Loads even where the persistent store has it: what it has is to be refreshed. */
  readonly anew?: boolean;
  /** With less than this left of its ttl an entry is due to be refreshed, whatever the policy says. */
  readonly refreshWithinMs?: number | ((value: unknown) => number);
  /** Whether this caller knows what to do where another one's load gave no value at all. */
  readonly takesNothing?: boolean;
  /** Tags that the entry has whatever its value is. */
  readonly tags?: readonly string[];
  /** Tags that the value names. */
  readonly resultTags?: (value: unknown) => readonly string[];
  /** True keeps the value from being stored. */
  readonly unless?: (value: unknown) => boolean;
  /** The ttl for this value; undefined takes the policy's. */
  readonly ttlMs?: (value: unknown) => number | undefined;
}
