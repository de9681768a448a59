import type { EntryHeader } from '../codec/envelope.js';
import { digestOf } from '../codec/stamps-digest.js';
import type { Stamp } from '../invalidation/stamp-table.js';
import { compareStamps } from './stamp-comparison.js';

type Level = 'all' | 'tenant' | 'cache' | 'tag';

const WHEN_STORED: Record<Level, string> = { all: 'a0', tenant: 'b0', cache: 'c0', tag: 'd0' };
const MADE_AT_MS: Record<Level, number> = { all: 0, tenant: 999, cache: 0, tag: 999 };
const LEVELS = Object.keys(WHEN_STORED) as Level[];

const HEADER: EntryHeader = {
  codecId: 0,
  createdAtMs: 1_000,
  freshUntilMs: 2_000,
  usableUntilMs: 2_000,
  digest: digestOf(WHEN_STORED.all, WHEN_STORED.tenant, WHEN_STORED.cache),
  tags: [{ tag: 't', stamp: WHEN_STORED.tag }],
};

/** What is said of each stamp, once these are others. */
function compared(changes: Partial<Record<Level, Stamp | undefined>>) {
  const current = LEVELS.map((level) => ({
    level,
    tag: level === 'tag' ? 't' : undefined,
    stamp:
      level in changes ? changes[level] : { id: WHEN_STORED[level], madeAtMs: MADE_AT_MS[level] },
  }));
  return compareStamps(HEADER, current).map(({ level, entry, holds }) => [level, entry, holds]);
}

describe('compareStamps', () => {
  it('says of all that they hold, and by which ids, while the digest is that of the current ones', () => {
    expect(compared({})).toEqual([
      ['all', 'a0', true],
      ['tenant', 'b0', true],
      ['cache', 'c0', true],
      ['tag', 'd0', true],
    ]);
  });

  it('knows of a tag whether it has changed, whenever its stamp was made', () => {
    expect(compared({ tag: { id: 'd1', madeAtMs: 0 } })).toEqual([
      ['all', 'a0', true],
      ['tenant', 'b0', true],
      ['cache', 'c0', true],
      ['tag', 'd0', false],
    ]);
  });

  it.each<[string, Stamp | undefined]>([
    ['was made after the entry', { id: 'b1', madeAtMs: 1_001 }],
    ['was made in the same millisecond', { id: 'b1', madeAtMs: 1_000 }],
    ['is gone', undefined],
  ])('knows that one has changed that %s, and not whether others have', (_, tenant) => {
    expect(compared({ tenant })).toEqual([
      ['all', undefined, undefined],
      ['tenant', undefined, false],
      ['cache', undefined, undefined],
      ['tag', 'd0', true],
    ]);
  });

  it('says of none of the three that it has changed where no time tells', () => {
    expect(compared({ cache: { id: 'c1', madeAtMs: 0 } })).toEqual([
      ['all', undefined, undefined],
      ['tenant', undefined, undefined],
      ['cache', undefined, undefined],
      ['tag', 'd0', true],
    ]);
  });
});
