/** What a store has of an entry. */
export interface PersistedLook {
  /** Undefined where nothing is there, or nothing that may still be given. */
  readonly entry: PersistedEntry | undefined;
  /**
   * Where the look stands among the invalidations: what is loaded after it is put with it. Of meaning
   * to the store alone.
   */
  readonly point: string;
}

/** An entry as it comes out of a store. */
export interface PersistedEntry {
  readonly bytes: Uint8Array;
  /** How long it is still fresh, by the clock of the store; more than 0. */
  readonly leftMs: number;
}

/** An entry on its way into a store. */
export interface PersistedWrite {
  /** Names it; one of its `names`. */
  readonly key: string;
  /** All by which it can be invalidated. */
  readonly names: readonly string[];
  readonly bytes: Uint8Array;
  readonly ttlMs: number;
  /** Of the look before its value was loaded. */
  readonly point: string;
}

/** All whose name begins alike. */
export interface PersistedErasure {
  readonly prefix: string;
  /** Of an invalidation by which none of it is given any more. */
  readonly point: string;
}

/**
 * Keeps entries where they outlive Redis. Any method may reject, and be called again later.
 *
 * What makes it safe is one rule. Once `invalidate(names)` has resolved, an entry that was put under
 * one of these names is neither given nor, put later, ever given, unless the look whose `point` it has
 * began after `invalidate` was called. A store that cannot keep this serves outdated values.
 */
export interface PersistentStore {
  /**
   * Makes it ready: brings its tables up to date, say. Called before everything else, again until it
   * resolves, and again after something has failed.
   */
  open(): Promise<void>;

  /**
   * @param names what an entry of this key is put under, as far as that is known before: not the tags
   *   that only its value names. Empty where nothing is put with the point
   */
  look(key: string, names: readonly string[]): Promise<PersistedLook>;

  /** @returns false when it is refused, because of an invalidation since `point` */
  put(write: PersistedWrite): Promise<boolean>;

  /**
   * @param next of what is put with the point, its key first and then all its names; left out where
   *   nothing is
   * @returns a point right behind it
   */
  invalidate(names: readonly string[], next?: readonly string[]): Promise<string>;

  /**
   * Erases entries, and what is known of invalidations up to `point`, for good. Rejects where it cannot.
   *
   * @returns how many entries that were
   */
  erase(erasure: PersistedErasure): Promise<number>;

  /**
   * Deletes what has expired, if it is time to and no other process does. Called once a minute, and no
   * sooner again than it has resolved.
   */
  sweep(): Promise<void>;

  /** Ends what the store itself has begun. A client that was given to it stays open. */
  close(): Promise<void>;
}
