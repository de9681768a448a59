/** A value that has to come out of the cache exactly as it went in. */
export interface FidelityCase {
  readonly name: string;
  /** A fresh value on each call: tests may change what they get. */
  readonly make: () => unknown;
}

/** A value that cannot be carried, and the path an error has to name. */
export interface RefusedCase extends FidelityCase {
  readonly path: string;
}

const PRIMITIVES: readonly unknown[] = [
  undefined,
  null,
  true,
  false,
  0,
  -0,
  1.5,
  -1e-300,
  Number.MAX_SAFE_INTEGER,
  Number.MAX_VALUE,
  NaN,
  Infinity,
  -Infinity,
  0n,
  -(2n ** 70n),
  '',
  '0',
  'null',
  '2026-11-21T10:00:00.000Z',
  'Ångström, 東京, 👩‍🚀, \u0000\u001f\u2028',
  'lone \ud800 surrogates \udfff',
  '{"@":"Lead","=":{}}',
];

const CONTAINERS: readonly FidelityCase[] = [
  { name: 'an empty object', make: () => ({}) },
  { name: 'an empty array', make: () => [] },
  {
    name: 'a flat record',
    make: () => ({ id: 7, name: 'Ada', email: null, tags: ['hot', 'eu'], score: 0.1 + 0.2 }),
  },
  { name: 'an object with undefined values', make: () => ({ a: undefined, b: [undefined], c: 1 }) },
  { name: 'keys that look like numbers', make: () => ({ b: 1, 10: 2, a: 3, 9: 4, '-1': 5 }) },
  {
    name: 'keys of all sorts',
    make: () => ({ '': 1, ' ': 2, 'a.b': 3, é: 4, toJSON: 5, constructor: 6, length: 7, then: 8 }),
  },
  {
    name: 'an own property __proto__',
    make: () => JSON.parse('{"__proto__":{"admin":true},"a":{"__proto__":[1]}}') as unknown,
  },
  {
    name: 'an own property __proto__ beside a Date',
    make: () => ({ ...(JSON.parse('{"__proto__":{"x":1}}') as object), at: new Date(0) }),
  },
  { name: 'objects that look like wrappers', make: () => ({ '@': 'Lead', '=': { '@': '' } }) },
  {
    name: 'objects that look like wrappers beside a URL',
    make: () => [
      { '@': ':url', '=': ['x:'] },
      { '@': 1 },
      { '=': 2 },
      new URL('https://a.example/'),
    ],
  },
  { name: 'an object without prototype', make: () => ({ __proto__: null, a: 1, '@': 'b' }) },
  {
    name: 'an own property __proto__ without prototype',
    make: () => Object.assign(Object.create(null), JSON.parse('{"__proto__":{"a":1}}')) as object,
  },
  { name: 'an array with holes', make: () => withHoles() },
  { name: 'a huge sparse array', make: () => Object.assign([], { length: 4e9, 3e9: 'far' }) },
  { name: 'an array with names', make: () => /(?<year>\d+)-(\d+)/.exec('on 2026-11') },
  {
    name: 'an array with a name for each hole',
    make: () => Object.assign([1, 2, 3].slice(0, 1), { length: 2, extra: true }),
  },
  {
    name: 'a Map',
    make: () =>
      new Map<unknown, unknown>([
        [{ k: 1 }, new Set([1])],
        [NaN, 'nan'],
        ['b', 1],
        ['a', 2],
      ]),
  },
  { name: 'a Map of Maps', make: () => new Map([['a', new Map([[1n, new Map()]])]]) },
  { name: 'a Set', make: () => new Set([3, 1, '3', null, undefined, NaN, [1], new Date(1)]) },
  { name: 'deep nesting', make: () => nested(500) },
];

const BUILT_INS: readonly FidelityCase[] = [
  { name: 'a Date', make: () => new Date('2026-11-21T10:00:00.123Z') },
  { name: 'an invalid Date', make: () => new Date(NaN) },
  { name: 'the earliest Date', make: () => new Date(-8.64e15) },
  { name: 'a RegExp', make: () => /^a\/b\n[^\]]+$/dgimsuy },
  { name: 'a RegExp under way', make: () => Object.assign(/a/g, { lastIndex: 3 }) },
  { name: 'a URL', make: () => new URL('https://user:pw@例え.example:8080/p?q=1&q=2#h') },
  { name: 'a Buffer', make: () => Buffer.from('binary \u0000 bytes') },
  { name: 'an empty Buffer', make: () => Buffer.alloc(0) },
  { name: 'a Buffer above the pool', make: () => Buffer.alloc(70_000, 'x') },
  {
    name: 'a part of an ArrayBuffer',
    make: () => new Uint8Array(new ArrayBuffer(64), 8, 16).fill(7),
  },
  { name: 'an ArrayBuffer', make: () => new Uint8Array([1, 2, 3]).buffer },
  { name: 'a DataView', make: () => new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2) },
  ...[
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
  ].map((Type) => ({ name: `a ${Type.name}`, make: () => Type.of(1, 2, 250) })),
  { name: 'a Float64Array of odd numbers', make: () => Float64Array.of(NaN, -0, Infinity, 5e-324) },
  { name: 'a BigInt64Array', make: () => BigInt64Array.of(-1n, 2n ** 62n) },
  { name: 'a BigUint64Array', make: () => BigUint64Array.of(2n ** 64n - 1n) },
];

const GRAPHS: readonly FidelityCase[] = [
  { name: 'one object in two places', make: () => shared({ n: 1 }) },
  { name: 'one Date in two places', make: () => shared(new Date(5)) },
  { name: 'one URL in two places', make: () => shared(new URL('https://a.example/')) },
  { name: 'an object in a cycle', make: () => cycle({ name: 'self' }) },
  { name: 'an array in a cycle', make: () => cycle(Object.assign([1], { self: undefined })) },
  { name: 'an object without prototype in a cycle', make: () => cycle({ __proto__: null }) },
  {
    name: 'a Map in a cycle',
    make: () => {
      const map = new Map<unknown, unknown>();
      return map.set(map, [map]).set('set', new Set([map]));
    },
  },
  {
    name: 'a bit of everything',
    make: () => ({
      rows: [{ at: new Date(1), id: 1n, tags: new Set(['a']) }, { raw: Buffer.from('raw') }],
      byId: new Map([[1, { none: undefined, nan: NaN, minus: -0 }]]),
      link: new URL('https://a.example/?b'),
      dictionary: { __proto__: null, pattern: /x/y },
    }),
  },
];

/** Values of every kind that the cache carries without being told of a class. */
export const fidelityCorpus: readonly FidelityCase[] = [
  ...PRIMITIVES.map((value) => ({ name: label(value), make: () => value })),
  ...CONTAINERS,
  ...BUILT_INS,
  ...GRAPHS,
];

class Unnamed {
  constructor(readonly id = 1) {}
}

/** Values that are answered but not stored. */
export const refusedCorpus: readonly RefusedCase[] = [
  { name: 'a function', make: () => () => 1, path: 'value' },
  { name: 'a class', make: () => ({ type: Unnamed }), path: 'value.type' },
  { name: 'a symbol', make: () => [Symbol('s')], path: 'value[0]' },
  { name: 'a symbol as key', make: () => ({ a: { [Symbol('s')]: 1 } }), path: 'value.a' },
  {
    name: 'a symbol as key of an array',
    make: () => [Object.assign([], { [Symbol('s')]: 1 })],
    path: 'value[0]',
  },
  {
    name: 'a getter',
    make: () => ({
      a: {
        get b() {
          return 1;
        },
      },
    }),
    path: 'value.a.b',
  },
  {
    name: 'a setter',
    make: () => Object.defineProperty({}, 'a b', { set: Array.of, enumerable: true }),
    path: 'value["a b"]',
  },
  {
    name: 'a hidden property',
    make: () => Object.defineProperty({}, 'a', { value: 1 }),
    path: 'value.a',
  },
  { name: 'a Promise', make: () => ({ a: Promise.resolve(1) }), path: 'value.a' },
  { name: 'an Error', make: () => [{ reason: new TypeError('x') }], path: 'value[0].reason' },
  { name: 'a WeakMap', make: () => new Map([['a', new WeakMap()]]), path: 'value.values()[0]' },
  { name: 'a WeakRef', make: () => new WeakRef({}), path: 'value' },
  { name: 'a generator', make: () => [1].entries(), path: 'value' },
  { name: 'a stream', make: () => ({ body: new ReadableStream() }), path: 'value.body' },
  { name: 'a Response', make: () => new Response('x'), path: 'value' },
  { name: 'a boxed number', make: () => ({ n: Object(1) as unknown }), path: 'value.n' },
  { name: 'an instance', make: () => ({ owner: new Unnamed() }), path: 'value.owner' },
  {
    name: 'an instance as a key',
    make: () => new Map([[new Unnamed(), 1]]),
    path: 'value.keys()[0]',
  },
  {
    name: 'an instance in a Set',
    make: () => new Set([1, new Unnamed()]),
    path: 'value.values()[1]',
  },
  {
    name: 'a subclass of Array',
    make: () => ({ rows: new (class Rows extends Array {})() }),
    path: 'value.rows',
  },
  { name: 'a subclass of Map', make: () => new (class Headers2 extends Map {})(), path: 'value' },
  {
    name: 'a subclass of Uint8Array',
    make: () => new (class Bytes extends Uint8Array {})(2),
    path: 'value',
  },
  {
    name: 'a Date with a name',
    make: () => Object.assign(new Date(0), { zone: 'UTC' }),
    path: 'value',
  },
  { name: 'an impostor', make: () => Object.create(Date.prototype) as unknown, path: 'value' },
  { name: 'arguments', make: () => argumentsOf(1, 2), path: 'value' },
  { name: 'the Math object', make: () => ({ Math }), path: 'value.Math' },
  { name: 'a Proxy', make: () => ({ a: new Proxy({ b: 1 }, {}) }), path: 'value.a' },
  { name: 'a revoked Proxy', make: () => [revoked()], path: 'value[0]' },
  {
    name: 'a shared buffer',
    make: () => ({ a: new Uint8Array(new SharedArrayBuffer(2)) }),
    path: 'value.a',
  },
  { name: 'a resizable buffer', make: () => ({ a: resizable() }), path: 'value.a' },
];

function label(value: unknown): string {
  if (typeof value === 'string') return `the string ${JSON.stringify(value)}`;
  return Object.is(value, -0) ? 'the number -0' : `the ${typeof value} ${String(value)}`;
}

function withHoles(): unknown[] {
  const array: unknown[] = [undefined, 'b'];
  array[5] = null;
  array.length = 8;
  return array;
}

function nested(depth: number): unknown {
  let value: unknown = 'core';
  for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { value };
  return value;
}

function shared(part: object): unknown {
  return { a: part, b: [part], c: new Map([[part, part]]) };
}

function cycle(node: object): object {
  return Object.assign(node, { self: node, deeper: [{ node }] });
}

function argumentsOf(..._: unknown[]): unknown {
  // eslint-disable-next-line prefer-rest-params -- the object itself is wanted
  return arguments;
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function resizable(): ArrayBuffer {
  const options: object = { maxByteLength: 8 };
  return Reflect.construct(ArrayBuffer, [4, options]) as ArrayBuffer;
}
