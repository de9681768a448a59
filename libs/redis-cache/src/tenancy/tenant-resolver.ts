import type { CacheScope } from '../config/cache-policy.js';
import { TenantMissingError } from '../errors/tenant-missing.error.js';
import { assertTenant } from './tenant-context.js';
import { tenantStorage } from './tenant-scope.js';

/** Decides for whom a call is: an explicit tenant, the context, then the app's own resolver. */
export class TenantResolver {
  constructor(private readonly resolve?: () => string | undefined) {}

  /** The tenant here, if any. A load of a global cache has none, whatever surrounds it. */
  current(): string | undefined {
    const scoped = tenantStorage().getStore()?.tenant;
    if (scoped !== undefined) return scoped ?? undefined;
    const resolved = this.resolve?.();
    return resolved === undefined ? undefined : assertTenant(resolved);
  }

  /**
   * The tenant under which entries of a cache are kept; null for a global cache.
   *
   * @param operation what is being done, for the error
   * @throws {TenantMissingError} the cache is tenant-scoped and no tenant is known
   */
  ownerOf(scope: 'tenant', explicit: string | undefined, operation: () => string): string;
  ownerOf(scope: CacheScope, explicit: string | undefined, operation: () => string): string | null;
  ownerOf(scope: CacheScope, explicit: string | undefined, operation: () => string): string | null {
    if (scope === 'global') return null;
    if (explicit !== undefined) return assertTenant(explicit);
    const tenant = this.current();
    if (tenant === undefined) throw new TenantMissingError(operation());
    return tenant;
  }
}
