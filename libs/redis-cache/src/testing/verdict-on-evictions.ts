import type { CacheKey } from '../keys/arguments.js';
import type { RecordedEviction } from './cache-record.js';
import type { CacheVerdict } from './cache-verdict.js';
import { hitsCache, hitsEntry, hitsTenant } from './eviction-hits.js';
import { entryText, namedEntry, ownerOf, ownerText, type OfTenant } from './named-entry.js';
import type { TestCache } from './test-cache.js';
import { counted, lines, listed } from './verdict-texts.js';

/** Whether the entry, or without a key all of the cache, was evicted by this application. */
export function verdictOnEvicted(
  test: TestCache,
  cache: string,
  key: CacheKey | undefined,
  options: OfTenant,
): CacheVerdict {
  const wanted = { tenant: ownerOf(options), cache };
  const entry = key === undefined ? undefined : namedEntry(cache, key, options);
  const what = entry ? entryText(entry) : `all of '${cache}' of ${ownerText(wanted.tenant)}`;
  return verdictOnEvictions(test, what, (eviction) =>
    entry ? hitsEntry(eviction, entry) : hitsCache(eviction, wanted),
  );
}

/** Whether all entries with a tag were evicted by this application. */
export function verdictOnEvictedTag(test: TestCache, tag: string, options: OfTenant): CacheVerdict {
  const tenant = ownerOf(options);
  const what = `the tag '${tag}' of ${ownerText(tenant)}`;
  return verdictOnEvictions(
    test,
    what,
    (eviction) =>
      hitsTenant(eviction, tenant) ||
      (eviction.level === 'tag' && eviction.tag === tag && eviction.tenant === tenant),
  );
}

function verdictOnEvictions(
  { log }: TestCache,
  what: string,
  hits: (eviction: RecordedEviction) => boolean,
): CacheVerdict {
  const evictions = log.filter((record) => record.kind === 'evict');
  const hit = evictions.find(hits);
  if (!hit) {
    const all = listed('All evictions', counted(evictions.map(evictionText)));
    return {
      pass: false,
      message: () => lines(`Expected ${what} to be evicted, but it was not.`, all),
    };
  }
  return {
    pass: true,
    message: () => `Expected ${what} not to be evicted, but it was: ${evictionText(hit)}.`,
  };
}

function evictionText(eviction: RecordedEviction): string {
  const { level, tenant, cache = '', key = '', tag = '', pattern = '' } = eviction;
  switch (level) {
    case 'entry':
      return entryText({ tenant, cache, key });
    case 'cache':
      return `all of '${cache}' of ${ownerText(tenant)}`;
    case 'tag':
      return `the tag '${tag}' of ${ownerText(tenant)}`;
    case 'pattern':
      return `the pattern '${pattern}' of ${ownerText(tenant)}`;
    case 'tenant':
      return `all of ${ownerText(tenant)}`;
    case 'all':
      return 'everything';
  }
}
