import { EngineHarness } from '../../../../test/support/engine-harness.js';
import { SharedMemory } from '../../../../test/support/memory-far.store.js';
import { asBuffer } from '../codec/binary.js';
import { compressPayload } from '../codec/compression.js';
import { decodeEntry, encodeEntry, type DecodedEntry } from '../codec/envelope.js';
import type { CachePolicy } from '../config/cache-policy.js';

const NOTES = { notes: 'Asked for the price list. '.repeat(200) };
const NOTES_BYTES = JSON.stringify(NOTES).length;
const COMPRESSED: CachePolicy = { compressFromBytes: 1_000, near: false };

function twoProcesses() {
  const memory = new SharedMemory();
  const a = new EngineHarness({ memory });
  return { a, b: new EngineHarness({ memory, clock: a.clock }) };
}

function load(h: EngineHarness, value: unknown, policy: CachePolicy): Promise<unknown> {
  return h.engine.getOrLoad(h.request(() => value, policy));
}

function entryOf(h: EngineHarness): Extract<DecodedEntry, { kind: 'entry' }> {
  const decoded = decodeEntry(h.stored() as Buffer);
  if (decoded.kind !== 'entry') throw new Error(`Not an entry: ${decoded.kind}`);
  return decoded;
}

describe('compressFromBytes', () => {
  it('stores what is that large compressed, and reads it back', async () => {
    const { a, b } = twoProcesses();
    expect(await load(a, NOTES, COMPRESSED)).toEqual(NOTES);
    const { header, payload } = entryOf(a);
    expect(header.gzip).toBe(true);
    expect(payload.length).toBeLessThan(NOTES_BYTES / 10);
    expect(await load(b, 'not loaded', COMPRESSED)).toEqual(NOTES);
    expect(b.counters).toMatchObject({ farHits: 1, loads: 0 });
  });

  it.each([
    ['below it', COMPRESSED, 'short'],
    ['that gets no smaller', { ...COMPRESSED, compressFromBytes: 0 }, 7],
    ['of every size where it is off, as by default', { near: false }, NOTES],
  ])('stores what is %s as it is', async (_what, policy, value) => {
    const h = new EngineHarness();
    await load(h, value, policy);
    const { header, payload } = entryOf(h);
    expect(header.gzip).toBe(false);
    expect(Buffer.from(payload).toString()).toBe(JSON.stringify(value));
  });

  it('may be switched on and off while entries of both kinds are there', async () => {
    const { a, b } = twoProcesses();
    await load(a, NOTES, COMPRESSED);
    expect(await load(b, 'not loaded', { near: false })).toEqual(NOTES);
  });

  it('compresses what any codec wrote', async () => {
    const { a, b } = twoProcesses();
    const value = { at: new Date(0), notes: new Set([NOTES.notes]) };
    await load(a, value, COMPRESSED);
    expect(entryOf(a).header.gzip).toBe(true);
    expect(await load(b, 'not loaded', COMPRESSED)).toEqual(value);
  });

  it('holds maxBytes against the value, not against what is left of it', async () => {
    const h = new EngineHarness();
    await load(h, NOTES, { ...COMPRESSED, maxBytes: NOTES_BYTES - 1 });
    expect(h.stored()).toBeUndefined();
    await load(h, NOTES, { ...COMPRESSED, maxBytes: NOTES_BYTES });
    expect(h.stored()).toBeInstanceOf(Buffer);
  });

  it('counts in the near tier what a value takes there', async () => {
    const { a, b } = twoProcesses();
    const near: CachePolicy = { compressFromBytes: 1_000 };
    await load(a, NOTES, near);
    await load(b, 'not loaded', near);
    expect(a.near.bytes).toBeGreaterThan(NOTES_BYTES);
    expect(b.near.bytes).toBe(a.near.bytes);
  });

  it('is told by explain', async () => {
    const h = new EngineHarness();
    await load(h, NOTES, COMPRESSED);
    const { ref, policy } = h.request(() => 0, COMPRESSED);
    expect((await h.engine.explain(ref, policy)).far).toMatchObject({
      kind: 'entry',
      state: 'fresh',
      bytes: h.stored()?.byteLength,
      compressed: true,
    });
  });

  describe('bytes that are not to be decompressed', () => {
    /** An entry whose header is right and whose payload is `payload`. */
    async function plant(h: EngineHarness, payload: (written: Uint8Array) => Uint8Array) {
      await load(h, NOTES, COMPRESSED);
      const entry = entryOf(h);
      const bytes = encodeEntry({ ...entry.header, gzip: true }, payload(asBuffer(entry.payload)));
      h.far.memory.entries.set(h.ref().redisKey, { bytes: asBuffer(bytes), untilMs: Infinity });
    }

    it.each<[string, (written: Uint8Array) => Uint8Array]>([
      [
        'more than maxBytes allows',
        () => compressPayload(Buffer.alloc(2_000_000, '1'), { thresholdBytes: 0 }) as Uint8Array,
      ],
      ['cut off', (written) => written.subarray(0, -9)],
      ['no gzip', () => Buffer.from('"plain"')],
    ])('are a miss, counted and gone: %s', async (_what, payload) => {
      const h = new EngineHarness();
      await plant(h, payload);
      const { ref, policy } = h.request(() => 0, COMPRESSED);
      expect((await h.engine.explain(ref, policy)).far).toMatchObject({
        kind: 'undecodable',
        reason: 'UndecodableValueError: Not readable as gzip of the size allowed',
      });
      expect(await load(h, 'anew', COMPRESSED)).toBe('anew');
      expect(h.counters.undecodable).toBe(1);
      expect(entryOf(h).payload).toBe('"anew"');
    });
  });
});
