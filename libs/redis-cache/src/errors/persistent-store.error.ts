import { RedisCacheError } from './redis-cache.error.js';

/**
 * The persistent store did not answer in time, or cannot be used. Never reaches a caller of the cache:
 * the event `persistenceError` carries it.
 */
export class PersistentStoreError extends RedisCacheError {
  readonly code = 'PERSISTENT_STORE';
}
