import { deserialize, serialize } from 'node:v8';
import { expectExact } from '../../../../test/support/exact-equality.js';
import { v8Codec } from './v8.codec.js';

describe('v8Codec', () => {
  it('gives decoded bytes memory of their own, of exactly their size', () => {
    const stored = Buffer.from(v8Codec.encode([Buffer.from('abc'), Uint16Array.of(1, 2)]));
    const [buffer, words] = v8Codec.decode(stored) as [Buffer, Uint16Array];
    stored.fill(0);
    expect([buffer.toString(), ...words]).toEqual(['abc', 1, 2]);
    expect([buffer.buffer.byteLength, words.buffer.byteLength]).toEqual([3, 4]);
  });

  it('reads from any position of a larger buffer', () => {
    const payload = v8Codec.encode({ a: 1n });
    const larger = Buffer.concat([Buffer.alloc(13), payload, Buffer.alloc(7)]);
    expectExact(v8Codec.decode(larger.subarray(13, 13 + payload.length)), { a: 1n });
  });

  it('writes what v8.deserialize reads, for a look at it by hand', () => {
    const value = [Buffer.from('a'), Float64Array.of(NaN), new DataView(new ArrayBuffer(2))];
    expect(deserialize(Buffer.from(v8Codec.encode(value)))).toEqual(value);
  });

  it('reads what v8.serialize wrote', () => {
    const value = { bytes: Uint8Array.of(1, 2), at: new Date(5), big: BigInt64Array.of(-1n) };
    expectExact(v8Codec.decode(serialize(value)), value);
  });

  it.each([
    ['an unknown type of view', [0xff, 0x0f, 0x5c, 0x63, 0x01, 0x00]],
    ['a view longer than the bytes', [0xff, 0x0f, 0x5c, 0x01, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ['half an element', [0xff, 0x0f, 0x5c, 0x03, 0x03, 0x00, 0x00, 0x00]],
  ])('throws on %s', (_, bytes) => {
    expect(() => v8Codec.decode(Uint8Array.from(bytes))).toThrow();
  });
});
