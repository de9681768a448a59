import { RedisCacheError } from './redis-cache.error.js';

const IN_A_CONTEXT =
  `Run the code inside runWithTenant(tenant, fn), open the scope with tenantMiddleware() and fill it in a guard, ` +
  `pass { tenant } or forTenant(tenant), give the module a tenant.resolve`;

/** A tenant-scoped cache was used where no tenant is known. Nothing was read, loaded or stored. */
export class TenantMissingError extends RedisCacheError {
  readonly code = 'TENANT_MISSING';

  constructor(
    readonly operation: string,
    remedy = IN_A_CONTEXT,
  ) {
    super(
      `${operation} needs a tenant, and none is set here. ${remedy}, ` +
        `or declare the cache with scope: 'global' if its entries belong to nobody.`,
    );
  }
}
