import { EngineHarness } from '../../../../test/support/engine-harness.js';
import { Gate } from '../../../../test/support/gate.js';

/** At most, between two questions for a lease that somebody else has. */
const LONGEST_PAUSE_MS = 50;

const SOFT = { ttl: '1s', grace: '1m', softTimeout: '1s', loadTimeout: '30s' } as const;

/** An entry past its ttl, and a refresh of it under way that its caller has given up to wait for. */
async function refreshing(h: EngineHarness) {
  await h.engine.getOrLoad(h.request(() => 'v1', SOFT));
  await h.clock.advance(1_001);
  const gate = new Gate();
  const slow = async () => {
    await gate.pass();
    return 'v1 again';
  };
  const answer = h.engine.getOrLoad(h.request(slow, SOFT));
  await gate.reached;
  return { gate, answer };
}

describe('CacheEngine: a refresh and who comes to it later', () => {
  it.each<[string, () => { h: EngineHarness; invalidator: EngineHarness }]>([
    [
      'here, without Redis',
      () => {
        const h = new EngineHarness({ memoryMode: true });
        return { h, invalidator: h };
      },
    ],
    [
      'by another process',
      () => {
        const h = new EngineHarness({ usesFar: false });
        const { clock } = h;
        return { h, invalidator: new EngineHarness({ memory: h.far.memory, clock }) };
      },
    ],
  ])('answers nobody after an invalidation %s', async (_, begin) => {
    const { h, invalidator } = begin();
    const { gate, answer } = await refreshing(h);
    await h.clock.advance(1_001);
    expect(await answer).toBe('v1');
    await invalidator.engine.renewStamp(invalidator.invalidations.cache('acme', 'lead', 1));
    expect(await h.engine.getOrLoad(h.request(() => 'v2', SOFT))).toBe('v2');
    await h.clock.advance(1_001);
    const later = h.engine.getOrLoad(h.request(() => 'v3', SOFT));
    gate.open();
    expect(await later).toBe('v3');
  });

  it('begins anew in the background after an invalidation', async () => {
    const policy = { ttl: '1s', grace: '1m' } as const;
    const h = new EngineHarness({ memoryMode: true });
    await h.engine.getOrLoad(h.request(() => 'v1', policy));
    await h.clock.advance(1_001);
    const gate = new Gate();
    await h.engine.getOrLoad(h.request(() => gate.pass(), policy));
    await h.engine.renewStamp(h.invalidations.cache('acme', 'lead', 1));
    await h.engine.getOrLoad(h.request(() => 'v2', policy));
    await h.clock.advance(1_001);
    expect(await h.engine.getOrLoad(h.request(() => 'v3', policy))).toBe('v2');
    await h.clock.advance(0);
    expect(await h.engine.getOrLoad(h.request(() => 'v4', policy))).toBe('v3');
    gate.open();
  });

  it.each([
    ['evicted', (h: EngineHarness) => h.engine.evict(h.ref())],
    ['invalidated', (h: EngineHarness) => h.engine.renewStamp(h.invalidations.tenant('acme'))],
    [
      'evicted by another process',
      ({ far: { memory }, clock }: EngineHarness) => {
        const other = new EngineHarness({ memory, clock });
        return other.engine.evict(other.ref());
      },
    ],
  ])('serves no older value that was %s meanwhile to who waits for it', async (_, end) => {
    const h = new EngineHarness();
    const { gate, answer } = await refreshing(h);
    await end(h);
    await h.clock.advance(1_001);
    gate.open();
    await h.clock.advance(LONGEST_PAUSE_MS);
    expect(await answer).toBe('v1 again');
    expect(h.counters.staleServed).toBe(0);
  });

  it('serves no older value to who waits for it once another was set', async () => {
    const h = new EngineHarness({ memoryMode: true });
    const { gate, answer } = await refreshing(h);
    await h.engine.set(
      h.request(() => 'unused', { ...SOFT, ttl: '1h' }),
      'v2',
    );
    await h.clock.advance(1_001);
    expect(await answer).toBe('v2');
    expect(h.counters).toMatchObject({ staleServed: 0, loads: 2 });
    gate.open();
  });

  it('is joined although an earlier one, of an older entry, ends meanwhile', async () => {
    const h = new EngineHarness({ memoryMode: true });
    const { gate, answer } = await refreshing(h);
    await h.clock.advance(1_001);
    expect(await answer).toBe('v1');
    await h.engine.set(
      h.request(() => 'unused', SOFT),
      'v2',
    );
    await h.clock.advance(1_001);
    const second = new Gate();
    const read = () => h.engine.getOrLoad(h.request(() => second.pass().then(() => 'v3'), SOFT));
    const first = read();
    await second.reached;
    gate.open();
    await h.clock.advance(0);
    const later = read();
    await h.clock.advance(0);
    second.open();
    expect(await Promise.all([first, later])).toEqual(['v3', 'v3']);
    expect(second.arrivals).toBe(1);
  });

  it.each([
    ['evicted', (h: EngineHarness) => h.engine.evict(h.ref())],
    ['invalidated', (h: EngineHarness) => h.engine.renewStamp(h.invalidations.tenant('acme'))],
  ])('has all who wait share one load once the entry was %s', async (_, end) => {
    for (const memoryMode of [true, false]) {
      const h = new EngineHarness({ memoryMode });
      const { gate, answer } = await refreshing(h);
      const load = jest.fn(() => 'v2');
      const others = [1, 2, 3].map(() => h.engine.getOrLoad(h.request(load, SOFT)));
      await h.clock.advance(0);
      await end(h);
      await h.clock.advance(1_001);
      gate.open();
      await h.clock.advance(LONGEST_PAUSE_MS);
      // What it gives is stored.
      const later = h.engine.getOrLoad(h.request(load, SOFT));
      expect(new Set(await Promise.all([answer, ...others, later]))).toHaveProperty('size', 1);
      expect(gate.arrivals + load.mock.calls.length).toBe(2);
      expect(h.counters.staleServed).toBe(0);
    }
  });

  it('serves no older value that another process evicted before the reply with it came', async () => {
    const h = new EngineHarness();
    const other = new EngineHarness({ memory: h.far.memory, clock: h.clock });
    await h.engine.getOrLoad(h.request(() => 'v1', SOFT));
    await h.clock.advance(1_001);
    const [reply, load] = [new Gate(), new Gate()];
    h.far.holdAfter('get', reply);
    const answer = h.engine.getOrLoad(
      h.request(async () => {
        await load.pass();
        return 'v2';
      }, SOFT),
    );
    await reply.reached;
    await other.engine.evict(other.ref());
    reply.open();
    await load.reached;
    await h.clock.advance(1_001);
    load.open();
    await h.clock.advance(LONGEST_PAUSE_MS);
    expect(await answer).toBe('v2');
    expect(h.counters.staleServed).toBe(0);
  });

  it.each([true, false])(
    'serves the older value past softTimeout while a put has yet to change it (in memory: %p)',
    async (memoryMode) => {
      const h = new EngineHarness({ memoryMode });
      const { gate, answer } = await refreshing(h);
      const method = new Gate();
      const putting = h.engine.put(h.request(() => method.pass(), SOFT));
      await method.reached;
      await h.clock.advance(1_001);
      expect(await answer).toBe('v1');
      expect(h.counters).toMatchObject({ refreshes: 1, staleServed: 1 });
      method.open();
      gate.open();
      await putting;
    },
  );

  it('serves it no more once the put has', async () => {
    const h = new EngineHarness({ memoryMode: true });
    const { gate, answer } = await refreshing(h);
    await h.engine.put(h.request(() => 'v2', { ...SOFT, ttl: '1m' }));
    await h.clock.advance(1_001);
    expect(await answer).toBe('v2');
    expect(h.counters.staleServed).toBe(0);
    gate.open();
  });

  it('serves what was stored since, past its ttl as well, where its load fails', async () => {
    const policy = { ...SOFT, ttl: '20ms' } as const;
    const h = new EngineHarness();
    const other = new EngineHarness({ memory: h.far.memory, clock: h.clock });
    await h.engine.getOrLoad(h.request(() => 'v1', policy));
    await h.clock.advance(21);
    const reply = new Gate();
    h.far.holdAfter('get', reply);
    const load = jest.fn(() => Promise.reject(new Error('source down')));
    const answer = h.engine.getOrLoad(h.request(load, policy));
    await reply.reached;
    await other.engine.evict(other.ref());
    await other.engine.getOrLoad(other.request(() => 'v2', policy));
    await h.clock.advance(21);
    reply.open();
    expect(await answer).toBe('v2');
    expect(load).toHaveBeenCalledTimes(2);
  });

  describe('whose value no other caller can use', () => {
    /** A second caller, who loads for itself once the refresh of the first has ended. */
    async function loadingForItself(
      h: EngineHarness,
      load: () => Promise<unknown>,
      meanwhile: () => unknown = () => undefined,
    ) {
      await h.engine.getOrLoad(h.request(() => 'old', SOFT));
      await h.clock.advance(1_001);
      const gate = new Gate();
      const uncopyable = async () => {
        await gate.pass();
        return { log: () => undefined };
      };
      const first = h.engine.getOrLoad(h.request(uncopyable, SOFT));
      await gate.reached;
      const second = h.engine.getOrLoad(h.request(load, SOFT));
      await h.clock.advance(0);
      await meanwhile();
      gate.open();
      await first;
      return second;
    }

    it.each([
      ['evicted', (h: EngineHarness) => h.engine.evict(h.ref())],
      ['invalidated', (h: EngineHarness) => h.engine.renewStamp(h.invalidations.tenant('acme'))],
    ])('serves no older value that was %s while they loaded their own', async (_, end) => {
      const h = new EngineHarness({ memoryMode: true });
      const gate = new Gate();
      let loads = 0;
      const load = async () => {
        if (++loads > 1) return 'new';
        await gate.pass();
        throw new Error('source down');
      };
      const answer = loadingForItself(h, load);
      await gate.reached;
      await end(h);
      gate.open();
      expect(await answer).toBe('new');
      expect(h.counters.staleServed).toBe(0);
    });

    it('answers the older one past softTimeout in all', async () => {
      const h = new EngineHarness({ memoryMode: true });
      const gate = new Gate();
      const answer = loadingForItself(h, () => gate.pass());
      await gate.reached;
      await h.clock.advance(1_001);
      expect(await answer).toBe('old');
      gate.open();
    });

    it('begins no load for who was answered by then', async () => {
      const h = new EngineHarness({ memoryMode: true });
      const load = jest.fn(() => Promise.resolve('new'));
      expect(await loadingForItself(h, load, () => h.clock.advance(1_001))).toBe('old');
      await h.clock.advance(0);
      expect(load).not.toHaveBeenCalled();
    });

    it('answers the older one where there is no room for a flight more', async () => {
      const h = new EngineHarness({ memoryMode: true, maxFlights: 1 });
      const [put, load] = [new Gate(), jest.fn()];
      const request = h.request(() => put.pass(), {}, { ref: h.ref('other') });
      let putting: Promise<unknown> | undefined;
      const answer = loadingForItself(h, load, () => {
        putting = h.engine.put(request);
      });
      expect(await answer).toBe('old');
      expect(load).not.toHaveBeenCalled();
      put.open();
      await putting;
    });
  });

  it('is known once to what runs in the background, and fails once', async () => {
    const policy = { ttl: '10m', refreshAhead: 0.1 } as const;
    const h = new EngineHarness();
    await h.engine.getOrLoad(h.request(() => 1, policy));
    await h.clock.advance(61_000);
    const gate = new Gate();
    const load = async () => {
      await gate.pass();
      throw new Error('source down');
    };
    for (let hit = 0; hit < 100; hit += 1) await h.engine.getOrLoad(h.request(load, policy));
    gate.open();
    await h.background.idle();
    expect(gate.arrivals).toBe(1);
    expect(h.events.filter((event) => event === 'backgroundError')).toHaveLength(1);
  });

  it('is not waited for by its own load', async () => {
    const h = new EngineHarness({ memoryMode: true });
    await h.engine.getOrLoad(h.request(() => 'old', SOFT));
    await h.clock.advance(1_001);
    const load = async () => {
      await Promise.resolve();
      return `new of ${String(await h.engine.getOrLoad(h.request(() => 'inner', SOFT)))}`;
    };
    expect(await h.engine.getOrLoad(h.request(load, SOFT))).toBe('new of inner');
  });

  it('is not begun where there is no room for its flight', async () => {
    const h = new EngineHarness({ memoryMode: true, maxFlights: 1 });
    const [one, other] = [h.ref('one'), h.ref('other')];
    for (const ref of [one, other]) await h.engine.getOrLoad(h.request(() => 'old', SOFT, { ref }));
    await h.clock.advance(1_001);
    const gate = new Gate();
    const waiting = h.engine.getOrLoad(h.request(() => gate.pass(), SOFT, { ref: one }));
    await gate.reached;
    expect(await h.engine.getOrLoad(h.request(() => 'new', SOFT, { ref: other }))).toBe('old');
    gate.open();
    await waiting;
  });

  it('is not begun in the background where there is no room for its flight', async () => {
    const policy = { ttl: '1s', grace: '1m' } as const;
    const h = new EngineHarness({ memoryMode: true, maxFlights: 1 });
    const [one, other] = [h.ref('one'), h.ref('other')];
    for (const ref of [one, other]) {
      await h.engine.getOrLoad(h.request(() => 'old', policy, { ref }));
    }
    await h.clock.advance(1_001);
    const gate = new Gate();
    await h.engine.getOrLoad(h.request(() => gate.pass(), policy, { ref: one }));
    await gate.reached;
    const load = jest.fn(() => 'new');
    expect(await h.engine.getOrLoad(h.request(load, policy, { ref: other }))).toBe('old');
    gate.open();
    await h.background.idle();
    expect(load).not.toHaveBeenCalled();
  });
});
