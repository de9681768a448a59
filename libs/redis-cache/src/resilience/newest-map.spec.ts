import fc from 'fast-check';
import { NewestMap } from './newest-map.js';

describe('NewestMap', () => {
  it('drops what was put longest ago, and gives it to who puts the next', () => {
    const map = new NewestMap<string, number>(2);
    expect([map.put('a', 1), map.put('b', 2), map.put('c', 3)]).toEqual([undefined, undefined, 1]);
    expect([map.get('a'), map.get('b'), map.get('c'), map.size]).toEqual([undefined, 2, 3, 2]);
  });

  it('has what is put again as the newest, and drops nothing for it', () => {
    const map = new NewestMap<string, number>(2);
    map.put('a', 1);
    map.put('b', 2);
    expect(map.put('a', 3)).toBeUndefined();
    expect(map.put('c', 4)).toBe(2);
    expect([...map.values()]).toEqual([3, 4]);
  });

  it('lets go of what it goes through', () => {
    const map = new NewestMap<string, string>(3);
    for (const key of ['a', 'b', 'c']) map.put(key, key);
    for (const key of map.values()) map.delete(key);
    expect([map.size, ...map.values()]).toEqual([0]);
  });

  it('does at every step as a list would that is searched through', () => {
    const step = fc.record({
      act: fc.constantFrom('put', 'put', 'put', 'delete', 'clear'),
      key: fc.nat(7),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(step, { maxLength: 60 }),
        (max, steps) => {
          const map = new NewestMap<number, string>(max);
          let list: [number, string][] = [];
          for (const [at, { act, key }] of steps.entries()) {
            const there = list.some(([one]) => one === key);
            if (act !== 'clear') list = list.filter(([one]) => one !== key);
            if (act === 'put') {
              const value = `${key} by ${at}`;
              const dropped = list.length === max ? list.shift() : undefined;
              list.push([key, value]);
              expect(map.put(key, value)).toBe(dropped?.[1]);
            } else if (act === 'delete') {
              expect(map.delete(key)).toBe(there);
            } else {
              list = [];
              map.clear();
            }
            expect([...map.values()]).toEqual(list.map(([, value]) => value));
            expect(map.size).toBe(list.length);
            for (const [one, value] of list) expect(map.get(one)).toBe(value);
          }
        },
      ),
    );
  });
});
