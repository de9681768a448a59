import fc from 'fast-check';
import { compressPayload, decompressPayload } from './compression.js';
import { UndecodableValueError } from './undecodable-value.error.js';

const TEXT = Buffer.from(
  JSON.stringify(Array.from({ length: 200 }, (_, id) => ({ id, name: 'lead' }))),
);

describe('compressPayload', () => {
  it('makes a payload smaller, and decompressPayload makes it what it was', () => {
    const compressed = compressPayload(TEXT, { thresholdBytes: 1_024 }) as Uint8Array;
    expect(compressed.length).toBeLessThan(TEXT.length / 4);
    expect(decompressPayload(compressed, { maxOutputBytes: TEXT.length })).toEqual(TEXT);
  });

  it('lets payloads below the threshold be', () => {
    expect(compressPayload(TEXT, { thresholdBytes: TEXT.length + 1 })).toBeUndefined();
  });

  it('lets payloads be that it would make larger', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (payload) => {
        expect(compressPayload(payload, { thresholdBytes: 0 })).toBeUndefined();
      }),
    );
  });
});

describe('decompressPayload', () => {
  it('stops at the bound, so that few bytes cannot fill the memory', () => {
    const bomb = compressPayload(Buffer.alloc(10_000_000), { thresholdBytes: 0 }) as Uint8Array;
    expect(bomb.length).toBeLessThan(50_000);
    expect(() => decompressPayload(bomb, { maxOutputBytes: 1_000_000 })).toThrow(
      UndecodableValueError,
    );
  });

  it('throws on whatever is not gzip, or cut', () => {
    const compressed = compressPayload(TEXT, { thresholdBytes: 0 }) as Uint8Array;
    for (const bytes of [TEXT, compressed.subarray(0, -5), new Uint8Array()]) {
      expect(() => decompressPayload(bytes, { maxOutputBytes: 1e6 })).toThrow(
        UndecodableValueError,
      );
    }
  });
});
