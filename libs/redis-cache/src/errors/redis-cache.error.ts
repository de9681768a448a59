/** Stable identifiers of the errors of this library, for `switch` and for logs. */
export type RedisCacheErrorCode =
  | 'TENANT_MISSING'
  | 'TENANT_SCOPE_MISSING'
  | 'INVALID_OPTIONS'
  | 'INVALID_KEY'
  | 'INVALID_DECORATOR'
  | 'UNCACHEABLE_VALUE'
  | 'PURGE_INCOMPLETE'
  | 'MIGRATION_REFUSED'
  | 'ROLLOUT_CONFLICT'
  | 'FAR_UNAVAILABLE'
  | 'FAR_TIMEOUT'
  | 'PERSISTENT_STORE';

const MARKER = Symbol.for('nestjs-redis-cache.error');

/**
 * Base of every error this library throws itself. Errors of the user's own methods pass through it
 * unchanged and are never wrapped.
 */
export abstract class RedisCacheError extends Error {
  abstract readonly code: RedisCacheErrorCode;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    Object.defineProperty(this, MARKER, { value: true });
  }
}

/**
 * Whether `value` is an error of this library. Looks at a marker, not at the class, so it also
 * holds where two copies of the package are loaded.
 */
export function isRedisCacheError(value: unknown): value is RedisCacheError {
  return typeof value === 'object' && value !== null && MARKER in value;
}
