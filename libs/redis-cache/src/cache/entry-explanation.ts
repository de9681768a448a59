import type { ConnectionState } from '../connection/connection-state.js';
import type { InvalidationLevel } from '../invalidation/invalidation.js';
import type { SeenInvalidation } from '../invalidation/invalidation-history.js';
import type { CacheMode } from './cache-statistics.js';
import type { EntryRef } from './entry-ref.js';

/** One of the stamps that an entry was stored under. Any that has changed since makes it `outdated`. */
export interface StampExplanation {
  readonly level: Exclude<InvalidationLevel, 'entry' | 'pattern'>;
  /** The tag, at level `tag`; undefined also where only the digest of a long one is known. */
  readonly tag: string | undefined;
  /**
   * The id that the entry has. An entry in Redis has it of tags alone, and of the three other stamps a
   * digest: undefined where that is not of those which are current.
   */
  readonly entry: string | undefined;
  /** The id that a read would go by now; undefined where there is none any more. */
  readonly current: string | undefined;
  /**
   * Whether the two are the same. Undefined where only that digest tells that some of them are not, and the
   * time of making tells of this one that it may be.
   */
  readonly holds: boolean | undefined;
}

/** How long an entry is there, and how long it may still be served. */
export interface EntryAge {
  /** Since it was stored; in the near tier, since it was kept there. */
  readonly ageMs: number;
  /** For how long it is fresh; 0 when it is not any more. */
  readonly ttlLeftMs: number;
  /** For how long it may be served after that. */
  readonly graceLeftMs: number;
  /** Whether a read refreshes it behind its answer; see `refreshAhead`. */
  readonly refreshDue: boolean;
}

/** What the memory of this process has of an entry. */
export type NearExplanation =
  /** The module or the policy of the cache leaves the near tier out. */
  | { readonly kind: 'off' }
  | { readonly kind: 'absent' }
  | (EntryAge & {
      readonly kind: 'entry';
      /**
       * - `fresh`, `stale` (within its grace), `expired`
       * - `outdated`: one of its stamps has changed
       * - `untrusted`: the bus is not proven, so Redis is asked instead; with `far: false`, it is loaded
       */
      readonly state: 'fresh' | 'stale' | 'expired' | 'outdated' | 'untrusted';
      /** As accounted, with its key and a fixed overhead. */
      readonly bytes: number;
      readonly stamps: readonly StampExplanation[];
    });

/** What Redis has of an entry. */
export type FarExplanation =
  /** No Redis is configured, or no entries are kept there: `far: false`. */
  | { readonly kind: 'off' }
  /** Redis is away, or did not answer in time. */
  | { readonly kind: 'away' }
  /** Redis refused to tell. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'absent' }
  /** Bytes that are no entry, or whose value cannot be read back. */
  | { readonly kind: 'undecodable'; readonly bytes: number; readonly reason: string }
  /** Written by a later version of this library. */
  | { readonly kind: 'newer'; readonly bytes: number; readonly formatVersion: number }
  | (EntryAge & {
      readonly kind: 'entry';
      /** As in {@link NearExplanation}. */
      readonly state: 'fresh' | 'stale' | 'expired' | 'outdated';
      /** Of the whole entry, as it is stored. */
      readonly bytes: number;
      /** See `compressFromBytes`. */
      readonly compressed: boolean;
      readonly codec: { readonly id: number; readonly name: string };
      readonly stamps: readonly StampExplanation[];
    });

/** What the persistent store has of an entry. */
export type PersistentExplanation =
  /** It is away, or may lack an eviction of this process. */
  | { readonly kind: 'away' }
  /** Redis remembers evictions that it has not taken: till it has, nobody looks into it. */
  | { readonly kind: 'behind' }
  /** Nothing, or nothing that may still be given. */
  | { readonly kind: 'absent' }
  /** Bytes that are no entry, or of a later version of this library. */
  | { readonly kind: 'undecodable' | 'newer'; readonly bytes: number }
  | { readonly kind: 'entry'; readonly ttlLeftMs: number; readonly bytes: number };

/** What keeps a read from being answered; see the two tiers. */
export type MissReason =
  'absent' | 'expired' | 'outdated' | 'undecodable' | 'newer' | 'away' | 'refused';

/** What a call with a load would come to. */
export type ReadOutlook =
  /** Goes to the load: the rollout of the cache leaves the tenant out. */
  | { readonly kind: 'bypass'; readonly reason: 'off' | 'shadow' }
  /** Answered at once; `refreshes` if it is past `refreshAhead`. */
  | {
      readonly kind: 'hit';
      readonly tier: 'near' | 'far' | 'persistent';
      readonly refreshes: boolean;
    }
  /** Answered within its grace, at once or after `softTimeout`, and refreshed. */
  | { readonly kind: 'stale'; readonly tier: 'near' | 'far' }
  /** Waits for what is under way in this process. */
  | { readonly kind: 'join' }
  /** Loads, or waits for the process that has the lease. */
  | { readonly kind: 'miss'; readonly reason: MissReason; readonly then: 'load' | 'wait' };

/** What the tiers have of an entry, and what a read would make of it. */
export interface TiersExplanation {
  readonly entry: EntryRef;
  readonly outlook: ReadOutlook;
  readonly near: NearExplanation;
  readonly far: FarExplanation;
  /** Undefined where the cache has no persistent store. */
  readonly persistent: PersistentExplanation | undefined;
  /** Reads, refreshes and writes of the entry under way in this process. */
  readonly flights: number;
  /** The right to load or write it, while somebody has it; undefined also where Redis cannot tell. */
  readonly lease: { readonly ours: boolean; readonly leftMs: number } | undefined;
  /** What this process saw last that hit the entry; undefined if nothing, or too long ago. */
  readonly lastInvalidation: SeenInvalidation | undefined;
  /**
   * Whether this process has proven that it hears what others evict. `none` where no Redis is
   * configured, `off` with `coherence: 'ttl'`.
   */
  readonly bus: 'proven' | 'unproven' | 'off' | 'none';
}

/** Why a read of an entry would hit or miss at the moment. Its value is not in here. */
export interface EntryExplanation extends TiersExplanation {
  readonly mode: CacheMode;
  /** Of the connection to Redis; undefined where none is configured. */
  readonly connection: ConnectionState | undefined;
}
