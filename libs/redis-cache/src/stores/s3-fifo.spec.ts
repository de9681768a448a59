import fc from 'fast-check';
import { ReferenceS3Fifo } from '../../../../test/support/reference-s3-fifo.js';
import { links, type QueueLane } from './fifo-queue.js';
import { MAX_USES, S3Fifo, type S3FifoNode } from './s3-fifo.js';

class Letter implements S3FifoNode {
  uses = 0;
  isMain = false;
  newer: Letter | undefined = undefined;
  older: Letter | undefined = undefined;
  otherNewer: Letter | undefined = undefined;
  otherOlder: Letter | undefined = undefined;

  constructor(
    readonly name: string,
    readonly bytes = 1,
  ) {}
}

const LANE = links<Letter>();
const OTHER_LANE: QueueLane<Letter> = {
  newerOf: (letter) => letter.otherNewer,
  olderOf: (letter) => letter.otherOlder,
  setNewer: (letter, newer) => {
    letter.otherNewer = newer;
  },
  setOlder: (letter, older) => {
    letter.otherOlder = older;
  },
};

/** Letters in one order or in several, the first one the oldest. */
class Letters {
  readonly letters = new Map<string, Letter>();

  constructor(private readonly orders: readonly S3Fifo<Letter>[]) {}

  push(names: string, { isMain = false, bytes = 1 } = {}): void {
    for (const name of names) {
      const letter = new Letter(name, bytes);
      letter.isMain = isMain;
      this.letters.set(name, letter);
      for (const order of this.orders) order.push(letter);
    }
  }

  use(names: string, times = 1): void {
    for (const name of names) {
      const letter = this.letters.get(name) as Letter;
      letter.uses = Math.min(MAX_USES, letter.uses + times);
    }
  }

  remove(name: string): void {
    for (const order of this.orders) order.remove(this.letters.get(name) as Letter);
    this.letters.delete(name);
  }

  victim(order = this.orders[0]): string | undefined {
    return order?.victim((letter) => {
      for (const each of this.orders) each.remove(letter);
      letter.isMain = true;
      letter.uses = 0;
      for (const each of this.orders) each.push(letter);
    })?.name;
  }

  /** Evicts `count` letters and tells their names in order. */
  evict(count: number): string {
    let names = '';
    for (let i = 0; i < count; i += 1) {
      const name = this.victim() as string;
      this.remove(name);
      names += name;
    }
    return names;
  }
}

function inOneOrder(names = ''): Letters {
  const letters = new Letters([new S3Fifo(LANE)]);
  letters.push(names);
  return letters;
}

describe('S3Fifo', () => {
  it('has no victim while it is empty, and none again once all are gone', () => {
    const letters = inOneOrder();
    expect(letters.victim()).toBeUndefined();
    letters.push('a');
    expect(letters.evict(1)).toBe('a');
    expect(letters.victim()).toBeUndefined();
  });

  it('evicts in order of arrival what nobody has asked for', () => {
    expect(inOneOrder('abcde').evict(5)).toBe('abcde');
  });

  it('evicts whom nobody has asked for before whoever was asked for once', () => {
    const letters = inOneOrder('abcde');
    letters.use('ac');
    expect(letters.evict(5)).toBe('bdeac');
  });

  it('lets go of many that come once, and keeps what was asked for while it was on trial', () => {
    const letters = inOneOrder('abcdefghijk');
    letters.use('abcdefghi');
    let evicted = '';
    for (const scanned of 'lmnopqrst') {
      evicted += letters.evict(1);
      letters.push(scanned);
    }
    expect(evicted).toBe('jklmnopqr');
    expect([...letters.letters.keys()].join('')).toBe('abcdefghist');
  });

  it('gives those of the main queue a round for each use, of which no more than three count', () => {
    const letters = inOneOrder();
    letters.push('abc', { isMain: true });
    letters.use('a', 9);
    letters.use('b');
    expect(letters.evict(1)).toBe('c');
    expect(letters.evict(1)).toBe('b');
    letters.push('d', { isMain: true });
    expect(letters.letters.get('a')?.uses).toBe(1);
    expect(letters.evict(2)).toBe('da');
  });

  it('evicts from the small queue only what is above a tenth of all bytes', () => {
    const letters = inOneOrder();
    letters.push('abc', { isMain: true, bytes: 30 });
    letters.push('x', { bytes: 10 });
    expect(letters.victim()).toBe('a');
    letters.push('y', { bytes: 1 });
    expect(letters.victim()).toBe('x');
  });

  it('names the same victim until it is removed', () => {
    const letters = inOneOrder('abc');
    letters.use('a');
    expect([letters.victim(), letters.victim()]).toEqual(['b', 'b']);
  });

  it.each([
    ['the oldest', 'a', 'bcd'],
    ['one between', 'b', 'acd'],
    ['the newest', 'd', 'abc'],
  ])('keeps the order of the others when %s is removed', (_which, name, rest) => {
    const letters = inOneOrder('abcd');
    letters.remove(name);
    expect(letters.evict(3)).toBe(rest);
  });

  it('shares letters, uses and promotions with another order, which sees fewer of them', () => {
    const all = new S3Fifo<Letter>(LANE);
    const own = new S3Fifo<Letter>(OTHER_LANE);
    const mine = new Letters([all, own]);
    const theirs = new Letters([all]);
    theirs.push('x');
    mine.push('ab');
    mine.use('a');
    expect(mine.victim(own)).toBe('b');
    expect(mine.letters.get('a')).toMatchObject({ isMain: true, uses: 0 });
    // In the order of all, a has been promoted as well: x and b are left on trial.
    expect(theirs.evict(1)).toBe('x');
    expect(mine.evict(2)).toBe('ba');
  });

  it('evicts what an implementation by arrays evicts, whatever happens', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('push' as const), isMain: fc.boolean() }),
      fc.record({ kind: fc.constant('evict' as const) }),
      fc.record({ kind: fc.constantFrom('use' as const, 'remove' as const), at: fc.nat(40) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const letters = inOneOrder();
        const reference = new ReferenceS3Fifo();
        for (const [index, taken] of steps.entries()) {
          if (taken.kind === 'push') {
            const name = String.fromCodePoint(0x100 + index);
            letters.push(name, taken);
            reference.push(name, taken.isMain);
          } else if (taken.kind === 'evict') {
            const name = letters.victim();
            expect(name).toBe(reference.evict()?.name);
            if (name !== undefined) letters.remove(name);
          } else {
            const names = [...letters.letters.keys()];
            const name = names[taken.at % names.length];
            if (name === undefined) continue;
            letters[taken.kind](name);
            reference[taken.kind](name);
          }
        }
        for (const [name, { isMain }] of letters.letters) {
          expect(reference.isMain(name)).toBe(isMain);
        }
      }),
      { numRuns: 300 },
    );
  });
});
