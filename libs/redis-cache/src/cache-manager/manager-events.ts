/** What `on` of the manager tells, under the names of cache-manager. An `error` is there if it failed. */
export interface ManagerEvents {
  get: (data: { key: string; value?: unknown; error?: unknown }) => void;
  mget: (data: { keys: string[]; values?: unknown[]; error?: unknown }) => void;
  ttl: (data: { key: string; value?: number; error?: unknown }) => void;
  set: (data: { key: string; value: unknown; error?: unknown }) => void;
  mset: (data: { list: ManagerEntry[]; error?: unknown }) => void;
  del: (data: { key: string; error?: unknown }) => void;
  mdel: (data: { keys: string[]; error?: unknown }) => void;
  clear: (error?: unknown) => void;
  /** `wrap` has loaded a value anew behind its answer. */
  refresh: (data: { key: string; value: unknown; error?: unknown }) => void;
}

/** One entry of `mset`. */
export interface ManagerEntry<T = unknown> {
  key: string;
  value: T;
  /** In milliseconds; 0 does not expire. @default that of the manager */
  ttl?: number;
}
