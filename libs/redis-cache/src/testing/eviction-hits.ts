import type { RecordedEntry, RecordedEviction } from './cache-record.js';

/** Of what has a tag or fits a pattern, the log does not know. */
export function hitsEntry(eviction: RecordedEviction, entry: RecordedEntry): boolean {
  const { level, tenant, cache, key } = eviction;
  if (level !== 'entry') return hitsCache(eviction, entry);
  return tenant === entry.tenant && cache === entry.cache && key === entry.key;
}

export function hitsCache(
  eviction: RecordedEviction,
  { tenant, cache }: Pick<RecordedEntry, 'tenant' | 'cache'>,
): boolean {
  if (eviction.level !== 'cache') return hitsTenant(eviction, tenant);
  return eviction.tenant === tenant && eviction.cache === cache;
}

export function hitsTenant(
  { level, ...eviction }: RecordedEviction,
  tenant: string | null,
): boolean {
  return level === 'all' || (level === 'tenant' && eviction.tenant === tenant);
}
