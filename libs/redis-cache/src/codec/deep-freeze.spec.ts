import fc from 'fast-check';
import { arbitraryValue } from '../../../../test/support/arbitrary-value.js';
import { expectExact } from '../../../../test/support/exact-equality.js';
import { ValueCodec } from './value-codec.js';

class Lead {
  tags = ['hot'];
}

const codec = new ValueCodec({ classes: [Lead] });

/** A copy, frozen if all of it can be. */
function frozenCopy(value: unknown) {
  const copy = codec.copy(value);
  return { value: copy, shared: codec.freezeOwned(copy) };
}

describe('freeze', () => {
  it.each<[string, unknown]>([
    ['primitives', 'text'],
    ['null', null],
    ['plain data', { a: [{ b: null }], c: 'd' }],
    ['cycles', Object.assign([1], { self: {} })],
    ['objects without prototype', { __proto__: null, a: [] }],
    ['instances of the classes named', { lead: new Lead() }],
    ['sparse arrays', [1, undefined, 2].concat(new Array<undefined>(2))],
  ])('shares %s, all of it frozen', (_, value) => {
    const frozen = frozenCopy(value);
    expect(frozen.shared).toBe(true);
    expect(isFrozen(frozen.value)).toBe(true);
    expectExact(codec.copy(frozen.value), value);
  });

  it.each<[string, unknown]>([
    ['a Date', [new Date(0)]],
    ['a Map', { map: new Map() }],
    ['a Set', new Set()],
    ['a RegExp', { a: { b: /c/ } }],
    ['a URL', [new URL('https://a.example/')]],
    ['a Buffer', Buffer.from('a')],
    ['a typed array', [[], Float64Array.of(1)]],
    ['an ArrayBuffer', new ArrayBuffer(1)],
  ])('does not share %s, and freezes nothing around it', (_, value) => {
    const kept = frozenCopy(value);
    expect(kept.shared).toBe(false);
    expect(Object.isFrozen(kept.value)).toBe(false);
    expectExact(kept.value, value);
  });

  it('shares a value only if all of it is frozen, and copies of it are not', () => {
    fc.assert(
      fc.property(arbitraryValue, (value) => {
        const kept = frozenCopy(value);
        expect(kept.shared).toBe(isFrozen(kept.value));
        expectExact(kept.value, value);
      }),
    );
  });
});

function isFrozen(value: unknown, seen = new Set<unknown>()): boolean {
  if (typeof value !== 'object' || value === null || seen.has(value)) return true;
  seen.add(value);
  const kind = Object.prototype.toString.call(value);
  if (kind !== '[object Object]' && kind !== '[object Array]') return false;
  return Object.isFrozen(value) && Object.values(value).every((child) => isFrozen(child, seen));
}
