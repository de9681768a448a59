/** What the manager tells, by the names of cache-manager. An `error` in the payload says that it failed. */
export type ManagerEvent =
  | 'get'
  | 'mget'
  | 'ttl'
  | 'set'
  | 'mset'
  | 'del'
  | 'mdel'
  | 'clear'
  /** `wrap` has loaded a value anew behind its answer. */
  | 'refresh';

export type ManagerListener = (...args: never[]) => void;

/** One entry of `mset`. */
export interface ManagerEntry<T> {
  key: string;
  value: T;
  /** In milliseconds; 0 does not expire. @default that of the manager */
  ttl?: number;
}
