import { RedisCacheError } from './redis-cache.error.js';

/** A key, tenant id or method argument that cannot be part of a cache key. */
export class InvalidCacheKeyError extends RedisCacheError {
  readonly code = 'INVALID_KEY';

  /** @param path the part at fault, e.g. `argument 2.filter.where` */
  constructor(
    readonly path: string,
    problem: string,
    remedy: string,
  ) {
    super(`Cannot make a cache key: ${path} ${problem}. ${remedy}`);
  }
}
