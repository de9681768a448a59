import { received } from './received.js';
import { RedisCacheError } from './redis-cache.error.js';

/**
 * What a tenant has was not erased to the end. None of it is served any more, but Redis, or the
 * persistent store, may still hold some. `cause` says what went wrong, if Redis said so.
 */
export class PurgeIncompleteError extends RedisCacheError {
  readonly code = 'PURGE_INCOMPLETE';

  constructor(
    readonly tenant: string,
    /** Keys deleted until then. */
    readonly deleted: number,
    options?: ErrorOptions,
    tier = 'Redis',
  ) {
    super(
      `The tenant ${received(tenant)} is not erased: ${tier} is away, or failed after ${deleted} keys were deleted. ` +
        `Nothing of it is served any more. Call purgeTenant() again once ${tier} is back, until it resolves.`,
      options,
    );
  }
}
