import { EngineHarness, type HarnessOptions } from '../../../../test/support/engine-harness.js';
import { Gate } from '../../../../test/support/gate.js';
import { replyError } from '../../../../test/support/fake-redis-client.js';
import { SharedMemory } from '../../../../test/support/memory-far.store.js';
import type { CachePolicy } from '../config/cache-policy.js';
import type { TiersExplanation } from './entry-explanation.js';

const POLICY: CachePolicy = { ttl: '10s', grace: '20s', refreshAhead: 0.5, near: { ttl: '5s' } };

/** What the engine says of `k`, and the proof that saying it has changed nothing. */
async function explain(h: EngineHarness, policy = POLICY): Promise<TiersExplanation> {
  const before = snapshot(h);
  const { ref, policy: resolved } = h.request(() => undefined, policy);
  const explanation = await h.engine.explain(ref, resolved);
  expect(snapshot(h)).toEqual(before);
  return explanation;
}

/** Everything that a read would change. */
function snapshot(h: EngineHarness) {
  const { entries, leases, stamps } = h.far.memory;
  return structuredClone({
    counters: h.counters,
    events: h.events.length,
    near: [h.near.entries, h.near.bytes],
    far: [entries, leases, stamps].map((part) => [...part]),
    known: [h.stamps.size, h.stamps.changes],
    flights: h.flights.size,
    journal: h.journal.size,
  });
}

function load(h: EngineHarness, value: unknown = 'v', policy = POLICY): Promise<unknown> {
  return h.engine.getOrLoad(h.request(() => value, policy, { tags: ['t'] }));
}

function twoProcesses(options: HarnessOptions = {}) {
  const memory = new SharedMemory();
  const a = new EngineHarness({ memory, ...options });
  return { a, b: new EngineHarness({ memory, clock: a.clock }) };
}

describe('CacheEngine.explain', () => {
  it('says of what is nowhere that a read would load it', async () => {
    const h = new EngineHarness();
    expect(await explain(h)).toEqual({
      entry: h.ref(),
      outlook: { kind: 'miss', reason: 'absent', then: 'load' },
      near: { kind: 'absent' },
      far: { kind: 'absent' },
      flights: 0,
      lease: undefined,
      lastInvalidation: undefined,
      bus: 'proven',
    });
    expect(h.far.sent).toEqual(['look']);
  });

  it('says how old an entry is in each tier, how long it may be served, and under which stamps', async () => {
    const h = new EngineHarness();
    await load(h);
    await h.clock.advance(2_000);
    const { near, far, outlook } = await explain(h);
    const stamps = ['all', 'tenant', 'cache', 'tag'].map((level) => ({
      level,
      tag: level === 'tag' ? 't' : undefined,
      entry: expect.stringMatching(/^[0-9a-f]{16}$/),
      current: expect.stringMatching(/^[0-9a-f]{16}$/),
      holds: true,
    }));
    expect(near).toEqual({
      kind: 'entry',
      state: 'fresh',
      ageMs: 2_000,
      ttlLeftMs: 3_000,
      graceLeftMs: 0,
      refreshDue: false,
      bytes: h.near.bytes,
      stamps,
    });
    expect(far).toEqual({
      kind: 'entry',
      state: 'fresh',
      ageMs: 2_000,
      ttlLeftMs: 8_000,
      graceLeftMs: 20_000,
      refreshDue: false,
      bytes: h.stored()?.byteLength,
      compressed: false,
      codec: { id: 0, name: 'json' },
      stamps,
    });
    expect(outlook).toEqual({ kind: 'hit', tier: 'near', refreshes: false });
    expect(JSON.stringify([near, far])).not.toContain('"v"');
  });

  it('foretells what a read comes to as the entry grows old', async () => {
    const h = new EngineHarness();
    await load(h);
    const outlooks = [];
    for (const ms of [4_999, 1, 2_500, 2_500, 19_999, 1]) {
      await h.clock.advance(ms);
      outlooks.push((await explain(h)).outlook);
    }
    expect(outlooks).toEqual([
      { kind: 'hit', tier: 'near', refreshes: false },
      { kind: 'hit', tier: 'far', refreshes: true },
      { kind: 'hit', tier: 'far', refreshes: true },
      { kind: 'stale', tier: 'far' },
      { kind: 'stale', tier: 'far' },
      { kind: 'miss', reason: 'absent', then: 'load' },
    ]);
  });

  it.each<[string, (h: EngineHarness) => Promise<unknown>, string | undefined]>([
    ['all', (h) => h.engine.renewStamp(h.invalidations.all()), undefined],
    ['tenant', (h) => h.engine.renewStamp(h.invalidations.tenant('acme')), undefined],
    ['cache', (h) => h.engine.renewStamp(h.invalidations.cache('acme', 'lead', 1)), undefined],
    ['tag', (h) => h.engine.renewStamp(h.invalidations.tag('acme', 't')), 't'],
  ])('names the stamp that has changed, and who did it: %s', async (level, renew, tag) => {
    const { a, b } = twoProcesses();
    await load(a);
    await load(b);
    await a.clock.advance(1_000);
    await renew(a);
    for (const [h, by] of [
      [a, 'this process'],
      [b, 'another process'],
    ] as const) {
      const { near, far, outlook, lastInvalidation } = await explain(h);
      for (const tier of [near, far]) {
        expect(tier).toMatchObject({ kind: 'entry', state: 'outdated' });
        const stamps = tier.kind === 'entry' ? tier.stamps : [];
        expect(stamps.filter(({ holds }) => holds === false)).toMatchObject([
          { level, tag, current: expect.any(String) },
        ]);
        for (const { holds, entry, current } of stamps)
          expect(entry === current).toBe(holds === true);
      }
      expect(outlook).toEqual({ kind: 'miss', reason: 'outdated', then: 'load' });
      expect(lastInvalidation).toEqual({ level, by, atMs: h.clock.nowMs() });
    }
  });

  it('goes by Redis where a stamp that is known here is behind, and makes none that is lost', async () => {
    const { a, b } = twoProcesses();
    await load(a);
    b.loseBus();
    await b.engine.renewStamp(b.invalidations.tag('acme', 't'));
    await load(b, 'new');
    a.near.clear();
    expect((await explain(a)).outlook).toEqual({ kind: 'hit', tier: 'far', refreshes: false });
    a.far.memory.stamps.delete(a.keys.tagStamp('acme', 't'));
    const { far } = await explain(b);
    expect(far).toMatchObject({ kind: 'entry', state: 'outdated' });
    expect(far.kind === 'entry' && far.stamps.at(-1)).toMatchObject({ current: undefined });
  });

  it.each<[string, (h: EngineHarness) => Promise<unknown>, string]>([
    ['its key', (h) => h.engine.evict(h.ref()), 'entry'],
    ['a pattern', (h) => h.engine.evictPattern('acme', 'le*'), 'pattern'],
  ])('says that the entry was evicted by %s, and by whom', async (_by, evict, level) => {
    const { a, b } = twoProcesses();
    await load(a);
    await evict(a);
    await a.clock.advance(1_000);
    const atMs = a.clock.nowMs() - 1_000;
    expect((await explain(a)).lastInvalidation).toEqual({ level, by: 'this process', atMs });
    expect((await explain(b)).lastInvalidation).toEqual({ level, by: 'another process', atMs });
  });

  it('tells of work under way here, and whose the lease is, without its token', async () => {
    const { a, b } = twoProcesses();
    const gate = new Gate();
    const call = a.engine.getOrLoad(a.request(() => gate.pass()));
    await gate.reached;
    await a.clock.advance(500);
    const [here, there] = [await explain(a), await explain(b)];
    expect(here).toMatchObject({ outlook: { kind: 'join' }, flights: 1 });
    expect(here.lease).toEqual({ ours: true, leftMs: 2_500 });
    const waits = { kind: 'miss', reason: 'absent', then: 'wait' };
    expect(there).toMatchObject({ outlook: waits, flights: 0 });
    expect(there.lease).toEqual({ ours: false, leftMs: 2_500 });
    expect(JSON.stringify([here, there])).not.toContain('token');
    await a.engine.renewStamp(a.invalidations.tenant('acme'));
    expect((await explain(a)).outlook).toEqual(waits);
    gate.open();
    await call;
  });

  it('distrusts the near tier while the bus is not proven, unless Redis is away too', async () => {
    const h = new EngineHarness();
    await load(h);
    h.coherence.trusted = h.coherence.hearsOthers = false;
    expect(await explain(h)).toMatchObject({
      bus: 'unproven',
      near: { state: 'untrusted' },
      outlook: { kind: 'hit', tier: 'far' },
    });
    h.far.available = false;
    expect(await explain(h)).toMatchObject({
      near: { state: 'fresh' },
      far: { kind: 'away' },
      outlook: { kind: 'hit', tier: 'near' },
    });
    h.coherence.trusted = true;
    expect((await explain(h)).bus).toBe('off');
  });

  it.each<[string, (h: EngineHarness) => void, object, object]>([
    [
      'Redis is away',
      (h) => (h.far.available = false),
      { kind: 'away' },
      { reason: 'away', then: 'load' },
    ],
    [
      'Redis does not answer',
      (h) => h.far.fail('look'),
      { kind: 'away' },
      { reason: 'away', then: 'load' },
    ],
    [
      'Redis refuses to tell',
      (h) => h.far.fail('look', replyError('WRONGTYPE no string')),
      { kind: 'refused', reason: 'WRONGTYPE no string' },
      { reason: 'refused', then: 'load' },
    ],
    [
      'what is there is no entry',
      (h) => put(h, Buffer.from('garbage')),
      { kind: 'undecodable', bytes: 7, reason: 'not an entry of this library' },
      { reason: 'undecodable', then: 'load' },
    ],
    [
      'what is there is of a later version',
      (h) => put(h, Buffer.from('\x01rc9\0')),
      { kind: 'newer', bytes: 5, formatVersion: 9 },
      { reason: 'newer', then: 'load' },
    ],
  ])('says that %s', async (_what, prepare, far, outlook) => {
    const h = new EngineHarness();
    prepare(h);
    expect(await explain(h)).toMatchObject({ far, outlook: { kind: 'miss', ...outlook } });
  });

  it('says that a value cannot be read back', async () => {
    const h = new EngineHarness();
    const codec = {
      id: 16,
      name: 'own',
      encode: (value: unknown) => Buffer.from(String(value)),
      decode: () => 'v',
    };
    const policy = { ...POLICY, near: false, codec };
    await load(h, 'v', policy);
    expect((await explain(h, policy)).far).toMatchObject({ codec: { id: 16, name: 'own' } });
    expect((await explain(h)).far).toMatchObject({
      kind: 'undecodable',
      reason: expect.stringContaining('Unknown codec 16'),
    });
  });

  it('does not save an entry of the near tier from being pushed out', async () => {
    const h = new EngineHarness();
    await load(h);
    const { scope, key } = h.ref();
    const { entry } = h.near.peek(scope, key) ?? {};
    await explain(h);
    expect(h.near.peek(scope, key)).toMatchObject({ entry, uses: 0 });
  });

  it('works where the near tier is off, and where no Redis is configured', async () => {
    const far = new EngineHarness({ near: false });
    await load(far);
    expect(await explain(far)).toMatchObject({
      near: { kind: 'off' },
      outlook: { kind: 'hit', tier: 'far' },
    });
    const near = new EngineHarness({ memoryMode: true });
    await load(near);
    await near.clock.advance(12_000);
    expect(await explain(near)).toMatchObject({
      far: { kind: 'off' },
      near: { state: 'stale', ttlLeftMs: 0, graceLeftMs: 18_000 },
      outlook: { kind: 'stale', tier: 'near' },
      bus: 'none',
    });
    await near.clock.advance(18_000);
    expect((await explain(near)).outlook).toMatchObject({ kind: 'miss', reason: 'expired' });
  });
});

function put(h: EngineHarness, bytes: Buffer): void {
  h.far.memory.entries.set(h.ref().redisKey, { bytes, untilMs: Infinity });
}
