/**
 * What keeps text by keys: a `Keyv` of version 5 or 6, or anything with these methods. An adapter of Keyv
 * is put into one: `new Keyv({ store: adapter })`.
 *
 * All processes have to reach the same data by it, and read what was written last: no replica that is
 * behind, no copy in memory. A write may fail, or be late; it must not be made a second time after it has
 * been answered or given up.
 */
export interface KeyvClient {
  get(key: string): Promise<unknown>;
  /** Several at once; undefined where it has none. Without it they are got one by one, side by side. */
  getMany?(keys: string[]): Promise<readonly unknown[]>;
  set(key: string, value: string, ttlMs?: number): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  /** All keys with their values. Without it nothing can be erased, nor swept. */
  iterator?: (namespace?: never) => AsyncIterable<unknown>;
  /** Failures that no method rejects with. */
  on?(event: 'error', listener: (error: unknown) => void): unknown;
  off?(event: 'error', listener: (error: unknown) => void): unknown;
}
