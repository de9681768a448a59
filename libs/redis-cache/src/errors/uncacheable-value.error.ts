import { RedisCacheError } from './redis-cache.error.js';

/**
 * A value that cannot be stored so that it comes out as it went in. Thrown by an explicit
 * `set()`; a decorated method or `wrap()` answers the value, does not store it and warns once.
 */
export class UncacheableValueError extends RedisCacheError {
  readonly code = 'UNCACHEABLE_VALUE';

  /** @param path where in the value, e.g. `value.owner` */
  constructor(
    readonly path: string,
    problem: string,
    remedy: string,
    options?: ErrorOptions,
  ) {
    super(`Cannot cache this value: ${path} ${problem}. ${remedy}`, options);
  }
}
