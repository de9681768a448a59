import type { EntryHeader } from '../codec/envelope.js';
import { digestOf } from '../codec/stamps-digest.js';
import type { Stamp } from '../invalidation/stamp-table.js';
import type { StampExplanation } from './entry-explanation.js';
import type { StampName } from './entry-stamp-keys.js';

/** A stamp of an entry as it is now; undefined where there is none any more. */
export interface CurrentStamp extends StampName {
  readonly stamp: Stamp | undefined;
}

/**
 * Which of its stamps an entry still holds under. Of the three that every entry has, it knows a digest: if
 * that is not of those which are current, the time of their making tells which ones were made since.
 */
export function compareStamps(
  header: EntryHeader,
  current: readonly CurrentStamp[],
): StampExplanation[] {
  const hold = header.digest === digestNow(current);
  const ofTags = new Map(header.tags.map(({ tag, stamp }) => [tag, stamp]));
  return current.map(({ level, tag, stamp }): StampExplanation => {
    const id = stamp?.id;
    if (level === 'tag') {
      const entry = ofTags.get(tag as string);
      return { level, tag, entry, current: id, holds: id === entry };
    }
    if (hold) return { level, tag, entry: id, current: id, holds: true };
    const holds = isMadeSince(header, stamp) ? false : undefined;
    return { level, tag, entry: undefined, current: id, holds };
  });
}

function digestNow(current: readonly CurrentStamp[]): string | undefined {
  const [all, tenant, cache] = (['all', 'tenant', 'cache'] as const).map(
    (wanted) => current.find(({ level }) => level === wanted)?.stamp?.id,
  );
  return all && tenant && cache && digestOf(all, tenant, cache);
}

/** One that is gone would be made anew. */
function isMadeSince({ createdAtMs }: EntryHeader, stamp: Stamp | undefined): boolean {
  return stamp === undefined || stamp.madeAtMs >= createdAtMs;
}
