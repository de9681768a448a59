import fc from 'fast-check';
import { fidelityCorpus } from '../../../../test/support/fidelity-corpus.js';
import { asBuffer } from './binary.js';
import { decodeEntry, encodeEntry, NO_STAMP } from './envelope.js';
import { digestOf } from './stamps-digest.js';
import { ValueCodec } from './value-codec.js';

class Lead {
  constructor(readonly id: number) {}
}

const codec = new ValueCodec({ classes: [Lead] });

/** No corpus value that takes longer to handle than all the others. */
const VALUES = [
  ...fidelityCorpus.filter(({ name }) => name !== 'a Buffer above the pool'),
  { name: 'an instance', make: () => ({ lead: new Lead(1), at: new Date(1) }) },
  { name: 'an instance in JSON', make: () => [new Lead(1)] },
];

const ENTRIES = VALUES.map(({ make }) => {
  const { codecId, payload } = codec.encode(make());
  return { codecId, payload: asBuffer(payload) };
});

describe('hostile bytes', () => {
  const before = snapshot();

  afterEach(() => {
    expect(snapshot()).toEqual(before);
  });

  it('in a payload end in a value that can be copied, or in an error; they reach no prototype', () => {
    let read = 0;
    fc.assert(
      fc.property(fc.constantFrom(...ENTRIES), mutations(), (entry, mutate) => {
        const payload = mutate(entry.payload);
        let value: unknown;
        try {
          value = codec.decode(entry.codecId, payload);
        } catch (error) {
          expect(error).toMatchObject({ name: 'UndecodableValueError' });
          return;
        }
        read++;
        codec.freezeOwned(codec.copy(value, entry.codecId));
      }),
      { numRuns: 15_000 },
    );
    expect(read).toBeGreaterThan(1_000);
  });

  it('in an entry never make decodeEntry throw', () => {
    const header = {
      createdAtMs: 1,
      freshUntilMs: 2,
      usableUntilMs: 3,
      digest: digestOf(NO_STAMP, NO_STAMP, NO_STAMP),
      tags: [{ tag: 'a', stamp: NO_STAMP }],
    };
    fc.assert(
      fc.property(fc.constantFrom(...ENTRIES), mutations(), ({ codecId, payload }, mutate) => {
        const decoded = decodeEntry(mutate(asBuffer(encodeEntry({ ...header, codecId }, payload))));
        expect(decoded.kind).toMatch(/^(entry|newer|undecodable)$/);
      }),
      { numRuns: 15_000 },
    );
  });

  it.each(['{"__proto__":{"polluted":true}}', '{"constructor":{"prototype":{"polluted":true}}}'])(
    'in JSON reach no prototype: %s',
    (json) => {
      for (const id of [0, 2]) codec.copy(codec.decode(id, Buffer.from(json)), id);
    },
  );

  it('that claim a huge size are refused at once', () => {
    const v8 = (...bytes: number[]): Uint8Array => Uint8Array.from([0xff, 0x0f, ...bytes]);
    const huge = [0xff, 0xff, 0xff, 0xff, 0x0f];
    for (const [name, payload] of Object.entries({
      denseArray: v8(0x41, ...huge),
      string: v8(0x22, ...huge),
      buffer: v8(0x42, ...huge),
      view: v8(0x5c, 0x0a, ...huge),
      bigint: v8(0x5a, ...huge),
    })) {
      expect({ name, decode: catchName(() => codec.decode(1, payload)) }).toEqual({
        name,
        decode: 'UndecodableValueError',
      });
    }
    const sparse = codec.decode(1, v8(0x61, ...huge, 0x40, 0, ...huge)) as unknown[];
    expect((codec.copy(sparse) as unknown[]).length).toBe(2 ** 32 - 1);
  });
});

/** Bytes changed, cut, repeated, inserted or replaced. */
function mutations(): fc.Arbitrary<(bytes: Buffer) => Buffer> {
  const position = fc.nat(9_999).map((n) => n / 10_000);
  const step = fc
    .tuple(fc.constantFrom('set', 'cut', 'end', 'insert', 'repeat'), position, fc.nat(255))
    .map(([kind, where, byte]) => (bytes: Buffer): Buffer => {
      const at = Math.floor(where * bytes.length);
      const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
      switch (kind) {
        case 'set':
          return Buffer.concat([head, Buffer.from([byte]), tail.subarray(1)]);
        case 'cut':
          return Buffer.concat([head, tail.subarray(1 + (byte % 8))]);
        case 'end':
          return head;
        case 'insert':
          return Buffer.concat([head, Buffer.from([byte]), tail]);
        default:
          return Buffer.concat([head, tail.subarray(0, byte), tail]);
      }
    });
  return fc
    .array(step, { minLength: 1, maxLength: 3 })
    .map((steps) => (bytes) => steps.reduce((mutated, mutate) => mutate(mutated), bytes));
}

/** What stands on the prototypes that hostile data could want to reach. */
function snapshot(): unknown {
  return [Object, Array, Map, Set, Date, Function, Lead].map((type) => [
    Reflect.ownKeys(type.prototype as object),
    Object.getPrototypeOf(type.prototype) as unknown,
  ]);
}

function catchName(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as Error).name;
  }
}
