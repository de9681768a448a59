import type { TenantCount } from './keyspace-survey.js';

/** Who has entries in Redis. */
export interface TenantsReport {
  readonly prefix: string;
  /** False where the walk ended at `--max-keys`: there may be more of everything. */
  readonly complete: boolean;
  readonly lookedAt: number;
  readonly count: number;
  readonly entries: number;
  /** Those with the most entries. */
  readonly tenants: readonly TenantCount[];
}
