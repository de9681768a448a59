import { RedisCacheError } from './redis-cache.error.js';

/** A caching decorator stands where it cannot work. Thrown while the class is defined or at boot. */
export class InvalidDecoratorError extends RedisCacheError {
  readonly code = 'INVALID_DECORATOR';

  /** @param place the decorator and method, e.g. `@Cacheable on LeadService.byPhone` */
  constructor(
    readonly place: string,
    problem: string,
    remedy: string,
  ) {
    super(`${place} ${problem}. ${remedy}`);
  }
}
