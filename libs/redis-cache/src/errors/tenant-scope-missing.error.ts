import { RedisCacheError } from './redis-cache.error.js';

/** A tenant was to be set where no scope is open that could hold it. */
export class TenantScopeMissingError extends RedisCacheError {
  readonly code = 'TENANT_SCOPE_MISSING';

  constructor() {
    super(
      'setTenant() found no open tenant scope. Apply tenantMiddleware() to this route, or run the code inside runWithTenant().',
    );
  }
}
