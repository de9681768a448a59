import type { CacheKey } from '../keys/arguments.js';
import type { CacheRecord, RecordedEntry } from './cache-record.js';
import type { CacheVerdict } from './cache-verdict.js';
import { hitsEntry } from './eviction-hits.js';
import {
  entryText,
  isOfSameCache,
  isSame,
  keyText,
  namedEntry,
  ownerText,
  type OfTenant,
} from './named-entry.js';
import type { TestCache } from './test-cache.js';
import { counted, lines, listed } from './verdict-texts.js';

/** How many keys are told that come near the one that is missing. */
const NEAREST = 3;

/** Whether a call would be answered with the entry now. */
export function verdictOnCached(
  test: TestCache,
  cache: string,
  key: CacheKey,
  options: OfTenant,
): CacheVerdict {
  const entry = namedEntry(cache, key, options);
  const found = test.entries().find((each) => isSame(each, entry));
  if (!found) return { pass: false, message: () => notCachedText(test, entry) };
  const { tiers, ttlLeftMs } = found;
  const left = ttlLeftMs > 0 ? `fresh for ${ttlLeftMs} ms more` : 'past its ttl, within its grace';
  return {
    pass: true,
    message: () =>
      `Expected nothing in ${entryText(entry)}, but there is an entry: ${left}, in the ${tiers.join(' and the ')} tier.`,
  };
}

function notCachedText(test: TestCache, entry: RecordedEntry): string {
  const entries = test.entries();
  const own = entries.filter((each) => isOfSameCache(each, entry)).map(({ key }) => key);
  const elsewhere = entries.filter((each) => isSame({ ...each, tenant: entry.tenant }, entry));
  const caches = entries.filter(({ tenant }) => tenant === entry.tenant).map(({ cache }) => cache);
  const history = test.log.filter((record) => isAbout(record, entry)).map(({ kind }) => kind);
  return lines(
    `Expected an entry in ${entryText(entry)}, but there is none.`,
    own.length > 0
      ? listed(`Keys there, nearest first`, nearest(own, entry.key).map(keyText))
      : listed(`Caches of ${ownerText(entry.tenant)} with entries`, counted(caches)),
    elsewhere.length > 0 &&
      listed(
        'Owners of such an entry',
        elsewhere.map(({ tenant }) => ownerText(tenant)),
      ),
    history.length > 0 && listed('What happened to it', history),
  );
}

function isAbout(record: CacheRecord, entry: RecordedEntry): boolean {
  if (record.kind === 'evict') return hitsEntry(record, entry);
  return record.kind !== 'bypass' && isSame(record, entry);
}

/** Those with the longest beginning in common. */
function nearest(keys: readonly string[], key: string): string[] {
  const byLikeness = [...keys].sort((a, b) => likeness(b, key) - likeness(a, key));
  return byLikeness.slice(0, NEAREST);
}

function likeness(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}
