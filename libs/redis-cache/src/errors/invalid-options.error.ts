import { received } from './received.js';
import { RedisCacheError } from './redis-cache.error.js';

/**
 * An option cannot be used as given. Thrown while the application boots, or by the call that it was
 * given to: a ttl for one entry, say.
 */
export class InvalidCacheOptionsError extends RedisCacheError {
  readonly code = 'INVALID_OPTIONS';

  /**
   * @param option path of the option, e.g. `caches['lead.byPhone'].ttl`
   * @param value what was received; never pass secrets
   * @param expected what would have been right
   * @param remedy what to do about it
   */
  constructor(
    readonly option: string,
    value: unknown,
    readonly expected: string,
    remedy: string,
  ) {
    super(`Option ${option} is ${received(value)}; expected ${expected}. ${remedy}`);
  }
}
