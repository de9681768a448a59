import { runInNewContext } from 'node:vm';
import { InvalidCacheKeyError } from '../errors/invalid-key.error.js';
import { decodeArguments, encodeArguments, encodeKey } from './arguments.js';

class Lead {
  constructor(readonly id: number) {}
}

class Money {
  readonly #cents: number;
  constructor(cents: number) {
    this.#cents = cents;
  }
  toJSON() {
    return { cents: this.#cents };
  }
}

class Secret {
  readonly #value = 1;
  read() {
    return this.#value;
  }
}

const bytes = Uint8Array.of(1, 2, 255);
const sparse = [1, , 3]; // eslint-disable-line no-sparse-arrays -- a hole is what is tested
const nested = (depth: number): unknown => (depth === 0 ? 'leaf' : [nested(depth - 1)]);

describe('encodeArguments', () => {
  it.each<[unknown[], string]>([
    [[], ''],
    [['abc'], 'abc'],
    [['+15551234567'], '+15551234567'],
    [['a b'], 'a%20b'],
    [[''], "''"],
    [['', ''], "'';''"],
    [["''"], '%27%27'],
    [[':42'], '%3A42'],
    [['(a;b)'], '%28a%3Bb%29'],
    [['a', 'b'], 'a;b'],
    [['a;b'], 'a%3Bb'],
    [[42], ':42'],
    [[0, -0], ':0;:-0'],
    [[1.5, -7, 1e21, 5e-324], ':1.5;:-7;:1e+21;:5e-324'],
    [[NaN, Infinity, -Infinity], ':NaN;:Infinity;:-Infinity'],
    [[42n, -1n], ':42n;:-1n'],
    [[true, false], ':true;:false'],
    [[null, undefined], ':null;:undefined'],
    [['a', undefined], 'a;:undefined'],
    [[[]], '()'],
    [[['a', 1, ['b']]], '(a;:1;(b))'],
    [[sparse], '(:1;:empty;:3)'],
    [[{}], '<>'],
    [[{ b: 1, a: 'x' }], '<a:x;b::1>'],
    [[{ Z: 1, a: 1, 10: 1, 9: 1 }], '<10::1;9::1;Z::1;a::1>'],
    [[{ a: undefined }], '<a::undefined>'],
    [[{ '': '', 'a:b': {} }], "<'':'';a%3Ab:<>>"],
    [[JSON.parse('{"__proto__":1}')], '<__proto__::1>'],
    [[Object.assign(Object.create(null), { a: 1 })], '<a::1>'],
    [[42, { to: 'x', n: 1 }], ':42;<n::1;to:x>'],
    [[new Date(0), new Date(NaN)], ':Date(0);:Date(NaN)'],
    [[new Map<unknown, unknown>([['b', 2], ['a', 1]])], ':Map(a>:1;b>:2)'], // prettier-ignore
    [[new Map([[{ a: 1 }, []]])], ':Map(<a::1>>())'],
    [[new Map(), new Set()], ':Map();:Set()'],
    [[new Set(['b', 'a', 1])], ':Set(:1;a;b)'],
    [[Buffer.from(bytes), bytes], ':Uint8Array(AQL_);:Uint8Array(AQL_)'],
    [[Float64Array.of(-0)], ':Float64Array(AAAAAAAAAIA)'],
    [[bytes.buffer, new DataView(bytes.buffer, 1)], ':ArrayBuffer(AQL_);:DataView(Av8)'],
    [[bytes.subarray(1)], ':Uint8Array(Av8)'],
    [[new URL('https://x.test/a?b=(c)')], ':URL(https%3A%2F%2Fx.test%2Fa%3Fb=%28c%29)'],
    [[/a;b/gi], ':RegExp(a%3Bb;gi)'],
    [[new Money(5)], ':json(<cents::5>)'],
    [[new Lead(7)], '<id::7>'],
  ])('encodes %p as %s', (args, text) => {
    expect(encodeArguments(args)).toBe(text);
  });

  it('takes built-ins and plain objects of another realm as its own', () => {
    const args: unknown = runInNewContext(
      '[{ a: 1 }, [1], new Date(0), new Map([[1, 2]]), new Set([1]), Uint8Array.of(1), /a/g]',
    );
    expect(encodeArguments(args as unknown[])).toBe(
      '<a::1>;(:1);:Date(0);:Map(:1>:2);:Set(:1);:Uint8Array(AQ);:RegExp(a;g)',
    );
  });

  it('takes what inherits nothing that its own properties would be told by', () => {
    const prototype = Object.defineProperty({ b: undefined }, 'hidden', { value: 1 });
    expect(encodeArguments([Object.assign(Object.create(prototype), { a: 1 })])).toBe('<a::1>');
  });

  it('takes what inherits methods, or data that it has itself', () => {
    const methods = { print: () => 'lead' };
    expect(encodeArguments([Object.assign(Object.create(methods), { a: 1 })])).toBe('<a::1>');
    expect(encodeArguments([Object.assign(Object.create({ a: 0 }), { a: 1 })])).toBe('<a::1>');
  });

  it('takes one object in two places, which is no cycle', () => {
    const shared = { a: 1 };
    expect(encodeArguments([shared, [shared, shared]])).toBe('<a::1>;(<a::1>;<a::1>)');
  });

  it('reads each property once', () => {
    const read = jest.fn(() => 1);
    encodeArguments([Object.defineProperty({}, 'a', { enumerable: true, get: read })]);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('lets what a getter throws through', () => {
    const failure = new Error('lazy relation');
    const entity = {
      get owner(): never {
        throw failure;
      },
    };
    expect(() => encodeArguments([entity])).toThrow(failure);
  });

  it('shortens the whole above 200 bytes, and never in the middle of an escape', () => {
    expect(encodeArguments(['a'.repeat(200)])).toBe('a'.repeat(200));
    expect(encodeArguments(['a'.repeat(201)])).toMatch(/^a{100}#[0-9a-f]{32}$/);
    expect(encodeArguments([1, '/'.repeat(100)])).toMatch(/^:1;(%2F){32}#[0-9a-f]{32}$/);
    expect(encodeArguments([Array(1_000).fill(1)])).toHaveLength(133);
  });

  it('takes 64 levels of nesting', () => {
    expect(encodeArguments([nested(64)])).toContain('leaf');
  });

  const cycle: { self?: unknown; list: unknown[] } = { list: [] };
  cycle.list.push('a', new Map([['back', cycle]]));
  const extended = Object.assign([1], { total: 3 });
  const refresh = { toJSON: () => new Lazy() };
  class Lazy {
    toJSON() {
      return new Lazy();
    }
  }

  it.each<[string, unknown[], string, string]>([
    ['a function', ['a', () => 1], 'argument 2', 'is a function'],
    ['a class', [Lead], 'argument 1', 'is a function'],
    ['a symbol', [Symbol('s')], 'argument 1', 'is a symbol'],
    [
      'a nested function',
      [1, { filter: { where: () => 1 } }],
      'argument 2.filter.where',
      'function',
    ],
    ['an element', [{ ids: ['a', Symbol('s')] }], 'argument 1.ids[1]', 'is a symbol'],
    ['an odd name', [{ 'a b': Symbol('s') }], "argument 1['a b']", 'is a symbol'],
    ['a map value', [new Map([['k', Symbol('s')]])], 'argument 1[0]', 'is a symbol'],
    ['a set member', [new Set([1, Symbol('s')])], 'argument 1[1]', 'is a symbol'],
    ['a toJSON result', [{ a: new (class { toJSON = () => Symbol('s') })() }], 'argument 1.a.toJSON()', 'is a symbol'], // prettier-ignore
    ['a symbol key', [{ a: { [Symbol('s')]: 1 } }], 'argument 1.a', 'named by a symbol'],
    [
      'a symbol key of an array',
      [Object.assign([1], { [Symbol('s')]: 1 })],
      'argument 1',
      'symbol',
    ],
    ['a cycle', [cycle], 'argument 1.list[1][0]', 'holds itself'],
    ['a deep value', [nested(65)], `argument 1${'[0]'.repeat(64)}`, 'more than 64 levels'],
    ['an endless toJSON', [new Lazy()], `argument 1${'.toJSON()'.repeat(64)}`, 'more than 64'],
    ['an own toJSON of a literal', [refresh], 'argument 1.toJSON', 'is a function'],
    ['an error', [{ cause: new TypeError('no') }], 'argument 1.cause', 'is an error'],
    ['a boxed string', [Object('a')], 'argument 1', 'is a boxed primitive'],
    ['a promise', [Promise.resolve(1)], 'argument 1', 'an instance of Promise with no properties'],
    ['a weak map', [new WeakMap()], 'argument 1', 'an instance of WeakMap with no properties'],
    ['private fields', [new Secret()], 'argument 1', 'an instance of Secret with no properties'],
    ['a bare object', [Object.create(Object.create(null))], 'argument 1', 'an object with no properties'], // prettier-ignore
    ['inherited data', [Object.create({ page: 1 })], 'argument 1', 'has data on its prototype'],
    [
      'inherited data beside its own',
      [{ filter: Object.assign(Object.create(Object.create({ page: 1 })), { size: 2 }) }],
      'argument 1.filter',
      'has data on its prototype',
    ],
    ['data of an instance', [Object.create(new Lead(7))], 'argument 1', 'data on its prototype'],
    ['a list with extras', [extended], 'argument 1', 'properties of its own beside its content'],
    [
      'a list with a number past its indices',
      [Object.assign([1], { 4294967295: 2 })],
      'argument 1',
      'properties of its own',
    ],
    ['an error of another realm', [runInNewContext('new Error()')], 'argument 1', 'is an error'],
    ['a match', [/a/.exec('a')], 'argument 1', 'properties of its own beside its content'],
    [
      'a date with extras',
      [Object.assign(new Date(), { zone: 'UTC' })],
      'argument 1',
      'properties',
    ],
    ['a set with extras', [Object.assign(new Set([1]), { a: 1 })], 'argument 1', 'properties'],
  ])('refuses %s', (_what, args, path, problem) => {
    const encode = () => encodeArguments(args);
    expect(encode).toThrow(InvalidCacheKeyError);
    expect(encode).toThrow(expect.objectContaining({ path }));
    expect(encode).toThrow(problem);
    expect(encode).toThrow('Give a key function');
  });
});

describe('encodeKey', () => {
  it.each([
    ['abc', 'abc'],
    ['', "''"],
    [42, ':42'],
    [42n, ':42n'],
    [false, ':false'],
    [new Date(0), ':Date(0)'],
    [{ b: 1, a: 2 }, '<a::2;b::1>'],
    [[], ''],
    [['abc'], 'abc'],
    [['a', 1, null], 'a;:1;:null'],
    [[['a', 1]], '(a;:1)'],
  ])('encodes %p as %s', (key, text) => {
    expect(encodeKey(key)).toBe(text);
  });

  it('gives an array the key of a call with its elements', () => {
    expect(encodeKey(['a', { b: 1 }])).toBe(encodeArguments(['a', { b: 1 }]));
  });

  it.each([
    ['null', null, 'key'],
    ['undefined', undefined, 'key'],
    ['a function', () => 1, 'key'],
    ['a nested function', { load: () => 1 }, 'key.load'],
    ['a part', ['a', { load: () => 1 }], 'key[1].load'],
  ])('refuses %s', (_what, key, path) => {
    expect(() => encodeKey(key as never)).toThrow(InvalidCacheKeyError);
    expect(() => encodeKey(key as never)).toThrow(expect.objectContaining({ path }));
  });
});

describe('decodeArguments', () => {
  it.each<[string, unknown[]]>([
    ['', []],
    ["''", ['']],
    ['a%20b;:-0;:NaN;:42n', ['a b', -0, NaN, 42n]],
    [':true;:null;:undefined', [true, null, undefined]],
    ['(:1;:empty;:3)', [sparse]],
    ["<'':<>;a:()>", [{ '': {}, a: [] }]],
    [':Date(0)', [new Date(0)]],
    [':Map(<a::1>>(b));:Set(:1;a)', [new Map([[{ a: 1 }, ['b']]]), new Set([1, 'a'])]],
  ])('reads %s', (text, args) => {
    expect(decodeArguments(text)).toStrictEqual(args);
  });

  it('reads an invalid date', () => {
    const [date] = decodeArguments(':Date(NaN)') ?? [];
    expect(date).toBeInstanceOf(Date);
    expect(Number(date)).toBeNaN();
  });

  it('gives an own __proto__ back as a property', () => {
    const [record] = decodeArguments('<__proto__:<a::1>>') ?? [];
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
    expect(JSON.stringify(record)).toBe('{"__proto__":{"a":1}}');
  });

  it.each([
    ['shortened', encodeArguments(['a'.repeat(201)])],
    ['too long', 'a'.repeat(201)],
    ['of a kind not revived', ':Uint8Array(AQ)'],
    ['of an unknown kind', ':Foo(a)'],
    ['the form of toJSON', ':json(a)'],
    ['unsorted', '<b::1;a::2>'],
    ['a number in another spelling', ':042'],
    ['a number without digits', ':'],
    ['an unclosed list', '(a'],
    ['closed twice', '(a))'],
    ['a stray separator', 'a;;b'],
    ['a trailing separator', 'a;'],
    ['an escape in lower case', '%2f'],
    ['a hole in a record', '<a::empty>'],
    ['a record without values', '<a>'],
    ['too deep', '('.repeat(65) + ')'.repeat(65)],
    ['endless', '('.repeat(1_000_000)],
    ['foreign', 'crm:{acme}'],
  ])('answers undefined for a text that is %s', (_what, text) => {
    expect(decodeArguments(text)).toBeUndefined();
  });
});
