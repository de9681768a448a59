/**
 * What is migrated from: a `Map`, or anything with its methods, asynchronous or not. A `Map` is one as
 * it is.
 *
 * `undefined` stands for no value, unless `has` says otherwise.
 */
export interface MapSource<K, V> {
  get(key: K): V | undefined | Promise<V | undefined>;
  set(key: K, value: V): unknown;
  /** Whether there was one. */
  delete(key: K): boolean | Promise<boolean>;
  has(key: K): boolean | Promise<boolean>;
  /** Every key there is. Without it, `drain` has to be told the keys. */
  keys?(): Iterable<K> | AsyncIterable<K>;
  /** How many entries there are, where that can be told at once. */
  readonly size?: number;
}

/** A value that is there, which undefined alone could not say. */
export interface Held<V> {
  readonly value: V;
}
