import fc from 'fast-check';
import { AT, headerChecksum } from './entry-layout.js';
import {
  decodeEntry,
  encodeEntry,
  IDENTITY_BYTES,
  NO_STAMP,
  type EntryHeader,
} from './envelope.js';

const STAMPS = { all: NO_STAMP, tenant: '0123456789abcdef', cache: 'ffffffffffffffff' };
const YEAR_9999_MS = Date.UTC(9999, 11, 31);
const TEN_YEARS_MS = 10 * 366 * 86_400_000;

const HEADER: EntryHeader = {
  codecId: 1,
  gzip: false,
  createdAtMs: 1_763_694_000_123,
  freshUntilMs: 1_763_694_300_123,
  usableUntilMs: 1_763_697_600_123,
  stamps: STAMPS,
  tags: [],
};
const TAGGED: EntryHeader = {
  ...HEADER,
  gzip: true,
  tags: [
    { tag: 'lead~42', stamp: '00000000000000ff' },
    { tag: '', stamp: NO_STAMP },
    { tag: 'Übergröße 👩‍🚀', stamp: 'aaaaaaaaaaaaaaaa' },
  ],
};
const PAYLOAD = Buffer.from('{"name":"Ada"}');

describe('encodeEntry', () => {
  it.each<[string, EntryHeader, Uint8Array]>([
    ['without tags', HEADER, PAYLOAD],
    ['with tags', TAGGED, PAYLOAD],
    ['with an empty payload', HEADER, new Uint8Array()],
    ['of the last day', { ...HEADER, usableUntilMs: YEAR_9999_MS + TEN_YEARS_MS }, PAYLOAD],
    ['of the first day', { ...HEADER, createdAtMs: 0, codecId: 127 }, PAYLOAD],
  ])('makes an entry %s that decodeEntry reads', (_, header, payload) => {
    const decoded = decodeEntry(encodeEntry(header, payload));
    expect(decoded).toEqual({ kind: 'entry', header, payload: Buffer.from(payload) });
  });

  it('adds at most 64 bytes to an entry without tags', () => {
    expect(encodeEntry(HEADER, PAYLOAD).length - PAYLOAD.length).toBe(62);
  });

  it('makes the identity of every entry another', () => {
    const identities = Array.from({ length: 1_000 }, () =>
      encodeEntry(HEADER, PAYLOAD).toString('hex', 0, IDENTITY_BYTES),
    );
    expect(new Set(identities).size).toBe(1_000);
    expect(IDENTITY_BYTES).toBe(16);
  });

  it.each<[string, EntryHeader]>([
    ['a time before 1970', { ...HEADER, createdAtMs: -1 }],
    ['a time that does not fit', { ...HEADER, freshUntilMs: 2 ** 48 }],
    ['a codec id that does not fit', { ...HEADER, codecId: 256 }],
    ['a short stamp', { ...HEADER, stamps: { ...STAMPS, all: '00' } }],
    ['a stamp of no digits', { ...HEADER, stamps: { ...STAMPS, cache: 'z'.repeat(16) } }],
    ['a tag that is too long', { ...HEADER, tags: [{ tag: 'é'.repeat(32_768), stamp: NO_STAMP }] }],
    ['too many tags', { ...HEADER, tags: Array(65_536).fill({ tag: '', stamp: NO_STAMP }) as [] }],
  ])('refuses %s', (_, header) => {
    // By name: what Node itself throws is of another realm in Jest.
    expect(() => encodeEntry(header, PAYLOAD)).toThrow(
      expect.objectContaining({ name: 'RangeError' }),
    );
  });

  it('takes as many and as long tags as fit', () => {
    const tags = [{ tag: 'x'.repeat(65_535), stamp: NO_STAMP }];
    const many = Array.from({ length: 65_535 }, (_, tag) => ({ tag: `${tag}`, stamp: NO_STAMP }));
    for (const header of [
      { ...HEADER, tags },
      { ...HEADER, tags: many },
    ]) {
      const decoded = decodeEntry(encodeEntry(header, PAYLOAD));
      expect(JSON.stringify(decoded)).toBe(
        JSON.stringify({ kind: 'entry', header, payload: PAYLOAD }),
      );
    }
  });
});

describe('decodeEntry', () => {
  const entry = encodeEntry(TAGGED, PAYLOAD);
  const headerLength = entry.length - PAYLOAD.length;

  it('reads from any position of a larger buffer, and copies nothing', () => {
    const larger = Buffer.concat([Buffer.alloc(5), entry, Buffer.alloc(5)]);
    const decoded = decodeEntry(new Uint8Array(larger.buffer, larger.byteOffset + 5, entry.length));
    expect(decoded).toMatchObject({ kind: 'entry', header: TAGGED, payload: PAYLOAD });
    expect(decoded.kind === 'entry' && decoded.payload.buffer).toBe(larger.buffer);
  });

  it('leaves a newer format alone, whatever follows the version', () => {
    for (const rest of [Buffer.alloc(0), Buffer.alloc(500, 7)]) {
      const newer = Buffer.concat([entry.subarray(0, AT.version), Buffer.from([2]), rest]);
      expect(decodeEntry(newer)).toEqual({ kind: 'newer', version: 2 });
    }
  });

  it.each([
    ['nothing', '', 'not an entry of this library'],
    ['JSON of another application', '{"id":1,"name":"x"}', 'not an entry of this library'],
    ['text', 'PONG', 'not an entry of this library'],
    ['bytes of another kind', Buffer.from([0xc1, 1, 2, 3]), 'not an entry of this library'],
    ['the magic bytes alone', entry.subarray(0, 3), 'not an entry of this library'],
    ['a format that never was', change(AT.version, 0), 'there is no format version 0'],
    ['half a header', entry.subarray(0, 40), 'truncated header'],
    ['half of the tags', entry.subarray(0, headerLength - 3), 'truncated tags'],
    ['a bit of the header', change(AT.createdAt, 0xff), 'damaged header'],
    ['a bit of a tag', change(headerLength - 1, 0), 'damaged header'],
    ['half a payload', entry.subarray(0, -3), 'payload of another length than written'],
    [
      'more than a payload',
      Buffer.concat([entry, entry]),
      'payload of another length than written',
    ],
  ])('finds %s undecodable', (_, bytes, reason) => {
    expect(decodeEntry(Buffer.from(bytes))).toEqual({ kind: 'undecodable', reason });
  });

  it('finds flags it does not know undecodable, though the checksum holds', () => {
    expect(decodeEntry(change(AT.flags, 2, true))).toEqual({
      kind: 'undecodable',
      reason: 'unknown flags 2',
    });
  });

  it('notices the change of any one byte of the header', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: headerLength - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, difference) => {
          const byte = (entry[at] as number) ^ difference;
          const kind = at === AT.version && byte > 1 ? 'newer' : 'undecodable';
          expect(decodeEntry(change(at, byte))).toMatchObject({ kind });
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('takes no random bytes for an entry, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, dressed) => {
        if (dressed) bytes.set(entry.subarray(0, Math.min(AT.codecId, bytes.length)));
        expect(decodeEntry(bytes).kind).toBe('undecodable');
      }),
      { numRuns: 20_000 },
    );
  });

  function change(at: number, byte: number, resign = false): Buffer {
    const changed = Buffer.from(entry);
    changed[at] = byte;
    if (resign) changed.writeUInt32BE(headerChecksum(changed, headerLength), AT.checksum);
    return changed;
  }
});
