import { TenantMissingError, currentTenant } from 'nestjs-redis-cache';

/**
 * The organization this code runs for, for use in queries. The cache and the database are told by
 * the same source, so that they cannot disagree.
 *
 * @throws {TenantMissingError} neither the guard nor `runWithTenant` has set one
 */
export function currentOrganization(): string {
  const tenant = currentTenant();
  if (tenant === undefined) throw new TenantMissingError('A query for an organization');
  return tenant;
}
