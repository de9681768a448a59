import { EngineHarness, type HarnessOptions } from '../../../../test/support/engine-harness.js';
import { Gate } from '../../../../test/support/gate.js';
import { SharedMemory } from '../../../../test/support/memory-far.store.js';
import { PurgeIncompleteError } from '../errors/purge-incomplete.error.js';
import type { PurgeProgress } from './purge-progress.js';

/** Two processes on one far store, one clock and one bus. */
function twoProcesses(options: HarnessOptions = {}) {
  const memory = new SharedMemory();
  const a = new EngineHarness({ memory, ...options });
  return { a, b: new EngineHarness({ memory, clock: a.clock, ...options }) };
}

/** What a read of an entry answers; `loaded` if it had to load. */
function read(h: EngineHarness, key: string, tenant: string | null = 'acme'): Promise<unknown> {
  return h.engine.getOrLoad(h.request(() => 'loaded', {}, { ref: h.ref(key, tenant) }));
}

async function store(h: EngineHarness, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    await h.engine.getOrLoad(h.request(() => 'old', {}, { ref: h.ref(key) }));
  }
}

/** A load of `k1` that waits at a gate. */
function gated(h: EngineHarness) {
  const gate = new Gate();
  const load = async () => {
    await gate.pass();
    return 'old';
  };
  return { gate, call: h.engine.getOrLoad(h.request(load, {}, { ref: h.ref('k1') })) };
}

describe('CacheEngine: eviction by pattern', () => {
  it('deletes what it takes from both tiers of every process, and says how many', async () => {
    const { a, b } = twoProcesses();
    await store(a, 'k1', 'k2', 'other');
    for (const key of ['k1', 'k2', 'other']) await read(b, key);
    a.far.sent.length = 0;
    expect(await a.engine.evictPattern('acme', 'lead/k*')).toBe(2);
    expect(a.far.sent).toEqual(['announce', 'sweep', 'sweep', 'announce']);
    expect([a.stored(a.ref('k1')), a.stored(a.ref('k2'))]).toEqual([undefined, undefined]);
    for (const h of [a, b]) expect([h.near.entries, h.counters.evictions]).toEqual([1, 0]);
    expect(await Promise.all(['k1', 'k2', 'other'].map((key) => read(b, key)))).toEqual([
      'loaded',
      'loaded',
      'old',
    ]);
    const { name: key } = a.keys.pattern('acme', 'lead/k*');
    expect(a.heard).toContainEqual({
      event: 'invalidate',
      payload: { level: 'pattern', tenant: 'acme', key, acknowledged: true },
    });
    const told = { event: 'remoteInvalidation', payload: { kind: 'pattern', key } };
    expect(b.heard.filter(({ event }) => event === 'remoteInvalidation')).toEqual([told, told]);
  });

  it('leaves other tenants and the global scope alone, as it leaves tenants from there', async () => {
    const h = new EngineHarness();
    for (const tenant of ['acme', 'acme.eu', null]) {
      await h.engine.getOrLoad(h.request(() => 'old', {}, { ref: h.ref('k', tenant) }));
    }
    await h.engine.evictPattern('acme', '*');
    expect(await read(h, 'k', 'acme.eu')).toBe('old');
    expect(await read(h, 'k', null)).toBe('old');
    await h.engine.evictPattern(null, '*');
    expect(await read(h, 'k', 'acme')).toBe('loaded');
    expect(await read(h, 'k', 'acme.eu')).toBe('old');
    expect(await read(h, 'k', null)).toBe('loaded');
  });

  describe.each([
    ['the same process', false],
    ['another process', true],
  ])('with work under way in %s', (_where, elsewhere) => {
    function processes() {
      const { a, b } = twoProcesses();
      return { a, worker: elsewhere ? b : a };
    }

    it('wins over a load in flight, which nobody joins any more', async () => {
      const { a, worker } = processes();
      const { gate, call } = gated(worker);
      await gate.reached;
      await a.engine.evictPattern('acme', 'lead/k1');
      const next = read(worker, 'k1');
      gate.open();
      expect(await call).toBe('old');
      expect(await next).toBe('loaded');
      expect(worker.counters.refusedFills).toBe(1);
      expect(await read(a, 'k1')).toBe('loaded');
    });

    it('wins over a load that stores while leases are being looked for', async () => {
      const { a, worker } = processes();
      const { gate, call } = gated(worker);
      await gate.reached;
      const walk = new Gate();
      a.far.holdBefore('sweep', walk);
      const evicting = a.engine.evictPattern('acme', 'lead/k1');
      await walk.reached;
      gate.open();
      expect(await call).toBe('old');
      expect(worker.storedJson(worker.ref('k1'))).toBe('"old"');
      walk.open();
      expect(await evicting).toBe(1);
      expect(await read(worker, 'k1')).toBe('loaded');
    });

    it('wins over a load that would store between the two walks', async () => {
      const { a, worker } = processes();
      const { gate, call } = gated(worker);
      await gate.reached;
      const walk = new Gate();
      a.far.holdAfter('sweep', walk);
      const evicting = a.engine.evictPattern('acme', 'lead/k1');
      await walk.reached;
      gate.open();
      expect(await call).toBe('old');
      expect(worker.stored(worker.ref('k1'))).toBeUndefined();
      walk.open();
      expect(await evicting).toBe(0);
      expect(await read(worker, 'k1')).toBe('loaded');
    });

    it('wins over a read that met the entry before it went', async () => {
      const { a, worker } = processes();
      await store(a, 'k1');
      worker.near.clear();
      const walk = new Gate();
      a.far.holdAfter('sweep', walk);
      const evicting = a.engine.evictPattern('acme', 'lead/k1');
      await walk.reached; // the leases are walked through, the entry is still there
      const reply = new Gate();
      worker.far.holdAfter('get', reply);
      const reading = read(worker, 'k1');
      await reply.reached;
      walk.open();
      await evicting;
      worker.far.heal();
      reply.open();
      expect(await reading).toBe('old');
      expect(await read(worker, 'k1')).toBe('loaded');
    });

    it('wins over a write whose key only its result names', async () => {
      const { a, worker } = processes();
      const request = worker.request(() => 'unused', {}, { ref: worker.ref('k1') });
      const begun = await worker.engine.beginPut(request);
      const [leases, entries] = [new Gate(), new Gate()];
      a.far.holdAfter('sweep', leases);
      const evicting = a.engine.evictPattern('acme', 'lead/k*');
      await leases.reached;
      a.far.holdAfter('sweep', entries);
      leases.open();
      await entries.reached; // no walk will come by any more
      await worker.engine.putResult(request, 'old', begun);
      entries.open();
      await evicting;
      expect(await read(worker, 'k1')).toBe('loaded');
    });

    it('leaves work on other entries alone', async () => {
      const { a, worker } = processes();
      const { gate, call } = gated(worker);
      await gate.reached;
      const request = worker.request(() => 'unused', {}, { ref: worker.ref('k3') });
      const begun = await worker.engine.beginPut(request);
      await a.engine.evictPattern('acme', 'lead/k2*');
      gate.open();
      await call;
      await worker.engine.putResult(request, 'put', begun);
      expect(await read(a, 'k1')).toBe('old');
      expect(await read(a, 'k3')).toBe('put');
    });
  });

  it('with Redis away goes for all of the tenant, here at once and there once it is back', async () => {
    const { a, b } = twoProcesses();
    await store(a, 'k1', 'other');
    a.far.available = false;
    expect(await a.engine.evictPattern('acme', 'lead/k1')).toBe(0);
    expect(a.journal.unacknowledged).toBe(1);
    expect(await read(a, 'k1')).toBe('loaded');
    expect(a.heard).toContainEqual({
      event: 'invalidate',
      payload: expect.objectContaining({ level: 'pattern', acknowledged: false }),
    });
    await a.far.comeBack();
    expect(a.journal.unacknowledged).toBe(0);
    expect(await read(b, 'k1')).toBe('loaded');
    expect(await read(b, 'other')).toBe('loaded');
  });

  it.each<[string, 'announce' | 'sweep', number]>([
    ['at once', 'announce', 0],
    ['half way', 'sweep', 0],
  ])('that fails %s goes for all of the tenant', async (_when, operation) => {
    const { a, b } = twoProcesses();
    await store(a, 'k1', 'other');
    await read(b, 'other');
    a.far.fail(operation);
    await a.engine.evictPattern('acme', 'lead/k1');
    expect(a.events).toContain('farError');
    expect([a.journal.unacknowledged, a.far.suspicions]).toEqual([0, []]);
    for (const h of [a, b]) expect(await read(h, 'k1')).toBe('loaded');
    a.far.heal();
    expect(a.heard.filter(({ event }) => event === 'invalidate')).toMatchObject([
      { payload: { level: 'tenant', acknowledged: true } },
      { payload: { level: 'pattern', acknowledged: false } },
    ]);
  });

  it('that fails with all else is not lost: Redis counts as away until it is replayed', async () => {
    const { a, b } = twoProcesses();
    await store(a, 'k1');
    for (const operation of ['sweep', 'renewStamp'] as const) a.far.fail(operation);
    await a.engine.evictPattern('acme', 'lead/k1');
    expect([a.far.available, a.journal.unacknowledged]).toEqual([false, 1]);
    a.far.heal();
    await a.far.comeBack();
    expect(await read(b, 'k1')).toBe('loaded');
  });

  it('is made good for after a failover that brings entries back, for as long as the journal keeps', async () => {
    for (const [afterMs, answer] of [
      [1_000, 'loaded'],
      [61_000, 'old'],
    ] as const) {
      const { a, b } = twoProcesses();
      await store(a, 'k1');
      const before = new Map(a.far.memory.entries);
      await a.engine.evictPattern('acme', 'lead/k1');
      await a.clock.advance(afterMs);
      for (const [key, entry] of before) a.far.memory.entries.set(key, entry);
      a.far.available = false;
      await a.far.comeBack();
      expect(await read(b, 'k1')).toBe(answer);
    }
  });

  it('does not take the place of an eviction of the tenant that is not acknowledged', async () => {
    const h = new EngineHarness();
    await store(h, 'k1', 'other');
    const gate = new Gate();
    h.far.holdBefore('renewStamp', gate);
    h.far.fail('renewStamp');
    const evicting = h.engine.renewStamp(h.invalidations.tenant('acme'));
    await gate.reached;
    await h.engine.evictPattern('acme', 'lead/k1');
    gate.open();
    await evicting;
    h.far.heal();
    await h.far.comeBack();
    expect(await read(h, 'other')).toBe('loaded');
  });

  it('evicts from the one tier there is without Redis', async () => {
    const h = new EngineHarness({ memoryMode: true });
    await store(h, 'k1', 'k2', 'other');
    expect(await h.engine.evictPattern('acme', 'lead/k*')).toBe(2);
    expect([await read(h, 'k1'), await read(h, 'other')]).toEqual(['loaded', 'old']);
    expect(h.journal.size).toBe(0);
  });

  it('that is none does nothing', async () => {
    const h = new EngineHarness();
    await store(h, 'k1');
    await expect(h.engine.evictPattern('acme', 'lead/[k]')).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
    });
    expect(await read(h, 'k1')).toBe('old');
  });
});

describe('CacheEngine: purge of a tenant', () => {
  const unheard = () => undefined;

  it('leaves nothing of the tenant in Redis, nor in any process, and all of others', async () => {
    const { a, b } = twoProcesses();
    const tagged = { tags: ['lead:42'] };
    await a.engine.getOrLoad(a.request(() => 'old', {}, tagged));
    await a.engine.getOrLoad(a.request(() => 'theirs', {}, { ...tagged, ref: a.ref('k', 'eu') }));
    await read(b, 'k');
    const told: PurgeProgress[] = [];
    // An entry, and the stamps of the tenant, its cache and its tag.
    expect(await a.engine.purge('acme', (progress) => told.push(progress))).toBe(4);
    const { entries, leases, stamps } = a.far.memory;
    const left = [...entries.keys(), ...leases.keys(), ...stamps.keys()];
    expect(left.filter((key) => key.startsWith('test:{acme'))).toEqual([]);
    expect([a.near.entries, b.near.entries]).toEqual([1, 0]);
    expect(await read(b, 'k', 'eu')).toBe('theirs');
    const at = { tenant: 'acme', node: 1, nodes: 1 };
    expect(told).toEqual([
      { ...at, step: 'leases', scanned: 0, deleted: 0 },
      { ...at, step: 'rest', scanned: 4, deleted: 4 },
    ]);
    expect(a.heard.filter(({ event }) => event === 'purgeProgress')).toHaveLength(2);
  });

  it('lets nothing from before come back, and serves what comes after', async () => {
    const { a, b } = twoProcesses();
    const { gate, call } = gated(b);
    await gate.reached;
    await a.engine.purge('acme', unheard);
    gate.open();
    expect(await call).toBe('old');
    expect(b.stored(b.ref('k1'))).toBeUndefined();
    expect([await read(b, 'k1'), await read(a, 'k1')]).toEqual(['loaded', 'loaded']);
    await a.engine.renewStamp(a.invalidations.tenant('acme'));
    expect(a.far.count('sweep')).toBe(2);
  });

  it.each<[string, (h: EngineHarness) => void, number]>([
    ['is away', (h) => (h.far.available = false), 0],
    ['does not acknowledge the eviction', (h) => h.far.fail('renewStamp'), 0],
    ['fails half way', (h) => h.far.fail('sweep'), 0],
    ['fails at its end', (h) => h.far.fail('announce', new Error('refused')), 0],
  ])('is refused with an error that says what to do where Redis %s', async (_how, breakIt) => {
    const h = new EngineHarness();
    await store(h, 'k1');
    breakIt(h);
    const purging = h.engine.purge('acme', unheard);
    await expect(purging).rejects.toBeInstanceOf(PurgeIncompleteError);
    await expect(purging).rejects.toThrow(`Call purgeTenant() again`);
    expect(await read(h, 'k1')).toBe('loaded');
    h.far.heal();
    await h.far.comeBack();
    expect(await read(h, 'k1')).toBe('loaded');
    expect(await h.engine.purge('acme', unheard)).toBeGreaterThan(0);
    expect(h.stored(h.ref('k1'))).toBeUndefined();
  });

  it('of two tenants at once tells each of its own', async () => {
    const h = new EngineHarness();
    const told: string[] = [];
    const tell = (of: string) => (progress: PurgeProgress) => told.push(`${of} ${progress.tenant}`);
    await Promise.all([h.engine.purge('a', tell('1')), h.engine.purge('b', tell('2'))]);
    expect(told.sort()).toEqual(['1 a', '1 a', '2 b', '2 b']);
  });

  it('erases from the one tier there is without Redis', async () => {
    const h = new EngineHarness({ memoryMode: true });
    await store(h, 'k1', 'k2');
    expect(await h.engine.purge('acme', unheard)).toBe(2);
    expect(h.near.entries).toBe(0);
    expect(await read(h, 'k1')).toBe('loaded');
  });
});
