import { InvalidCacheKeyError } from '../errors/invalid-key.error.js';
import { TenantScopeMissingError } from '../errors/tenant-scope-missing.error.js';
import { tenantStorage } from './tenant-scope.js';

/**
 * Runs `fn`, and all it awaits or schedules, for `tenant`.
 *
 * @param tenant id of the organization; any non-empty string, kept apart from every other one
 * @returns what `fn` returns
 * @throws {InvalidCacheKeyError} `tenant` is not a non-empty string
 */
export function runWithTenant<T>(tenant: string, fn: () => T): T {
  const storage = tenantStorage();
  const loading = storage.getStore()?.loading;
  return storage.run({ tenant: assertTenant(tenant), loading }, fn);
}

/** The tenant set by {@link runWithTenant}, the middleware or a guard; undefined when there is none. */
export function currentTenant(): string | undefined {
  return tenantStorage().getStore()?.tenant ?? undefined;
}

/**
 * Opens a scope without a tenant, for {@link setTenant} to fill in once it is known: in a guard,
 * say, after the credentials were checked.
 */
export function runInTenantScope<T>(fn: () => T): T {
  return tenantStorage().run({ tenant: undefined }, fn);
}

/**
 * Sets the tenant of the scope this code runs in.
 *
 * @throws {InvalidCacheKeyError} `tenant` is not a non-empty string
 * @throws {TenantScopeMissingError} no scope is open here
 */
export function setTenant(tenant: string): void {
  const scope = tenantStorage().getStore();
  if (!scope) throw new TenantScopeMissingError();
  scope.tenant = assertTenant(tenant);
}

/** @throws {InvalidCacheKeyError} `tenant` is not a non-empty string */
export function assertTenant(tenant: unknown): string {
  if (typeof tenant === 'string' && tenant !== '') return tenant;
  throw new InvalidCacheKeyError(
    'tenant',
    tenant === '' ? 'is an empty string' : `is of type ${tenant === null ? 'null' : typeof tenant}`,
    `Pass the organization's id as a non-empty string.`,
  );
}
