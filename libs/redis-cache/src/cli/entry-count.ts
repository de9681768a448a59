import { AT } from '../codec/entry-layout.js';
import { decodeHeader } from '../codec/envelope.js';
import type { KeySelection } from '../keys/key-selection.js';
import { walkWithin, type WalkBounds } from './bounded-walk.js';
import type { ClearTarget } from './clear-target.js';
import type { Session } from './session.js';

/** Entries that were found, as far as was looked. */
export interface FoundEntries {
  readonly entries: number;
  /** False where there may be more. */
  readonly complete: boolean;
}

/** Enough for the header of any usual entry, a handful of tags included. */
const HEADER_BYTES = AT.body + 960;

/** Counts the entries that would be cleared. */
export async function countEntries(
  session: Session,
  target: ClearTarget,
  bounds: WalkBounds,
): Promise<FoundEntries> {
  if (target.kind === 'entry') {
    const there = await session.connection.run((client) =>
      Promise.all(target.entries.map(({ redisKey }) => client.exists(redisKey))),
    );
    return { entries: there.reduce((sum, one) => sum + one, 0), complete: true };
  }
  const selection = selectionOf(session, target);
  let entries = 0;
  const { complete } = await walkWithin(session, selection.match, bounds, async (keys) => {
    const taken = keys.filter(
      (key) => session.keys.roleOf(key) === 'entry' && selection.takes(key),
    );
    entries += target.kind === 'tag' ? await tagged(session, taken, target.tag) : taken.length;
  });
  return { entries, complete };
}

function selectionOf(
  { keys }: Session,
  target: Exclude<ClearTarget, { readonly kind: 'entry' }>,
): KeySelection {
  if (target.kind === 'pattern') return target.pattern.entries;
  if (target.kind === 'everything') return { match: `${keys.opens()}*}`, takes: () => true };
  const owner = target.owner ?? null;
  if (target.kind !== 'cache') return keys.pattern(owner, '*').entries;
  const openings = target.versions.map((version) => keys.scopePrefix(owner, target.cache, version));
  return {
    match: `${(openings[0] ?? '').replace(/@\d+\/$/, '@')}*}`,
    takes: (key) => openings.some((opening) => key.startsWith(opening)),
  };
}

/** How many of them have the tag: each says so in its header. */
async function tagged(
  { client, connection }: Session,
  keys: readonly string[],
  tag: string,
): Promise<number> {
  const heads = await connection.run(() =>
    Promise.all(keys.map((key) => client.getrangeBuffer(key, 0, HEADER_BYTES - 1))),
  );
  const has = await Promise.all(
    heads.map(async (head, i) => {
      const found = decodeHeader(head);
      const cutOff = found.kind !== 'header' && head.length === HEADER_BYTES;
      const whole = cutOff
        ? await connection.run((redis) => redis.getBuffer(keys[i] as string))
        : null;
      const decoded = whole ? decodeHeader(whole) : found;
      return decoded.kind === 'header' && decoded.header.tags.some((one) => one.tag === tag);
    }),
  );
  return has.filter(Boolean).length;
}
