import { EngineHarness } from '../../../../test/support/engine-harness.js';
import { Gate } from '../../../../test/support/gate.js';
import { SharedMemory } from '../../../../test/support/memory-far.store.js';

const GRACE = { ttl: '10s', grace: '1m', near: false } as const;

async function stale(policy: object = GRACE, options = {}, old: () => unknown = () => 'old') {
  const h = new EngineHarness(options);
  await h.engine.getOrLoad(h.request(old, policy));
  await h.clock.advance(10_001);
  return h;
}

describe('CacheEngine: grace and refresh', () => {
  it('answers an entry past its ttl at once and refreshes it in the background', async () => {
    const h = await stale();
    expect(await h.engine.getOrLoad(h.request(() => 'new', GRACE))).toBe('old');
    await h.background.idle();
    expect(await h.engine.getOrLoad(h.request(() => 'unused', GRACE))).toBe('new');
    expect(h.counters).toMatchObject({ staleServed: 1, refreshes: 1, loads: 2 });
    expect(h.heard).toContainEqual({
      event: 'stale',
      payload: { entry: h.ref(), reason: 'refreshing' },
    });
  });

  it('refreshes once for many callers, in all processes', async () => {
    const memory = new SharedMemory();
    const a = await stale(GRACE, { memory });
    const b = new EngineHarness({ memory, clock: a.clock });
    const gate = new Gate();
    const load = jest.fn(async () => {
      await gate.pass();
      return 'new';
    });
    const read = (h: EngineHarness) => h.engine.getOrLoad(h.request(load, GRACE));
    expect(await Promise.all([read(a), read(a), read(b), read(b), read(a)])).toEqual(
      Array(5).fill('old'),
    );
    gate.open();
    await a.background.idle();
    await b.background.idle();
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('keeps answering it while refreshes fail, until the grace is over', async () => {
    const h = await stale();
    const down = () => Promise.reject(new Error('source down'));
    expect(await h.engine.getOrLoad(h.request(down, GRACE))).toBe('old');
    await h.background.idle();
    expect(h.events).toEqual(expect.arrayContaining(['loadError', 'backgroundError']));
    await h.clock.advance(59_000);
    expect(await h.engine.getOrLoad(h.request(down, GRACE))).toBe('old');
    await h.background.idle();
    await h.clock.advance(1_000);
    await expect(h.engine.getOrLoad(h.request(down, GRACE))).rejects.toThrow('source down');
  });

  it('is never served past an eviction', async () => {
    const h = await stale();
    await h.engine.evict(h.ref());
    const down = () => Promise.reject(new Error('source down'));
    await expect(h.engine.getOrLoad(h.request(down, GRACE))).rejects.toThrow('source down');
  });

  describe('with softTimeout', () => {
    const SOFT = { ...GRACE, softTimeout: '200ms' } as const;
    const NEAR = { ttl: '10s', grace: '1m', softTimeout: '200ms' } as const;

    /** Reads twice while one load is under way that both of them wait for. */
    const readTwice = async (
      h: EngineHarness,
      policy: object,
      fresh: () => unknown,
      between: () => unknown = () => undefined,
    ) => {
      const gate = new Gate();
      const load = jest.fn(async () => {
        if (load.mock.calls.length === 1) await gate.pass();
        return fresh();
      });
      const first = h.engine.getOrLoad(h.request(load, policy));
      await gate.reached;
      await between();
      const second = h.engine.getOrLoad(h.request(load, policy));
      await h.clock.advance(1);
      gate.open();
      return { answers: await Promise.all([first, second]), loads: load.mock.calls.length };
    };

    it('gives each of those who wait for one refresh a value of its own', async () => {
      const h = await stale(NEAR, { memoryMode: true });
      const { answers, loads } = await readTwice(h, NEAR, () => ({ tags: ['new'] }));
      expect(loads).toBe(1);
      expect(answers).toEqual([{ tags: ['new'] }, { tags: ['new'] }]);
      (answers[0] as { tags: string[] }).tags.push('changed by its caller');
      expect(answers[1]).toEqual({ tags: ['new'] });
    });

    it('gives it to one that came after the stamps of others had changed, too', async () => {
      const h = await stale(SOFT);
      const others = h.invalidations.tenant('globex');
      const { answers, loads } = await readTwice(
        h,
        SOFT,
        () => ({ tags: ['new'] }),
        () => h.engine.renewStamp(others),
      );
      expect(loads).toBe(1);
      expect(answers).toEqual([{ tags: ['new'] }, { tags: ['new'] }]);
      (answers[0] as { tags: string[] }).tags.push('changed by its caller');
      expect(answers[1]).toEqual({ tags: ['new'] });
    });

    it('gives a value of its own where another process has loaded it meanwhile', async () => {
      const h = await stale(NEAR, {}, () => ({ at: new Date(1) }));
      const { clock } = h;
      const other = new EngineHarness({ memory: h.far.memory, clock });
      const gate = new Gate();
      const load = () => gate.pass().then(() => ({ at: new Date(2) }));
      const theirs = other.engine.getOrLoad(other.request(load, NEAR));
      await gate.reached;
      const unused = jest.fn();
      const ours = h.engine.getOrLoad(h.request(unused, NEAR)) as ReturnType<typeof load>;
      await clock.advance(1);
      gate.open();
      await theirs;
      await clock.advance(50);
      const { at } = await ours;
      expect(at).toEqual(new Date(2));
      at.setTime(3);
      expect(await h.engine.getOrLoad(h.request(unused, NEAR))).toEqual({ at: new Date(2) });
      expect(unused).not.toHaveBeenCalled();
    });

    it('has each load for itself what cannot be copied', async () => {
      const h = await stale(NEAR, { memoryMode: true });
      const fresh = () => ({ method: () => 'new' });
      const { answers, loads } = await readTwice(h, NEAR, fresh);
      expect(loads).toBe(2);
      expect(answers.map((answer) => (answer as ReturnType<typeof fresh>).method())).toEqual([
        'new',
        'new',
      ]);
      expect(answers[0]).not.toBe(answers[1]);
    });

    it('answers the fresh value when it comes in time', async () => {
      const h = await stale(SOFT);
      expect(await h.engine.getOrLoad(h.request(() => 'new', SOFT))).toBe('new');
      expect(h.counters.staleServed).toBe(0);
    });

    it('answers the older value when the load is slow, and stores the late result', async () => {
      const h = await stale(SOFT);
      const gate = new Gate();
      const slow = h.request(async () => {
        await gate.pass();
        return 'late';
      }, SOFT);
      const call = h.engine.getOrLoad(slow);
      await gate.reached;
      await h.clock.advance(200);
      expect(await call).toBe('old');
      expect(h.heard).toContainEqual({
        event: 'stale',
        payload: { entry: h.ref(), reason: 'slow' },
      });
      gate.open();
      await h.clock.advance(0);
      expect(await h.engine.getOrLoad(h.request(() => 'unused', SOFT))).toBe('late');
    });

    it('answers the older value when the load fails', async () => {
      const h = await stale(SOFT);
      expect(await h.engine.getOrLoad(h.request(() => Promise.reject(new Error('no')), SOFT))).toBe(
        'old',
      );
      expect(h.heard).toContainEqual({
        event: 'stale',
        payload: { entry: h.ref(), reason: 'failed' },
      });
    });

    it('waits for the refresh of another process, and takes its value', async () => {
      const memory = new SharedMemory();
      const a = await stale(SOFT, { memory });
      const b = new EngineHarness({ memory, clock: a.clock });
      const gate = new Gate();
      const inA = a.engine.getOrLoad(
        a.request(async () => {
          await gate.pass();
          return 'by A';
        }, SOFT),
      );
      await gate.reached;
      const inB = b.engine.getOrLoad(b.request(() => 'by B', SOFT));
      await a.clock.advance(50);
      gate.open();
      await a.clock.advance(60);
      expect(await Promise.all([inA, inB])).toEqual(['by A', 'by A']);
      expect(b.counters.loads).toBe(0);
    });
  });

  describe('refreshWithinMs', () => {
    const TEN = { ttl: '10s' } as const;
    const within = { refreshWithinMs: 2_000 };

    it.each([
      ['the near tier', { near: { ttl: '10s' } }],
      ['the far tier', { near: false }],
      ['both, by turns', { near: { ttl: '1s' } }],
    ] as const)('refreshes behind a read with less than this left, from %s', async (_, near) => {
      const h = new EngineHarness();
      const read = (value: string) =>
        h.engine.getOrLoad(h.request(() => value, { ...TEN, ...near }, within));
      await read('v1');
      await h.clock.advance(8_000);
      expect(await read('too early')).toBe('v1');
      await h.clock.advance(1);
      expect(await read('v2')).toBe('v1');
      await h.background.idle();
      expect(await read('unused')).toBe('v2');
      expect(h.counters).toMatchObject({ loads: 2, refreshes: 1, misses: 1 });
    });

    it('does so where no Redis is configured, and as a function of the value says', async () => {
      const h = new EngineHarness({ memoryMode: true });
      const refreshWithinMs = jest.fn((value: unknown) => (value === 'soon' ? 9_000 : 0));
      const read = (value: string) =>
        h.engine.getOrLoad(h.request(() => value, TEN, { refreshWithinMs }));
      await read('soon');
      await h.clock.advance(1_001);
      expect(await read('later')).toBe('soon');
      await h.background.idle();
      await h.clock.advance(9_999);
      expect(await read('unused')).toBe('later');
      await h.background.idle();
      expect(h.counters).toMatchObject({ loads: 2, refreshes: 1 });
      expect(refreshWithinMs.mock.calls).toEqual([['soon'], ['later']]);
    });

    it('loads once where another process has refreshed it meanwhile', async () => {
      const memory = new SharedMemory();
      const a = new EngineHarness({ memory });
      const b = new EngineHarness({ memory, clock: a.clock });
      const policy = { ...TEN, near: { ttl: '10s' } } as const;
      const read = (h: EngineHarness, value: string) =>
        h.engine.getOrLoad(h.request(() => value, policy, within));
      await read(a, 'v1');
      await read(b, 'unused');
      await a.clock.advance(8_001);
      await read(a, 'v2');
      await a.background.idle();
      expect(await read(b, 'unused')).toBe('v1');
      await b.background.idle();
      expect(await read(b, 'unused')).toBe('v2');
      expect(b.counters.loads).toBe(0);
    });

    it('goes on with what there is where the function fails', async () => {
      const h = new EngineHarness();
      const refreshWithinMs = () => {
        throw new Error('no');
      };
      for (const value of ['v1', 'unused']) {
        const request = h.request(() => value, TEN, { refreshWithinMs });
        expect(await h.engine.getOrLoad(request)).toBe('v1');
      }
      expect(h.events).toContain('policyError');
    });
  });

  describe('refreshAhead', () => {
    const AHEAD = { ttl: '10s', refreshAhead: 0.8, near: { ttl: '10s' } } as const;

    it('refreshes behind a read once its share of the ttl has passed, in both tiers', async () => {
      const h = new EngineHarness();
      await h.engine.getOrLoad(h.request(() => 'v1', AHEAD));
      await h.clock.advance(7_999);
      await h.engine.getOrLoad(h.request(() => 'too early', AHEAD));
      expect(h.counters.refreshes).toBe(0);
      await h.clock.advance(1);
      expect(await h.engine.getOrLoad(h.request(() => 'v2', AHEAD))).toBe('v1');
      await h.background.idle();
      expect(await h.engine.getOrLoad(h.request(() => 'unused', AHEAD))).toBe('v2');
      h.near.clear();
      expect(await h.engine.getOrLoad(h.request(() => 'unused', AHEAD))).toBe('v2');
      expect(h.counters).toMatchObject({ loads: 2, refreshes: 1, staleServed: 0 });
    });

    it('refreshes also what is read from the far tier', async () => {
      const h = new EngineHarness();
      const policy = { ...AHEAD, near: false } as const;
      await h.engine.getOrLoad(h.request(() => 'v1', policy));
      await h.clock.advance(9_000);
      expect(await h.engine.getOrLoad(h.request(() => 'v2', policy))).toBe('v1');
      await h.background.idle();
      expect(await h.engine.getOrLoad(h.request(() => 'unused', policy))).toBe('v2');
    });

    it('does not begin without a read', async () => {
      const h = new EngineHarness();
      await h.engine.getOrLoad(h.request(() => 'v1', AHEAD));
      await h.clock.advance(9_999);
      expect(h.counters.refreshes).toBe(0);
      expect(h.clock.pending).toBe(0);
    });
  });

  describe('where no Redis is configured', () => {
    const MEMORY = { memoryMode: true };

    it('holds an entry for its whole ttl, past near.ttl', async () => {
      const h = new EngineHarness(MEMORY);
      const policy = { ttl: '1m', near: { ttl: '1s' } } as const;
      await h.engine.getOrLoad(h.request(() => 'v1', policy));
      await h.clock.advance(59_999);
      expect(await h.engine.getOrLoad(h.request(() => 'v2', policy))).toBe('v1');
      await h.clock.advance(1);
      expect(await h.engine.getOrLoad(h.request(() => 'v2', policy))).toBe('v2');
    });

    it('serves within the grace and refreshes', async () => {
      const h = new EngineHarness(MEMORY);
      const policy = { ttl: '10s', grace: '1m' } as const;
      await h.engine.getOrLoad(h.request(() => 'old', policy));
      await h.clock.advance(10_000);
      expect(await h.engine.getOrLoad(h.request(() => 'new', policy))).toBe('old');
      await h.background.idle();
      expect(await h.engine.getOrLoad(h.request(() => 'unused', policy))).toBe('new');
    });

    it('evicts, sets and puts', async () => {
      const h = new EngineHarness(MEMORY);
      await h.engine.set(
        h.request(() => 0),
        'set',
      );
      expect(await h.engine.getOrLoad(h.request(() => 'unused'))).toBe('set');
      await h.engine.put(h.request(() => 'put'));
      expect(await h.engine.getOrLoad(h.request(() => 'unused'))).toBe('put');
      expect(await h.engine.evict(h.ref())).toBe(true);
      expect(await h.engine.getOrLoad(h.request(() => 'loaded'))).toBe('loaded');
      expect(h.heard).toContainEqual({
        event: 'evict',
        payload: { entry: h.ref(), acknowledged: true },
      });
      expect(h.counters.farErrors).toBe(0);
    });
  });
});
