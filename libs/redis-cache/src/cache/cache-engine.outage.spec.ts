import { EngineHarness } from '../../../../test/support/engine-harness.js';
import { Gate } from '../../../../test/support/gate.js';
import type { FarOperation } from '../../../../test/support/memory-far.store.js';
import { asBuffer } from '../codec/binary.js';
import { AT, VERSION_ZERO } from '../codec/entry-layout.js';
import { decodeEntry, encodeEntry, type DecodedEntry } from '../codec/envelope.js';

const OPERATIONS: FarOperation[] = ['get', 'acquire', 'fill', 'renew', 'release', 'claim', 'evict'];

describe('CacheEngine: when the far tier fails', () => {
  it('answers from the method and keeps the value for a short time', async () => {
    const h = new EngineHarness();
    h.far.available = false;
    const load = jest.fn(() => 'v');
    expect(await h.engine.getOrLoad(h.request(load))).toBe('v');
    expect(await h.engine.getOrLoad(h.request(load))).toBe('v');
    expect(load).toHaveBeenCalledTimes(1);
    await h.clock.advance(2_000);
    expect(await h.engine.getOrLoad(h.request(load))).toBe('v');
    expect(load).toHaveBeenCalledTimes(2);
    expect(h.far.sent).toEqual([]);
    expect(h.counters.farErrors).toBe(0);
  });

  describe.each(OPERATIONS)('and %s is the command that fails', (operation) => {
    it.each([
      ['without effect', false],
      ['with its effect', true],
    ])('%s, every call is answered as without a cache', async (_how, applied) => {
      const h = new EngineHarness();
      h.far.fail(operation, undefined, applied);
      expect(await h.engine.getOrLoad(h.request(() => 'loaded'))).toBe('loaded');
      await h.engine.set(
        h.request(() => 0),
        'set',
      );
      expect(await h.engine.put(h.request(() => 'put'))).toBe('put');
      await h.engine.evict(h.ref());
      const error = new Error('own error');
      const other = { ref: h.ref('other') };
      const failing = h.request(() => Promise.reject(error), {}, other);
      await expect(h.engine.getOrLoad(failing)).rejects.toBe(error);
      await expect(h.engine.put(failing)).rejects.toBe(error);
      await h.background.idle();
    });
  });

  it('never serves, after an eviction that failed, what this process held before', async () => {
    const h = new EngineHarness();
    await h.engine.getOrLoad(h.request(() => 'old'));
    h.far.available = false;
    await h.engine.evict(h.ref());
    expect(await h.engine.getOrLoad(h.request(() => 'new'))).toBe('new');
    expect(h.heard).toContainEqual({
      event: 'evict',
      payload: { entry: h.ref(), acknowledged: false },
    });
  });

  it('does not keep a value whose entry was evicted while it was loaded during the outage', async () => {
    const h = new EngineHarness();
    h.far.available = false;
    const gate = new Gate();
    const old = h.engine.getOrLoad(
      h.request(async () => {
        await gate.pass();
        return 'old';
      }),
    );
    await gate.reached;
    await h.engine.evict(h.ref());
    gate.open();
    await old;
    expect(h.near.entries).toBe(0);
  });

  it('spends no more than the budget on one call, however many commands are slow', async () => {
    const h = new EngineHarness();
    const slow = new Gate();
    h.far.holdAfter('get', slow);
    const call = h.engine.getOrLoad(h.request(() => 'v'));
    await slow.reached;
    await h.clock.advance(150);
    slow.open();
    expect(await call).toBe('v');
    expect(h.far.sent).toEqual(['get', 'stamp', 'stamp', 'stamp']);
    expect(h.heard).toContainEqual({
      event: 'farError',
      payload: {
        operation: 'acquire',
        error: expect.objectContaining({ code: 'FAR_TIMEOUT' }) as unknown,
      },
    });
  });

  it('is not stored by a process that could not take the lease', async () => {
    const h = new EngineHarness();
    h.far.fail('acquire');
    await h.engine.getOrLoad(h.request(() => 'v'));
    expect(h.far.count('fill')).toBe(0);
  });

  describe('bytes that are not an entry of ours', () => {
    it.each([
      ['empty', Buffer.alloc(0)],
      ['text of somebody else', Buffer.from('{"name":"Ada"}')],
      ['random bytes', Buffer.from('a7ff00c3d2e1f09988776655443322110fedcba987654321', 'hex')],
    ])('%s: are a miss, are counted, and are replaced', async (_what, bytes) => {
      const h = new EngineHarness();
      h.far.memory.entries.set(h.ref().redisKey, { bytes, untilMs: Infinity });
      expect(await h.engine.getOrLoad(h.request(() => 'v'))).toBe('v');
      await h.background.idle();
      expect(h.counters.undecodable).toBeGreaterThanOrEqual(1);
      expect(h.events).toContain('undecodable');
      h.near.clear();
      expect(await h.engine.getOrLoad(h.request(() => 'unused'))).toBe('v');
    });

    it('a payload that its codec cannot read is a miss', async () => {
      const h = new EngineHarness();
      await h.engine.getOrLoad(h.request(() => 'v'));
      const { header } = decodeEntry(h.stored() as Buffer) as Extract<
        DecodedEntry,
        { kind: 'entry' }
      >;
      const bytes = asBuffer(encodeEntry(header, '{"torn":'));
      h.far.memory.entries.set(h.ref().redisKey, { bytes, untilMs: Infinity });
      h.near.clear();
      expect(await h.engine.getOrLoad(h.request(() => 'w'))).toBe('w');
      expect(h.events).toContain('undecodable');
    });

    it('an entry of a later format version is left in place, and the value is not stored', async () => {
      const h = new EngineHarness();
      await h.engine.getOrLoad(h.request(() => 'v'));
      const bytes = Buffer.from(h.stored() as Buffer);
      bytes[AT.version] = VERSION_ZERO + 3;
      h.far.memory.entries.set(h.ref().redisKey, { bytes, untilMs: Infinity });
      h.near.clear();
      expect(await h.engine.getOrLoad(h.request(() => 'own'))).toBe('own');
      await h.background.idle();
      expect(h.stored()).toEqual(bytes);
      expect(h.near.entries).toBe(0);
    });
  });
});
