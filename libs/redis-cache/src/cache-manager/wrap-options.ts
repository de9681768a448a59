/** A setting, or a function of the value that gives it. */
export type OfValue<T, R> = R | ((value: T) => R | undefined) | undefined;

/** What a `wrap` of cache-manager may say. */
export interface WrapOptions<T> {
  /** In milliseconds; 0 does not expire. @default that of the manager, then of its cache */
  ttl?: OfValue<T, number>;
  /** In milliseconds, see `CacheManagerOptions.refreshThreshold`. @default that of the manager */
  refreshThreshold?: OfValue<T, number>;
  /** Answer when the value expires, too. @default false */
  raw?: boolean;
}

/** What a `wrap` with `raw` answers. */
export interface RawValue<T> {
  value: T;
  /** In milliseconds since 1970; undefined if it is not stored. */
  expires: number | undefined;
}

/** The two ways in which cache-manager takes them, as one. */
export function readWrapOptions<T>(
  ttlOrOptions: OfValue<T, number> | WrapOptions<T> | null,
  refreshThreshold: OfValue<T, number>,
): WrapOptions<T> {
  if (typeof ttlOrOptions === 'object' && ttlOrOptions !== null) return ttlOrOptions;
  return { ttl: ttlOrOptions ?? undefined, refreshThreshold };
}

export function valueOf<T, R>(said: OfValue<T, R>, value: T): R | undefined {
  return typeof said === 'function' ? (said as (value: T) => R | undefined)(value) : said;
}
