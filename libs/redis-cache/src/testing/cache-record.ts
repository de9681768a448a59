import type { BypassCounts, MissCounts } from '../cache/cache-counters.js';
import type { InvalidationLevel } from '../invalidation/invalidation.js';

/** Which entry a record is about. */
export interface RecordedEntry {
  /** Its owner; null in the global scope. */
  readonly tenant: string | null;
  readonly cache: string;
  /** The encoded key: a clean text as it is, the number 42 as `:42`, several arguments parted by `;`. */
  readonly key: string;
}

/** One thing that the cache did. */
export type CacheRecord =
  /** A call was answered from a tier. */
  | (RecordedEntry & { readonly kind: 'hit'; readonly tier: 'near' | 'far' | 'persistent' })
  /** A call was answered with a value past its ttl, within its grace. */
  | (RecordedEntry & { readonly kind: 'stale' })
  /** A call found nothing; the reason is not known where its load failed. `joined` shared another one's load. */
  | (RecordedEntry & {
      readonly kind: 'miss';
      readonly reason: keyof MissCounts | undefined;
      readonly joined: boolean;
    })
  /** A call went past the cache. */
  | { readonly kind: 'bypass'; readonly cache: string; readonly reason: keyof BypassCounts }
  /** A method ran; it comes before the miss that it ends. */
  | (RecordedEntry & { readonly kind: 'load'; readonly failed: boolean })
  | RecordedEviction;

/** An entry was evicted, or more than one were invalidated, by this application. */
export interface RecordedEviction {
  readonly kind: 'evict';
  readonly level: InvalidationLevel;
  /** Null in the global scope, and where everything was evicted. */
  readonly tenant: string | null;
  /** Of an entry or a cache. */
  readonly cache?: string;
  /** Of an entry. */
  readonly key?: string;
  /** Of a tag. */
  readonly tag?: string;
  /** Of a pattern. */
  readonly pattern?: string;
  /** False where Redis did not confirm it, and it is replayed when Redis is back. */
  readonly acknowledged: boolean;
}
