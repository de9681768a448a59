import { RedisCacheError } from './redis-cache.error.js';

/** Redis is known to be away: the command was not sent. Never reaches a caller of the cache. */
export class FarUnavailableError extends RedisCacheError {
  readonly code = 'FAR_UNAVAILABLE';
}

/** Redis did not answer within the budget; whether the command was applied is unknown. */
export class FarTimeoutError extends RedisCacheError {
  readonly code = 'FAR_TIMEOUT';

  constructor(readonly timeoutMs: number) {
    super(`Redis did not answer within ${timeoutMs} ms`);
  }
}

/** Redis is there, and its user may not do what the cache does. Never reaches a caller of the cache. */
export class FarDeniedError extends FarUnavailableError {
  /** @param grant rules that the user lacks, as `ACL SETUSER` takes them */
  constructor(readonly grant: string) {
    super(`the user of Redis lacks permissions: grant it ${grant}`);
  }
}
