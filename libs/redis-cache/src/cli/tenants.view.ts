import { bytes, count, percent } from './figures.js';
import type { TenantCount } from './keyspace-survey.js';
import type { Look } from './printer.js';
import { table } from './table.js';
import type { TenantsReport } from './tenants.report.js';
import { printable } from './text.js';

export function tenantsView(report: TenantsReport, look: Look): string[] {
  const { prefix, tenants, entries } = report;
  if (tenants.length === 0) return [`No entries under the prefix ${prefix}.`, ...bound(report)];
  const rows = tenants.map((tenant) => [
    nameOf(tenant),
    count(tenant.entries),
    percent(tenant.entries / entries),
    bytes(tenant.bytes),
  ]);
  const columns = [
    { title: 'tenant' },
    { title: 'entries', align: 'right' },
    { title: 'share', align: 'right' },
    { title: 'size', align: 'right' },
  ] as const;
  return [...table(columns, rows, look), ...rest(report), ...bound(report)];
}

function nameOf({ scope, tenant, segment }: TenantCount): string {
  if (scope === 'global') return '(global)';
  return tenant === null ? `${segment.split('#')[0] ?? ''}… (too long)` : printable(tenant);
}

function rest({ count: all, tenants }: TenantsReport): string[] {
  const more = all - tenants.length;
  return more > 0 ? [`and ${count(more)} more; --top shows them`] : [];
}

/** Says so where not everything was looked at. */
export function bound({
  complete,
  lookedAt,
}: Pick<TenantsReport, 'complete' | 'lookedAt'>): string[] {
  if (complete) return [];
  return [`Only about ${count(lookedAt)} keys were looked at; --max-keys 0 looks at all.`];
}
