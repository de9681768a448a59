/** What a request for a lease came to. */
export type Acquired =
  | { readonly kind: 'entry'; readonly bytes: Buffer }
  | { readonly kind: 'lease' }
  | { readonly kind: 'wait' };

/** What is asked for a lease with. */
export interface LeaseRequest {
  /** Random; proves later that the lease is still ours. */
  readonly token: string;
  readonly leaseMs: number;
  /** First bytes of the entry the caller has seen and finds unusable; undefined for none. */
  readonly known: Uint8Array | undefined;
}

/**
 * The far tier as the engine sees it. Every method rejects with a `FarUnavailableError` or
 * `FarTimeoutError` when Redis is away, and with the server's error when it refuses a command.
 *
 * `budgetMs` is what the call may still spend on Redis; without it a command has the full timeout.
 */
export interface FarStore {
  /** Whether commands are sent at all at the moment. */
  readonly available: boolean;

  /** The server's clock in milliseconds since 1970, as known to this process. */
  nowMs(): number;

  get(entryKey: string, budgetMs?: number): Promise<Buffer | undefined>;

  /** The entry if another one than `known` is there by now, else the lease, else `wait`. */
  acquire(entryKey: string, request: LeaseRequest, budgetMs?: number): Promise<Acquired>;

  /** Takes the lease whoever holds it, so that a fill under the earlier one is refused. */
  claim(entryKey: string, token: string, leaseMs: number, budgetMs?: number): Promise<void>;

  /** @returns false when the lease is no longer ours */
  renew(entryKey: string, token: string, leaseMs: number): Promise<boolean>;

  /**
   * Stores the entry and drops the lease, but only while the lease carries `token`: an eviction or
   * another writer in between has dropped it, and the entry is refused.
   *
   * @returns whether it was stored
   */
  fill(
    entryKey: string,
    token: string,
    bytes: Uint8Array,
    ttlMs: number,
    budgetMs?: number,
  ): Promise<boolean>;

  /** Gives the lease back without an entry. */
  release(entryKey: string, token: string): Promise<void>;

  /**
   * Deletes the entry and its lease.
   *
   * @returns whether the entry was there
   */
  evict(entryKey: string, budgetMs?: number): Promise<boolean>;

  /** Deletes an entry that does not decode, unless another one took its place. */
  discard(entryKey: string, known: Uint8Array): Promise<void>;
}
