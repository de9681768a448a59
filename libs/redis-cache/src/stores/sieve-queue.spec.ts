import fc from 'fast-check';
import { ReferenceSieve } from '../../../../test/support/reference-sieve.js';
import { SieveQueue, type SieveLane, type SieveNode } from './sieve-queue.js';

class Letter implements SieveNode {
  visited = false;
  newer: Letter | undefined = undefined;
  older: Letter | undefined = undefined;
  otherNewer: Letter | undefined = undefined;
  otherOlder: Letter | undefined = undefined;

  constructor(readonly name: string) {}
}

/** A queue of letters, the first one the oldest. */
const LANE: SieveLane<Letter> = { newer: 'newer', older: 'older' };
const OTHER_LANE: SieveLane<Letter> = { newer: 'otherNewer', older: 'otherOlder' };

function queueOf(names: string, lane = LANE): { queue: SieveQueue<Letter>; letters: Letter[] } {
  const queue = new SieveQueue<Letter>(lane);
  const letters = Array.from(names, (name) => new Letter(name));
  for (const letter of letters) queue.push(letter);
  return { queue, letters };
}

function visit(letters: readonly Letter[], names: string): void {
  for (const letter of letters) if (names.includes(letter.name)) letter.visited = true;
}

/** Evicts `count` letters and tells their names in order. */
function evict(queue: SieveQueue<Letter>, count: number): string {
  let names = '';
  for (let i = 0; i < count; i++) {
    const victim = queue.victim() as Letter;
    queue.remove(victim);
    names += victim.name;
  }
  return names;
}

describe('SieveQueue', () => {
  it('has no victim while it is empty, and none again once all are gone', () => {
    const { queue } = queueOf('a');
    expect(evict(queue, 1)).toBe('a');
    expect(queue.victim()).toBeUndefined();
    expect(new SieveQueue<Letter>(LANE).victim()).toBeUndefined();
  });

  it('evicts in order of arrival what was never visited', () => {
    const { queue } = queueOf('abcde');
    expect(evict(queue, 5)).toBe('abcde');
  });

  it('spares whom the hand finds visited, once', () => {
    const { queue, letters } = queueOf('abcde');
    visit(letters, 'ac');
    expect(evict(queue, 5)).toBe('bdeac');
  });

  it('goes on from where the hand stopped and not from the oldest', () => {
    const { queue, letters } = queueOf('abcde');
    visit(letters, 'ab');
    expect(evict(queue, 1)).toBe('c');
    // A FIFO that reinserts would take a next; the hand has passed it.
    expect(evict(queue, 2)).toBe('de');
    expect(evict(queue, 2)).toBe('ab');
  });

  it('returns to the oldest from beyond the newest', () => {
    const { queue, letters } = queueOf('abc');
    visit(letters, 'abc');
    expect(evict(queue, 1)).toBe('a');
    expect(letters.map(({ visited }) => visited)).toEqual([false, false, false]);
    visit(letters, 'c');
    expect(evict(queue, 2)).toBe('bc');
  });

  it('names the same victim until it is removed', () => {
    const { queue, letters } = queueOf('abc');
    visit(letters, 'a');
    expect([queue.victim()?.name, queue.victim()?.name]).toEqual(['b', 'b']);
  });

  it('lets newcomers in behind the hand', () => {
    const { queue, letters } = queueOf('abc');
    visit(letters, 'ab');
    expect(evict(queue, 1)).toBe('c');
    queue.push(new Letter('d'));
    // The hand was beyond the newest, so it begins anew at the oldest, not at the newcomer.
    expect(evict(queue, 3)).toBe('abd');
  });

  it('moves the hand on when its own letter is removed by somebody else', () => {
    const { queue, letters } = queueOf('abcd');
    visit(letters, 'a');
    expect(queue.victim()?.name).toBe('b');
    queue.remove(letters[1] as Letter);
    expect(evict(queue, 3)).toBe('cda');
  });

  it.each([
    ['the oldest', 'a', 'bcd'],
    ['one between', 'b', 'acd'],
    ['the newest', 'd', 'abc'],
  ])('keeps the order of the others when %s is removed', (_which, name, rest) => {
    const { queue, letters } = queueOf('abcd');
    queue.remove(letters.find((letter) => letter.name === name) as Letter);
    expect(evict(queue, 3)).toBe(rest);
  });

  it('shares letters and their visits with a queue of another lane, but no order', () => {
    const { queue: all, letters } = queueOf('abcd', LANE);
    const own = new SieveQueue<Letter>(OTHER_LANE);
    for (const letter of [...letters].reverse()) own.push(letter);
    visit(letters, 'd');
    expect(own.victim()?.name).toBe('c');
    // The visit of d was used up by the other queue's hand.
    expect(evict(all, 4)).toBe('abcd');
    expect(own.victim()?.name).toBe('c');
  });

  it('evicts what an implementation by array evicts, whatever happens', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('push' as const) }),
      fc.record({ kind: fc.constant('evict' as const) }),
      fc.record({ kind: fc.constantFrom('visit' as const, 'remove' as const), at: fc.nat(20) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = new SieveQueue<Letter>(LANE);
        const reference = new ReferenceSieve();
        const present: Letter[] = [];
        const take = (letter: Letter) => present.splice(present.indexOf(letter), 1);
        for (const [index, taken] of steps.entries()) {
          if (taken.kind === 'push') {
            const letter = new Letter(String(index));
            present.push(letter);
            queue.push(letter);
            reference.push(letter.name);
          } else if (taken.kind === 'evict') {
            const victim = queue.victim();
            expect(victim?.name).toBe(reference.evict());
            if (victim) {
              queue.remove(victim);
              take(victim);
            }
          } else {
            const letter = present[taken.at % present.length];
            if (!letter) continue;
            if (taken.kind === 'visit') {
              letter.visited = true;
              reference.visit(letter.name);
            } else {
              queue.remove(letter);
              reference.remove(letter.name);
              take(letter);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
