import type { CacheKey } from '../keys/arguments.js';
import type { CacheVerdict } from './cache-verdict.js';
import {
  entryText,
  isOfSameCache,
  isSame,
  namedEntry,
  ownerOf,
  ownerText,
  type OfTenant,
} from './named-entry.js';
import type { TestCache } from './test-cache.js';
import { counted, lines, listed, timesText } from './verdict-texts.js';

/** Whether the method of an entry, or without a key those of all entries of the cache, ran so often. */
export function verdictOnLoads(
  test: TestCache,
  times: number,
  cache: string,
  key: CacheKey | undefined,
  options: OfTenant,
): CacheVerdict {
  const loads = test.log.filter((record) => record.kind === 'load');
  const entry = key === undefined ? undefined : namedEntry(cache, key, options);
  const wanted = { tenant: ownerOf(options), cache };
  const actual = loads.filter((load) =>
    entry ? isSame(load, entry) : isOfSameCache(load, wanted),
  ).length;
  const what = entry ? entryText(entry) : `'${cache}' of ${ownerText(wanted.tenant)}`;
  return {
    pass: actual === times,
    message: () =>
      actual === times
        ? `Expected ${what} to be loaded another number of times than ${times}.`
        : lines(
            `Expected ${what} to be loaded ${timesText(times)}, but it was loaded ${timesText(actual)}.`,
            listed('All loads', counted(loads.map(entryText))),
          ),
  };
}
