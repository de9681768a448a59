import type { CacheEvents } from '../cache/cache-events.js';
import { readPatternName } from '../keys/key-pattern.js';
import type { KeySpace } from '../keys/key-space.js';
import type { RecordedEviction } from './cache-record.js';

/** What was invalidated, by names instead of keys. */
export function evictionOf(
  keys: KeySpace,
  { level, tenant, key, acknowledged }: CacheEvents['invalidate'],
): Omit<RecordedEviction, 'kind'> {
  if (level === 'pattern') {
    return { level, tenant, pattern: readPatternName(key)?.pattern ?? key, acknowledged };
  }
  const parsed = keys.parse(key);
  switch (parsed?.kind) {
    case 'cacheStamp':
      return { level, tenant, cache: parsed.cache ?? key, acknowledged };
    case 'tagStamp':
      return { level, tenant, tag: parsed.tag ?? key, acknowledged };
    default:
      return { level, tenant, acknowledged };
  }
}
