import type { BusyTenant, CacheStatistics } from '../cache/cache-statistics.js';
import type { TenantStatistics } from './admin.contract.js';

/** Of statistics, what is a tenant's own: whatever is summed over tenants tells of others. */
export function figuresOfTenant(tenant: string, statistics: CacheStatistics): TenantStatistics {
  const { mode, period, tenants } = statistics;
  const calls = atLeast(tenant, tenants.calls);
  return {
    principal: 'tenant',
    tenant,
    mode,
    period,
    calls,
    loads: atLeast(tenant, tenants.loads),
  };
}

function atLeast(tenant: string, busy: readonly BusyTenant[]): number | null {
  const own = busy.find((each) => each.tenant === tenant);
  // The excess is what others have had.
  return own ? own.count - own.excess : null;
}
