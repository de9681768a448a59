import fc from 'fast-check';
import { HeavyHitters, hittersSince } from './heavy-hitters.js';

function counted(capacity: number, items: readonly string[]): HeavyHitters<string> {
  const hitters = new HeavyHitters<string>(capacity);
  for (const item of items) hitters.add(item);
  return hitters;
}

const streams = fc.array(fc.constantFrom(...Array.from('aaaabbbcdefghij')), {
  minLength: 1,
  maxLength: 300,
});

describe('HeavyHitters', () => {
  it('counts exactly while there is room, the most first', () => {
    const hitters = counted(3, ['a', 'b', 'b', 'c', 'b', 'c']);
    hitters.add('a', 10);
    expect(hitters.snapshot()).toEqual([
      { item: 'a', count: 11, excess: 0 },
      { item: 'b', count: 3, excess: 0 },
      { item: 'c', count: 2, excess: 0 },
    ]);
  });

  it('gives the place of the least to who comes, and says by how much it may be wrong', () => {
    expect(counted(2, ['a', 'a', 'a', 'b', 'c', 'c']).snapshot()).toEqual([
      { item: 'a', count: 3, excess: 0 },
      { item: 'c', count: 3, excess: 1 },
    ]);
  });

  it('never tells too little, nor too much by more than the excess and the bound', () => {
    fc.assert(
      fc.property(streams, fc.integer({ min: 1, max: 8 }), (stream, capacity) => {
        const known = counted(capacity, stream).snapshot();
        expect(known.length).toBeLessThanOrEqual(capacity);
        for (const { item, count, excess } of known) {
          const truth = stream.filter((other) => other === item).length;
          expect(count).toBeGreaterThanOrEqual(truth);
          expect(count - excess).toBeLessThanOrEqual(truth);
          expect(excess).toBeLessThanOrEqual(stream.length / capacity);
        }
      }),
    );
  });

  it('holds whoever has more than its share', () => {
    fc.assert(
      fc.property(streams, fc.integer({ min: 1, max: 8 }), (stream, capacity) => {
        const known = new Set(
          counted(capacity, stream)
            .snapshot()
            .map(({ item }) => item),
        );
        for (const item of new Set(stream)) {
          const truth = stream.filter((other) => other === item).length;
          if (truth > stream.length / capacity) expect(known).toContain(item);
        }
      }),
    );
  });
});

describe('hittersSince', () => {
  it('tells what came between two snapshots', () => {
    const hitters = counted(3, ['a', 'a', 'a', 'b']);
    const before = hitters.snapshot();
    for (const item of ['b', 'b', 'c']) hitters.add(item);
    expect(hittersSince(hitters.snapshot(), before)).toEqual([
      { item: 'b', count: 2, excess: 0 },
      { item: 'c', count: 1, excess: 0 },
    ]);
  });

  it('never counts for one what another has had in its place', () => {
    fc.assert(
      fc.property(streams, streams, fc.integer({ min: 1, max: 8 }), (first, second, capacity) => {
        const hitters = counted(capacity, first);
        const before = hitters.snapshot();
        for (const item of second) hitters.add(item);
        for (const { item, count } of hittersSince(hitters.snapshot(), before)) {
          const truth = second.filter((other) => other === item).length;
          expect(count).toBeLessThanOrEqual(truth);
        }
      }),
    );
  });
});
