import { serialize } from 'node:v8';
import fc from 'fast-check';
import { arbitraryValue } from '../../../../test/support/arbitrary-value.js';
import { expectExact } from '../../../../test/support/exact-equality.js';
import { fidelityCorpus, refusedCorpus } from '../../../../test/support/fidelity-corpus.js';
import { UncacheableValueError } from '../errors/uncacheable-value.error.js';
import { asBuffer } from './binary.js';
import type { Codec } from './codec.interface.js';
import { CODEC_IDS } from './codec-ids.js';
import { MAX_DEPTH } from './depth.js';
import { UndecodableValueError } from './undecodable-value.error.js';
import { ValueCodec, type EncodedValue } from './value-codec.js';

const codec = new ValueCodec();

function roundTrip(value: unknown): unknown {
  const { codecId, payload, payloadBytes } = codec.encode(value);
  expect(payloadBytes).toBe(Buffer.byteLength(payload));
  const decoded = codec.decode(codecId, payload);
  // What is text here is bytes once it was stored.
  expectExact(codec.decode(codecId, asBuffer(payload)), decoded);
  return decoded;
}

function text({ payload }: EncodedValue): string {
  return asBuffer(payload).toString();
}

describe('ValueCodec', () => {
  describe('what goes in comes out', () => {
    it.each(fidelityCorpus)('of $name', ({ make }) => {
      const value = make();
      expectExact(roundTrip(value), make());
      expectExact(value, make());
    });

    it('of any mix of them', () => {
      fc.assert(
        fc.property(arbitraryValue, (value) => expectExact(roundTrip(value), value)),
        { numRuns: 1_000 },
      );
    });

    it.each(fidelityCorpus)('of a copy of $name', ({ make }) => {
      expectExact(codec.copy(make()), make());
    });

    it('of a copy of any mix of them, with and without the codec known', () => {
      fc.assert(
        fc.property(arbitraryValue, (value) => {
          expectExact(codec.copy(value), value);
          expectExact(codec.copy(value, codec.encode(value).codecId), value);
        }),
        { numRuns: 1_000 },
      );
    });
  });

  describe('chooses the codec', () => {
    it.each<[string, number, unknown]>([
      ['JSON for plain data', CODEC_IDS.json, { a: [1, 'b', null, { '@': 1 }] }],
      ['v8 for what JSON would lose', CODEC_IDS.v8, { at: new Date(0), '@': 1 }],
      ['tagged JSON where only tags are missing', CODEC_IDS.taggedJson, [new URL('https://a.b/')]],
      ['tagged v8 for both', CODEC_IDS.taggedV8, [new URL('https://a.b/'), 1n]],
    ])('%s', (_, id, value) => {
      expect(codec.encode(value).codecId).toBe(id);
    });

    it('and leaves JSON readable', () => {
      expect(text(codec.encode({ name: 'Ada', tags: ['é'] }))).toBe('{"name":"Ada","tags":["é"]}');
    });
  });

  describe('refuses', () => {
    it.each(refusedCorpus)('$name, and names where it is', ({ make, path }) => {
      const error = refusal(() => codec.encode(make()));
      expect(error).toBeInstanceOf(UncacheableValueError);
      expect(error.path).toBe(path);
      expect(error.message).toMatch(/^Cannot cache this value: value[^ ]* .+\. .+\.$/);
    });

    it('an instance with the words to allow it', () => {
      class Lead {}
      expect(refusal(() => codec.encode({ owner: new Lead() })).message).toBe(
        'Cannot cache this value: value.owner is an instance of Lead. Name the class in the policy ' +
          'of the cache, type: () => Lead, if its properties are all there is to it; or return a ' +
          'plain object, or give the cache a codec.',
      );
    });

    it('what is nested too deep, and takes what is not', () => {
      let value: unknown = new Date(0);
      for (let level = 1; level < MAX_DEPTH; level++) value = { in: value };
      expectExact(roundTrip(value), value);
      expect(refusal(() => codec.encode({ value })).message).toMatch(
        /value\.value\.in.+….+ is nested more than 512 levels deep/,
      );
    });

    it('what fails while it is read, with the cause', () => {
      const hostile = new Proxy(class {}, {});
      Object.setPrototypeOf(hostile.prototype, new Proxy({}, { getOwnPropertyDescriptor: fail }));
      const error = refusal(() => codec.encode(Object.create(hostile.prototype)));
      expect(error).toMatchObject({ path: 'value', cause: new Error('trap') });
    });

    it('to call any accessor', () => {
      const getter = jest.fn(() => 1);
      const value = Object.defineProperty({ at: 1n }, 'a', { get: getter, enumerable: true });
      expect(() => codec.encode(value)).toThrow('value.a is a getter or setter');
      expect(getter).not.toHaveBeenCalled();
    });
  });

  describe('throws UndecodableValueError', () => {
    const utf8 = (json: string): Buffer => Buffer.from(json);
    it.each<[string, number, Buffer]>([
      ['for broken JSON', CODEC_IDS.json, utf8('{"a":')],
      ['for no bytes at all', CODEC_IDS.json, utf8('')],
      ['for broken v8 bytes', CODEC_IDS.v8, utf8('{}')],
      // Never written, and not sure to be such that they can be copied.
      ['for a RegExp of v8', CODEC_IDS.v8, serialize(/a/)],
      ['for an Error of v8', CODEC_IDS.v8, serialize([new TypeError('x')])],
      ['for a boxed primitive of v8', CODEC_IDS.v8, serialize(new Map([[Object(1), 1]]))],
      ['for an unknown codec', 9, utf8('{}')],
      ['for an unknown codec of a user', 16, utf8('{}')],
      ['for an unknown class', CODEC_IDS.taggedJson, utf8('{"@":"Lead","=":{}}')],
      ['for a class that is inherited', CODEC_IDS.taggedJson, utf8('{"@":"constructor","=":{}}')],
      ['for an unknown tag', CODEC_IDS.taggedJson, utf8('{"@":":date","=":{}}')],
      ['for a tag that is none', CODEC_IDS.taggedJson, utf8('{"@":{},"=":{}}')],
      ['for a wrapper without content', CODEC_IDS.taggedJson, utf8('{"@":""}')],
      ['for a wrapper with a list', CODEC_IDS.taggedJson, utf8('{"@":"","=":[]}')],
      ['for a URL that is none', CODEC_IDS.taggedJson, utf8('{"@":":url","=":["no"]}')],
      ['for a RegExp without parts', CODEC_IDS.taggedJson, utf8('{"@":":regexp","=":"a"}')],
      ['for JSON nested too deep', CODEC_IDS.json, utf8('['.repeat(1e5) + ']'.repeat(1e5))],
      [
        'for objects nested too deep',
        CODEC_IDS.json,
        utf8('{"a":'.repeat(2e3) + '1' + '}'.repeat(2e3)),
      ],
    ])('%s', (_, id, payload) => {
      expect(() => codec.decode(id, payload)).toThrow(UndecodableValueError);
    });

    it('without quoting the payload', () => {
      const error = refusal(() => codec.decode(CODEC_IDS.json, utf8('secret')));
      expect(String(error)).toBe('UndecodableValueError: Not readable by codec 0');
    });
  });

  it('keeps hostile JSON from reaching any prototype', () => {
    const hostile = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    for (const [id, json] of [
      [CODEC_IDS.json, hostile],
      [CODEC_IDS.taggedJson, `{"@":"","=":${hostile}}`],
      [CODEC_IDS.taggedJson, `{"@":":null","=":${hostile}}`],
    ] as const) {
      const value = codec.decode(id, Buffer.from(json));
      const copy = codec.copy(value) as object;
      expectExact(copy, value);
      expectExact(codec.copy(value, id), value);
      expect(Object.getOwnPropertyNames(copy)).toEqual(['__proto__', 'constructor']);
      expect((copy as { polluted?: unknown }).polluted).toBeUndefined();
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('ValueCodec with a codec of the user', () => {
  class Money {
    constructor(readonly cents: bigint) {}
  }
  const moneyCodec: Codec = {
    id: 16,
    name: 'money',
    encode: (value) =>
      Buffer.from(value instanceof Money ? `m${value.cents}` : JSON.stringify(value)),
    decode: (bytes): unknown => {
      const stored = Buffer.from(bytes).toString();
      return stored.startsWith('m') ? new Money(BigInt(stored.slice(1))) : JSON.parse(stored);
    },
  };
  const own = new ValueCodec({ codec: moneyCodec });

  it('leaves all values to it', () => {
    expect(own.encode({ a: 1 })).toEqual({
      codecId: 16,
      payload: Buffer.from('{"a":1}'),
      payloadBytes: 7,
    });
    expectExact(own.decode(16, own.encode(new Money(5n)).payload), new Money(5n));
  });

  it('still reads what was stored before', () => {
    const { codecId, payload } = codec.encode({ at: new Date(1) });
    expectExact(own.decode(codecId, payload), { at: new Date(1) });
  });

  it('copies plain data itself, and all else by way of it', () => {
    const plain = { a: [1] };
    const money = new Money(7n);
    expectExact(own.copy(plain), plain);
    expect(own.copy(plain)).not.toBe(plain);
    expectExact(own.copy(money), money);
    expect(own.copy(money)).not.toBe(money);
  });

  it('freezes plain data, but no instance, which may change behind its properties', () => {
    expect(own.freezeOwned({ a: 1 })).toBe(true);
    const money = new Money(1n);
    expect(own.freezeOwned(money)).toBe(false);
    expect(money).toEqual(new Money(1n));
    expect(Object.isFrozen(money)).toBe(false);
  });

  it('gives it bytes of its own, so that it may return views of them', () => {
    const views: Codec = {
      id: 17,
      name: 'views',
      encode: (value) => value as Uint8Array,
      decode: (bytes) => bytes,
    };
    const reply = Buffer.from('a reply of Redis');
    const value = new ValueCodec({ codec: views }).decode(17, reply.subarray(2, 7)) as Uint8Array;
    reply.fill(0);
    expect(Buffer.from(value).toString()).toBe('reply');
    expect(value.buffer.byteLength).toBe(5);
  });

  it('turns its failures into UncacheableValueError with the cause', () => {
    const failing = new ValueCodec({ codec: { ...moneyCodec, encode: fail } });
    expect(refusal(() => failing.encode({}))).toMatchObject({
      path: 'value',
      cause: new Error('trap'),
    });
    const wrong = new ValueCodec({ codec: { ...moneyCodec, encode: () => 'text' as never } });
    expect(() => wrong.encode({})).toThrow('the codec money returned no Uint8Array');
  });

  it.each([
    ['codec.id', { ...moneyCodec, id: 15 }],
    ['codec.id', { ...moneyCodec, id: 128 }],
    ['codec.id', { ...moneyCodec, id: 16.5 }],
    ['codec', { ...moneyCodec, encode: undefined }],
    ['codec', { ...moneyCodec, decode: undefined }],
    ['codec', { ...moneyCodec, name: undefined }],
    ['codec', 'json'],
    ['codec', null],
  ])('refuses a bad %s', (option, bad) => {
    expect(() => new ValueCodec({ codec: bad as never })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS', option }),
    );
  });
});

function refusal(act: () => unknown): UncacheableValueError {
  try {
    act();
  } catch (error) {
    return error as UncacheableValueError;
  }
  throw new Error('did not throw');
}

function fail(): never {
  throw new Error('trap');
}
