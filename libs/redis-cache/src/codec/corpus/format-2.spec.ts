import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectExact } from '../../../../../test/support/exact-equality.js';
import { asBuffer } from '../binary.js';
import { CODEC_IDS } from '../codec-ids.js';
import { compressPayload, decompressPayload } from '../compression.js';
import { decodeEntry, encodeEntry, NO_STAMP, type EntryHeader } from '../envelope.js';
import { digestOf } from '../stamps-digest.js';
import { ValueCodec } from '../value-codec.js';

/**
 * Entries as format version 2 stored them, base64 by name: every later version has to read them.
 *
 * To add one, add a case below; its test fails and prints the line for `format-2.json`. Lines that
 * stand there are never written anew: what no longer reads them needs a format version of its own.
 */
const STORED = JSON.parse(readFileSync(join(__dirname, 'format-2.json'), 'utf8')) as Partial<
  Record<string, string>
>;

class Lead {
  owner: unknown;

  constructor(readonly id: number) {}
}

interface StoredCase {
  readonly name: string;
  readonly codecId: number;
  readonly value: unknown;
  readonly header?: Partial<EntryHeader>;
}

const { json, v8, taggedJson, taggedV8 } = CODEC_IDS;

const CASES: readonly StoredCase[] = [
  { name: 'null', codecId: json, value: null },
  { name: 'record', codecId: json, value: { id: 7, name: 'Ådá 👩‍🚀', tags: ['hot'], email: null } },
  { name: 'data like a wrapper', codecId: json, value: { '@': 'Lead', '=': { id: 1 } } },
  { name: 'own __proto__', codecId: json, value: JSON.parse('{"__proto__":{"a":1}}') },
  { name: 'undefined', codecId: v8, value: undefined },
  { name: 'odd numbers', codecId: v8, value: [NaN, -0, Infinity, -(2n ** 70n)] },
  { name: 'dates', codecId: v8, value: { at: new Date(1_763_694_000_123), bad: new Date(NaN) } },
  {
    name: 'collections',
    codecId: v8,
    value: new Map<unknown, unknown>([
      [new Set([1]), 'é'],
      [2, Object.assign([], { 3: 'far' })],
    ]),
  },
  {
    name: 'bytes',
    codecId: v8,
    value: [
      Buffer.from('buffer'),
      ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array].map((T) => T.of(1, 2)),
      ...[Int32Array, Uint32Array, Float32Array, Float64Array].map((T) => T.of(1, 2)),
      BigInt64Array.of(-1n),
      BigUint64Array.of(1n),
      new DataView(Uint8Array.of(1, 2, 3).buffer),
      Uint8Array.of(4, 5).buffer,
    ],
  },
  { name: 'cycle', codecId: v8, value: cycle({}) },
  { name: 'instances', codecId: taggedJson, value: [lead(1, lead(2, { '@': 'data' }))] },
  { name: 'url', codecId: taggedJson, value: new URL('https://a.example/?q=1#h') },
  { name: 'regexp', codecId: taggedJson, value: Object.assign(/a[/]b/gu, { lastIndex: 2 }) },
  { name: 'no prototype', codecId: taggedJson, value: { __proto__: null, a: { __proto__: null } } },
  { name: 'instances in a cycle', codecId: taggedV8, value: cycle(lead(3, new Date(5))) },
  {
    name: 'header with tags',
    codecId: json,
    value: true,
    header: {
      createdAtMs: 0,
      freshUntilMs: 2 ** 42 - 1,
      usableUntilMs: 2 ** 43 - 2,
      digest: digestOf('fedcba9876543210', NO_STAMP, '00000000000000ff'),
      tags: [
        { tag: 'lead~42', stamp: '0123456789abcdef' },
        { tag: 'größe', stamp: NO_STAMP },
      ],
    },
  },
  { name: 'compressed', codecId: json, value: 'x'.repeat(500), header: { gzip: true } },
];

const codec = new ValueCodec({ classes: [Lead] });

describe('format version 2', () => {
  it.each(CASES)('is read: $name', (stored) => {
    const bytes = Buffer.from(STORED[stored.name] ?? missing(stored), 'base64');
    const decoded = decodeEntry(bytes);
    if (decoded.kind !== 'entry') throw new Error(JSON.stringify(decoded));
    expect(decoded.header).toEqual(headerOf(stored));
    const payload = decoded.header.gzip
      ? decompressPayload(asBuffer(decoded.payload), { maxOutputBytes: 1_000 })
      : decoded.payload;
    expectExact(codec.decode(decoded.header.codecId, payload), stored.value);
  });

  it.each(CASES)('is still chosen the same codec for: $name', ({ value, codecId }) => {
    expect(codec.encode(value).codecId).toBe(codecId);
  });

  it('has a case for all that is stored', () => {
    expect(Object.keys(STORED)).toEqual(CASES.map(({ name }) => name));
  });
});

function headerOf({ codecId, header }: StoredCase): EntryHeader {
  return {
    codecId,
    gzip: false,
    createdAtMs: 1_763_694_000_123,
    freshUntilMs: 1_763_694_300_123,
    usableUntilMs: 1_763_697_600_123,
    digest: digestOf(NO_STAMP, NO_STAMP, NO_STAMP),
    tags: [],
    ...header,
  };
}

function missing(stored: StoredCase): never {
  const header = headerOf(stored);
  const { payload } = codec.encode(stored.value);
  const compressed = header.gzip ? compressPayload(payload, { thresholdBytes: 0 }) : undefined;
  const line = asBuffer(encodeEntry(header, compressed ?? payload)).toString('base64');
  throw new Error(`Add to format-2.json: ${JSON.stringify(stored.name)}: "${line}"`);
}

function lead(id: number, owner: unknown): Lead {
  return Object.assign(new Lead(id), { owner });
}

function cycle(node: object): object {
  return Object.assign(node, { self: node, list: [node] });
}
