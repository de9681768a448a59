import { expectExact, strictEqual } from './exact-equality.js';
import { fidelityCorpus } from './fidelity-corpus.js';

describe('expectExact', () => {
  it.each(fidelityCorpus)('finds $name equal to another of the kind', ({ make }) => {
    expectExact(make(), make());
  });

  it('tells every two values of the corpus apart', () => {
    for (const [i, a] of fidelityCorpus.entries()) {
      for (const b of fidelityCorpus.slice(i + 1)) {
        expect({ a: a.name, b: b.name, equal: strictEqual(a.make(), b.make()) }).toEqual({
          a: a.name,
          b: b.name,
          equal: false,
        });
      }
    }
  });

  it.each<[string, unknown, unknown]>([
    ['order of keys', { a: 1, b: 2 }, { b: 2, a: 1 }],
    [
      'order of a Map',
      new Map([
        [1, 1],
        [2, 2],
      ]),
      new Map([
        [2, 2],
        [1, 1],
      ]),
    ],
    ['order of a Set', new Set([1, 2]), new Set([2, 1])],
    ['a hole', [undefined], [,]], // eslint-disable-line no-sparse-arrays -- what is tested
    ['a key without value', { a: undefined }, {}],
    ['a symbol as key', { [Symbol.iterator]: 1 }, {}],
    ['kinds of bytes', Buffer.from('a'), Uint8Array.from(Buffer.from('a'))],
    ['sign of zero in bytes', Float32Array.of(0), Float32Array.of(-0)],
    ['an object twice', twice({}), [{}, {}]],
    ['two objects for one', [{}, {}], twice({})],
    ['a hidden property', Object.defineProperty({}, 'a', { value: 1 }), { a: 1 }],
    ['a prototype', Object.create({}), {}],
    ['state of a RegExp', Object.assign(/a/g, { lastIndex: 1 }), /a/g],
  ])('notices %s', (_, a, b) => {
    expect(strictEqual(a, b)).toBe(false);
  });

  it('names the first difference', () => {
    expect(() => expectExact({ a: [new Map([['x', 1]])] }, { a: [new Map([['x', 2]])] })).toThrow(
      'value.a.0<1>: 1 instead of 2',
    );
  });
});

function twice(part: object): unknown {
  return [part, part];
}
