import { EngineHarness } from '../../../../test/support/engine-harness.js';
import { Gate } from '../../../../test/support/gate.js';
import { SharedMemory } from '../../../../test/support/memory-far.store.js';
import { decodeEntry } from '../codec/envelope.js';
import type { Invalidation } from '../invalidation/invalidation.js';

/** Two processes on one far store, one clock and one bus. */
function twoProcesses() {
  const memory = new SharedMemory();
  const a = new EngineHarness({ memory });
  return { a, b: new EngineHarness({ memory, clock: a.clock }) };
}

/** A load that waits at a gate, for a value that the test names. */
function gated(h: EngineHarness, value: string, extra = {}) {
  const gate = new Gate();
  const load = async () => {
    await gate.pass();
    return value;
  };
  return { gate, call: h.engine.getOrLoad(h.request(load, {}, extra)) };
}

describe('CacheEngine: invalidation by stamp', () => {
  const LEVELS: [string, (h: EngineHarness) => Invalidation][] = [
    ['a tag', (h) => h.invalidations.tag('acme', 'lead:42')],
    ['a cache', (h) => h.invalidations.cache('acme', 'lead', 1)],
    ['a tenant', (h) => h.invalidations.tenant('acme')],
    ['everything', (h) => h.invalidations.all()],
  ];

  describe.each(LEVELS)('of %s', (_level, invalidation) => {
    const tagged = { tags: ['lead:42'] };

    it('is one command, and no entry under it is served again, here or elsewhere', async () => {
      const { a, b } = twoProcesses();
      for (const h of [a, b]) await h.engine.getOrLoad(h.request(() => 'old', {}, tagged));
      a.far.sent.length = 0;
      await a.engine.renewStamp(invalidation(a));
      expect(a.far.sent).toEqual(['renewStamp']);
      expect(await a.engine.getOrLoad(a.request(() => 'new', {}, tagged))).toBe('new');
      expect(await b.engine.getOrLoad(b.request(() => 'unused', {}, tagged))).toBe('new');
      expect(b.events).toContain('remoteInvalidation');
    });

    it('wins over a load in flight, in the same process and in another', async () => {
      for (const other of [false, true]) {
        const { a, b } = twoProcesses();
        const { gate, call } = gated(other ? b : a, 'old', tagged);
        await gate.reached;
        await a.engine.renewStamp(invalidation(a));
        const fresh = [a, b].map((h) => h.engine.getOrLoad(h.request(() => 'new', {}, tagged)));
        gate.open();
        await a.clock.advance(200);
        expect(await call).toBe('old');
        expect(await Promise.all(fresh)).toEqual(['new', 'new']);
        expect(await a.engine.getOrLoad(a.request(() => 'unused', {}, tagged))).toBe('new');
        expect(await b.engine.getOrLoad(b.request(() => 'unused', {}, tagged))).toBe('new');
      }
    });

    it('holds while no Redis is configured, and while it is away', async () => {
      for (const options of [{ memoryMode: true }, {}]) {
        const h = new EngineHarness(options);
        h.far.available = false;
        await h.engine.getOrLoad(h.request(() => 'old', {}, tagged));
        await h.engine.renewStamp(invalidation(h));
        expect(await h.engine.getOrLoad(h.request(() => 'new', {}, tagged))).toBe('new');
      }
    });

    it('made while Redis was away is replayed before Redis is read again', async () => {
      const { a } = twoProcesses();
      await a.engine.getOrLoad(a.request(() => 'old', {}, tagged));
      a.far.available = false;
      await a.engine.renewStamp(invalidation(a));
      expect(a.journal.unacknowledged).toBe(1);
      await a.far.comeBack();
      expect(a.journal.unacknowledged).toBe(0);
      expect(await a.engine.getOrLoad(a.request(() => 'new', {}, tagged))).toBe('new');
      expect(a.counters.outdated).toBe(1);
    });

    it('leaves other tenants, caches and tags alone, as far as it reaches', async () => {
      const { a } = twoProcesses();
      const other = { ref: a.ref('k', 'other tenant') };
      await a.engine.getOrLoad(a.request(() => 'theirs', {}, other));
      await a.engine.renewStamp(invalidation(a));
      const read = await a.engine.getOrLoad(a.request(() => 'loaded anew', {}, other));
      expect(read).toBe(invalidation(a).level === 'all' ? 'loaded anew' : 'theirs');
    });
  });

  it('of a tag of one tenant does not touch the same tag of another, or of the global scope', async () => {
    const h = new EngineHarness();
    const of = (tenant: string | null) =>
      h.request(() => 'v2', {}, { ref: h.ref('k', tenant), tags: ['t'] });
    for (const tenant of ['acme', 'other', null]) {
      await h.engine.getOrLoad({ ...of(tenant), load: () => 'v1' });
    }
    await h.engine.renewStamp(h.invalidations.tag('acme', 't'));
    expect(await h.engine.getOrLoad(of('acme'))).toBe('v2');
    expect(await h.engine.getOrLoad(of('other'))).toBe('v1');
    expect(await h.engine.getOrLoad(of(null))).toBe('v1');
  });

  describe('tags that only the result names', () => {
    const byResult = (h: EngineHarness, load: () => unknown) =>
      h.request(load, {}, { resultTags: (value) => [`lead:${String(value)}`] });

    it('are stored with the entry and invalidate it', async () => {
      const { a, b } = twoProcesses();
      await a.engine.getOrLoad(byResult(a, () => '42'));
      expect(decodeEntry(a.stored() as Buffer)).toMatchObject({
        header: {
          tags: [{ tag: 'lead:42', stamp: a.stamps.get(a.keys.tagStamp('acme', 'lead:42'))?.id }],
        },
      });
      await b.engine.renewStamp(b.invalidations.tag('acme', 'lead:42'));
      expect(await a.engine.getOrLoad(byResult(a, () => '43'))).toBe('43');
    });

    it.each([['here'], ['in another process']])(
      'keep the value from being stored when invalidated %s while it was loaded',
      async (where) => {
        const { a, b } = twoProcesses();
        const gate = new Gate();
        const call = a.engine.getOrLoad(
          byResult(a, async () => {
            await gate.pass();
            return '42';
          }),
        );
        await gate.reached;
        await a.clock.advance(500);
        const evictor = where === 'here' ? a : b;
        await evictor.engine.renewStamp(evictor.invalidations.tag('acme', 'lead:42'));
        gate.open();
        expect(await call).toBe('42');
        expect(a.stored()).toBeUndefined();
        expect(a.near.entries).toBe(0);
        expect(a.leased()).toBe(false);
        expect(a.counters.refusedFills).toBe(1);
      },
    );

    it('that were invalidated long before do not', async () => {
      const { a, b } = twoProcesses();
      await b.engine.renewStamp(b.invalidations.tag('acme', 'lead:42'));
      await a.clock.advance(1_000);
      await a.engine.getOrLoad(byResult(a, () => '42'));
      expect(a.storedJson()).toBe('"42"');
    });
  });

  describe('a stamp that is gone from Redis', () => {
    it('makes what was stored under it a miss, never a hit', async () => {
      const { a, b } = twoProcesses();
      await a.engine.getOrLoad(a.request(() => 'old'));
      a.far.memory.stamps.clear();
      expect(await b.engine.getOrLoad(b.request(() => 'new'))).toBe('new');
      expect(b.counters.outdated).toBe(1);
    });

    it('and made anew by another process does not make the two refuse each other for ever', async () => {
      const { a, b } = twoProcesses();
      await a.engine.getOrLoad(a.request(() => 'v1'));
      a.far.memory.stamps.clear();
      await b.engine.getOrLoad(b.request(() => 'v2'));
      a.near.clear();
      expect(await a.engine.getOrLoad(a.request(() => 'unused'))).toBe('v2');
    });

    it('is asked for again within the hour, so that one in use does not expire', async () => {
      const h = new EngineHarness();
      const read = () => h.engine.getOrLoad(h.request(() => 'v', { ttl: '1d', near: false }));
      await read();
      await h.clock.advance(3_599_000);
      await read();
      expect(h.far.count('stamp')).toBe(3);
      await h.clock.advance(1_000);
      await read();
      expect(h.far.count('stamp')).toBe(6);
    });
  });

  describe('while the bus is not proven', () => {
    it('reads go to Redis with their stamps, and nothing is kept near', async () => {
      const { a, b } = twoProcesses();
      await a.engine.getOrLoad(a.request(() => 'old'));
      a.loseBus();
      await b.engine.renewStamp(b.invalidations.tenant('acme'));
      expect(await a.engine.getOrLoad(a.request(() => 'new'))).toBe('new');
      expect(a.counters.nearHits).toBe(0);
      const before = a.far.count('get');
      await a.engine.getOrLoad(a.request(() => 'unused'));
      expect(a.far.count('get')).toBe(before + 1);
    });

    it('and once it is, the near tier starts empty', async () => {
      const { a, b } = twoProcesses();
      await a.engine.getOrLoad(a.request(() => 'old'));
      a.loseBus();
      await b.engine.evict(b.ref());
      a.regainBus();
      expect(a.near.entries).toBe(0);
      expect(await a.engine.getOrLoad(a.request(() => 'new'))).toBe('new');
    });

    it('the near tier still answers once Redis is away as well', async () => {
      const h = new EngineHarness();
      h.loseBus();
      h.far.available = false;
      const load = jest.fn(() => 'v');
      await h.engine.getOrLoad(h.request(load));
      await h.engine.getOrLoad(h.request(load));
      expect(load).toHaveBeenCalledTimes(1);
    });
  });

  it('is noticed by reads of Redis where no bus is used, and by the near tier within near.ttl', async () => {
    const { a, b } = twoProcesses();
    a.loseBus();
    a.coherence.trusted = true; // what coherence: 'ttl' comes to
    const read = (value: string) =>
      a.engine.getOrLoad(a.request(() => value, { near: { ttl: '5s' } }, { tags: ['t'] }));
    await read('old');
    await b.engine.renewStamp(b.invalidations.tag('acme', 't'));
    expect(await read('unused')).toBe('old');
    await a.clock.advance(5_000);
    expect(await read('new')).toBe('new');
  });

  it('told by another process marks reads of the entry under way', async () => {
    const { a, b } = twoProcesses();
    await b.engine.set(
      b.request(() => 0),
      'old',
    );
    const gate = new Gate();
    a.far.holdAfter('get', gate);
    const reading = a.engine.getOrLoad(a.request(() => 'unused'));
    await gate.reached;
    await b.engine.evict(b.ref());
    gate.open();
    a.far.heal();
    expect(await reading).toBe('old');
    expect(a.near.entries).toBe(0);
    expect(await a.engine.getOrLoad(a.request(() => 'new'))).toBe('new');
  });

  it('is not undone by an answer of Redis that was on its way', async () => {
    const { a } = twoProcesses();
    await a.engine.set(
      a.request(() => 0),
      'old',
    );
    a.near.clear();
    a.stamps.clear();
    const gate = new Gate();
    a.far.holdAfter('stamp', gate);
    const reading = a.engine.getOrLoad(a.request(() => 'new'));
    await gate.reached;
    await a.engine.renewStamp(a.invalidations.tenant('acme'));
    gate.open();
    a.far.heal();
    await reading;
    expect(await a.engine.getOrLoad(a.request(() => 'new'))).toBe('new');
  });
});

describe('CacheEngine: evictions that Redis does not acknowledge', () => {
  it('make Redis count as away until they are replayed', async () => {
    const { a, b } = twoProcesses();
    await a.engine.getOrLoad(a.request(() => 'old'));
    a.far.fail('evict');
    await a.engine.evict(a.ref());
    expect(a.far.suspicions).toEqual(['an eviction was not acknowledged']);
    expect(await a.engine.getOrLoad(a.request(() => 'new'))).toBe('new');
    a.far.heal();
    await a.far.comeBack();
    expect(a.stored()).toBeUndefined();
    expect(await b.engine.getOrLoad(b.request(() => 'new too'))).toBe('new too');
  });

  it('are replayed although Redis had applied and acknowledged them, for a failover may lose them', async () => {
    const { a } = twoProcesses();
    await a.engine.getOrLoad(a.request(() => 'old'));
    const lost = new Map(a.far.memory.entries);
    await a.engine.evict(a.ref());
    a.far.available = false;
    for (const [key, entry] of lost) a.far.memory.entries.set(key, entry);
    await a.far.comeBack();
    expect(await a.engine.getOrLoad(a.request(() => 'new'))).toBe('new');
  });

  it.each<[string, (h: EngineHarness) => Promise<unknown>]>([
    [
      'set',
      (h) =>
        h.engine.set(
          h.request(() => 'unused'),
          'new',
        ),
    ],
    ['put', (h) => h.engine.put(h.request(() => 'new'))],
    [
      'put under a key of its result',
      async (h) => {
        const request = h.request(() => 'unused');
        await h.engine.putResult(request, 'new', await h.engine.beginPut(request));
      },
    ],
  ])(
    'are made for a %s that a failover may lose, and with it what it has replaced',
    async (_how, write) => {
      const { a, b } = twoProcesses();
      await a.engine.getOrLoad(a.request(() => 'old'));
      const lost = new Map(a.far.memory.entries);
      await write(a);
      expect(a.far.suspicions).toEqual([]);
      a.far.available = false;
      for (const [key, entry] of lost) a.far.memory.entries.set(key, entry);
      await a.far.comeBack();
      expect(await a.engine.getOrLoad(a.request(() => 'newer'))).toBe('newer');
      expect(await b.engine.getOrLoad(b.request(() => 'unused'))).toBe('newer');
    },
  );

  it('are replayed for a minute after Redis has acknowledged them, and not longer', async () => {
    const h = new EngineHarness();
    await h.engine.evict(h.ref());
    await h.clock.advance(60_001);
    h.far.available = false;
    h.far.sent.length = 0;
    await h.far.comeBack();
    expect(h.far.sent).toEqual(['readRollouts']);
    expect(h.journal.size).toBe(0);
  });

  it('are kept however long Redis is away', async () => {
    const h = new EngineHarness();
    h.far.available = false;
    await h.engine.evict(h.ref());
    await h.clock.advance(3_600_000);
    await h.far.comeBack();
    expect(h.far.sent).toEqual(['readRollouts', 'evict']);
  });

  it('include writes, so that the value before them does not come back', async () => {
    const { a, b } = twoProcesses();
    await a.engine.set(
      a.request(() => 0),
      'old',
    );
    a.far.available = false;
    await a.engine.set(
      a.request(() => 0),
      'new',
    );
    await a.engine.put(a.request(() => 'newer'));
    expect(await a.engine.getOrLoad(a.request(() => 'unused'))).toBe('newer');
    await a.far.comeBack();
    expect(await b.engine.getOrLoad(b.request(() => 'from the source'))).toBe('from the source');
  });

  it('that come while the journal is replayed are sent at once, so that a stream of them does not keep Redis away', async () => {
    const h = new EngineHarness();
    h.far.available = false;
    await h.engine.evict(h.ref('first'));
    const replaying = new Gate();
    h.far.holdBefore('evict', replaying);
    const back = h.far.comeBack();
    await replaying.reached;
    const evicting = h.engine.evict(h.ref('second'));
    expect(h.far.count('evict')).toBe(2);
    replaying.open();
    await back;
    await evicting;
    expect(h.far.count('evict')).toBe(2);
    expect(h.far.available).toBe(true);
    expect(h.journal.unacknowledged).toBe(0);
  });

  it('that fail while the journal is replayed make Redis count as away again', async () => {
    const h = new EngineHarness();
    h.far.available = false;
    await h.engine.renewStamp(h.invalidations.all());
    const replaying = new Gate();
    h.far.holdBefore('renewStamp', replaying);
    const back = h.far.comeBack();
    await replaying.reached;
    h.far.fail('evict');
    await h.engine.evict(h.ref());
    replaying.open();
    await back;
    expect(h.far.available).toBe(false);
    expect(h.far.suspicions).toEqual(['an eviction was not acknowledged']);
    expect(h.journal.unacknowledged).toBe(1);
  });

  it('coarsen past the bound: entries to their cache, caches to their tenant, tenants to everything', async () => {
    const h = new EngineHarness({ journalItems: 3 });
    const survivor = { ref: h.ref('k', 'quiet tenant') };
    await h.engine.getOrLoad(h.request(() => 'kept', {}, survivor));
    await h.engine.getOrLoad(h.request(() => 'old'));
    h.far.available = false;
    for (let i = 0; i < 10; i += 1) await h.engine.evict(h.ref(`k${i}`));
    expect(h.journal.size).toBeLessThanOrEqual(3);
    await h.far.comeBack();
    expect(await h.engine.getOrLoad(h.request(() => 'new'))).toBe('new');
    expect(await h.engine.getOrLoad(h.request(() => 'unused', {}, survivor))).toBe('kept');

    h.far.available = false;
    for (let i = 0; i < 10; i += 1) await h.engine.evict(h.ref('k', `tenant ${i}`));
    expect(h.journal.size).toBeLessThanOrEqual(3);
    h.far.sent.length = 0;
    await h.far.comeBack();
    expect(h.far.memory.stamps.get(h.keys.globalStamp())?.madeAtMs).toBeGreaterThan(0);
    expect(await h.engine.getOrLoad(h.request(() => 'gone as well', {}, survivor))).toBe(
      'gone as well',
    );
  });
});
