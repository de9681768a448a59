import { RedisCacheError } from './redis-cache.error.js';

/** A tenant-scoped cache was used where no tenant is known. Nothing was read, loaded or stored. */
export class TenantMissingError extends RedisCacheError {
  readonly code = 'TENANT_MISSING';

  constructor(readonly operation: string) {
    super(
      `${operation} needs a tenant, and none is set here. Run the code inside runWithTenant(tenant, fn), ` +
        `open the scope with tenantMiddleware() and fill it in a guard, pass { tenant } or forTenant(tenant), ` +
        `give the module a tenant.resolve, or declare the cache with scope: 'global' if its entries belong to nobody.`,
    );
  }
}
