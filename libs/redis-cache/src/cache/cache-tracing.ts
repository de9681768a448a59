import type { EntryRef } from './entry-ref.js';

/** One piece of work with Redis. */
export interface FarWork {
  /** `get`, `acquire`, `stamps`, `store`, `fill`, `claim`, `renew`, `release`, `evict` or `invalidate`. */
  readonly operation: string;
  /** Undefined for what spans caches. */
  readonly cache: string | undefined;
  /** Null is the global scope. */
  readonly tenant: string | null;
  readonly redisKey: string;
}

/**
 * Follows work with Redis and loads, one by one, for a tracer. It has to run them and to settle with them,
 * as their callers wait for it. They are answered with what `run` comes to, whatever a tracer makes of it;
 * if one fails, the work is done without it and the event `backgroundError` tells.
 * `nestjs-redis-cache/opentelemetry` makes one.
 */
export interface CacheTracing {
  far<T>(work: FarWork, run: () => Promise<T>): Promise<T>;

  /**
   * A load runs outside of every context of its callers; `enter` is given, within that, what is to
   * know of the trace all the same.
   */
  load<T>(entry: EntryRef, run: (enter: <R>(fn: () => R) => R) => T | Promise<T>): Promise<T>;

  /**
   * What runs in no context of its caller either, and is nobody's load: a statement of a persistent store.
   *
   * @returns runs it with what is to know of the trace at the time of this call
   */
  carry(): <R>(fn: () => R) => R;
}
