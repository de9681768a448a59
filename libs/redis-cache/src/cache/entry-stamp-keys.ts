import type { KeySpace } from '../keys/key-space.js';
import type { EntryRef } from './entry-ref.js';
import type { StampExplanation } from './entry-explanation.js';

/** Which stamp is meant. */
export type StampName = Pick<StampExplanation, 'level' | 'tag'>;

/** The stamps of an entry by their Redis keys. */
export function entryStampKeys(
  keys: KeySpace,
  { tenant, cache, version }: EntryRef,
  tags: readonly string[],
): Map<string, StampName> {
  return new Map<string, StampName>([
    [keys.globalStamp(), { level: 'all', tag: undefined }],
    [keys.tenantStamp(tenant), { level: 'tenant', tag: undefined }],
    [keys.cacheStamp(tenant, cache, version), { level: 'cache', tag: undefined }],
    ...tags.map((tag) => [keys.tagStamp(tenant, tag), { level: 'tag', tag }] as const),
  ]);
}
