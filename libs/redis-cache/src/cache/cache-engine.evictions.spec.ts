import { EngineHarness } from '../../../../test/support/engine-harness.js';
import { Gate } from '../../../../test/support/gate.js';
import { SharedMemory } from '../../../../test/support/memory-far.store.js';

/** Two processes on one far store and one clock. */
function twoProcesses() {
  const memory = new SharedMemory();
  const a = new EngineHarness({ memory });
  return { a, b: new EngineHarness({ memory, clock: a.clock }) };
}

describe('CacheEngine: evictions and writes', () => {
  it('removes an entry from both tiers and says whether it was there', async () => {
    const h = new EngineHarness();
    await h.engine.set(
      h.request(() => 0),
      'v',
    );
    expect(await h.engine.evict(h.ref())).toBe(true);
    expect(h.stored()).toBeUndefined();
    expect(h.near.entries).toBe(0);
    expect(await h.engine.evict(h.ref())).toBe(false);
    expect(h.heard.filter(({ event }) => event === 'evict')).toEqual(
      Array(2).fill({ event: 'evict', payload: { entry: h.ref(), acknowledged: true } }),
    );
  });

  it('wins over a load in flight in the same process', async () => {
    const h = new EngineHarness();
    const gate = new Gate();
    const old = h.engine.getOrLoad(
      h.request(async () => {
        await gate.pass();
        return 'old';
      }),
    );
    await gate.reached;
    await h.engine.evict(h.ref());
    const fresh = h.engine.getOrLoad(h.request(() => 'new'));
    expect(await fresh).toBe('new');
    gate.open();
    expect(await old).toBe('old');
    expect(h.counters.refusedFills).toBe(1);
    expect(await h.engine.getOrLoad(h.request(() => 'unused'))).toBe('new');
    h.near.clear();
    expect(await h.engine.getOrLoad(h.request(() => 'unused'))).toBe('new');
  });

  it.each([false, true])(
    'wins over a load in flight beside which a shorter flight has ended (Redis: %s)',
    async (withRedis) => {
      const h = new EngineHarness({ memoryMode: !withRedis });
      if (withRedis) h.far.available = false;
      const gate = new Gate();
      const old = h.engine.getOrLoad(
        h.request(async () => {
          await gate.pass();
          return 'old';
        }),
      );
      await gate.reached;
      const { ref, policy } = h.request(() => 'unused');
      expect(await h.engine.get(ref, policy)).toEqual({ kind: 'miss' });
      await h.engine.evict(ref);
      gate.open();
      expect(await old).toBe('old');
      expect(h.near.entries).toBe(0);
      expect(h.flights.size).toBe(0);
    },
  );

  it('wins over a load in flight in another process', async () => {
    const { a, b } = twoProcesses();
    const gate = new Gate();
    const old = b.engine.getOrLoad(
      b.request(async () => {
        await gate.pass();
        return 'old';
      }),
    );
    await gate.reached;
    await a.engine.evict(a.ref());
    gate.open();
    expect(await old).toBe('old');
    expect(b.stored()).toBeUndefined();
    expect(b.near.entries).toBe(0);
    expect(b.events).toContain('fillRefused');
    expect(await b.engine.getOrLoad(b.request(() => 'new'))).toBe('new');
    expect(await a.engine.getOrLoad(a.request(() => 'unused'))).toBe('new');
  });

  it('wins over a fill whose command comes late, after the eviction', async () => {
    const h = new EngineHarness();
    const gate = new Gate();
    h.far.holdBefore('fill', gate);
    const old = h.engine.getOrLoad(h.request(() => 'old'));
    await gate.reached;
    await h.engine.evict(h.ref());
    gate.open();
    await old;
    expect(h.stored()).toBeUndefined();
    expect(h.near.entries).toBe(0);
  });

  it('wins over a read of the far tier that met the entry before it went', async () => {
    const { a, b } = twoProcesses();
    await a.engine.set(
      a.request(() => 0),
      'old',
    );
    const gate = new Gate();
    b.far.holdAfter('get', gate);
    const read = b.engine.getOrLoad(b.request(() => 'unused'));
    await gate.reached;
    await b.engine.evict(b.ref());
    gate.open();
    b.far.heal();
    expect(await read).toBe('old');
    expect(b.near.entries).toBe(0);
    expect(await b.engine.getOrLoad(b.request(() => 'new'))).toBe('new');
  });

  it('wins over a read that began while the eviction was on its way', async () => {
    const { a, b } = twoProcesses();
    await a.engine.set(
      a.request(() => 0),
      'old',
    );
    const evictOnItsWay = new Gate();
    b.far.holdBefore('evict', evictOnItsWay);
    const evicting = b.engine.evict(b.ref());
    await evictOnItsWay.reached;
    // It reads the old value, for the eviction has not arrived; and keeps it for the moment.
    expect(await b.engine.getOrLoad(b.request(() => 'unused'))).toBe('old');
    evictOnItsWay.open();
    await evicting;
    expect(b.near.entries).toBe(0);
    expect(await b.engine.getOrLoad(b.request(() => 'new'))).toBe('new');
  });

  it('wins over a refresh in the background', async () => {
    const h = new EngineHarness();
    const policy = { ttl: '10s', refreshAhead: 0.5, near: { ttl: '10s' } } as const;
    await h.engine.getOrLoad(h.request(() => 'old', policy));
    await h.clock.advance(6_000);
    const gate = new Gate();
    const refresh = h.request(async () => {
      await gate.pass();
      return 'refreshed from old data';
    }, policy);
    expect(await h.engine.getOrLoad(refresh)).toBe('old');
    await gate.reached;
    await h.engine.evict(h.ref());
    gate.open();
    await h.background.idle();
    expect(h.stored()).toBeUndefined();
    expect(h.near.entries).toBe(0);
  });

  it('lets a refresh of the new entry begin while one of the old entry still runs', async () => {
    const h = new EngineHarness();
    const policy = { ttl: '10s', refreshAhead: 0.5, near: { ttl: '10s' } } as const;
    await h.engine.getOrLoad(h.request(() => 'old', policy));
    await h.clock.advance(6_000);
    const gate = new Gate();
    await h.engine.getOrLoad(
      h.request(async () => {
        await gate.pass();
        return 'old refreshed';
      }, policy),
    );
    await gate.reached;
    await h.engine.evict(h.ref());
    await h.engine.getOrLoad(h.request(() => 'new', policy));
    await h.clock.advance(6_000);
    expect(await h.engine.getOrLoad(h.request(() => 'new refreshed', policy))).toBe('new');
    await h.clock.advance(0);
    expect(await h.engine.getOrLoad(h.request(() => 'unused', policy))).toBe('new refreshed');
    gate.open();
    await h.background.idle();
    expect(await h.engine.getOrLoad(h.request(() => 'unused', policy))).toBe('new refreshed');
  });

  it('holds against a hundred reads that begin while it is under way', async () => {
    const h = new EngineHarness();
    const gate = new Gate();
    const oldReads = Array.from({ length: 100 }, () =>
      h.engine.getOrLoad(
        h.request(async () => {
          await gate.pass();
          return 'old';
        }),
      ),
    );
    await gate.reached;
    const evicted = h.engine.evict(h.ref());
    gate.open();
    await evicted;
    await Promise.all(oldReads);
    expect(await h.engine.getOrLoad(h.request(() => 'new'))).toBe('new');
  });

  describe('set', () => {
    it('replaces the entry for every process', async () => {
      const { a, b } = twoProcesses();
      await a.engine.set(
        a.request(() => 0),
        'v1',
      );
      await b.engine.set(
        b.request(() => 0),
        'v2',
      );
      a.near.clear();
      expect(await a.engine.getOrLoad(a.request(() => 'unused'))).toBe('v2');
      expect(a.leased()).toBe(false);
    });

    it('wins over a load in flight', async () => {
      const h = new EngineHarness();
      const gate = new Gate();
      const old = h.engine.getOrLoad(
        h.request(async () => {
          await gate.pass();
          return 'old';
        }),
      );
      await gate.reached;
      await h.engine.set(
        h.request(() => 0),
        'new',
      );
      gate.open();
      await old;
      expect(await h.engine.getOrLoad(h.request(() => 'unused'))).toBe('new');
      h.near.clear();
      expect(await h.engine.getOrLoad(h.request(() => 'unused'))).toBe('new');
    });

    /** Begins a set whose command of this kind is held. */
    const heldAt = async (h: EngineHarness, operation: 'fill' | 'store') => {
      const gate = new Gate();
      h.far.holdBefore(operation, gate);
      const setting = h.engine.set(
        h.request(() => 0),
        'old',
      );
      await gate.reached;
      return () => {
        gate.open();
        return setting;
      };
    };

    it('loses against an eviction that came while it was on its way', async () => {
      const h = new EngineHarness({ keepsOrder: false });
      const letGo = await heldAt(h, 'fill');
      await h.engine.evict(h.ref());
      await letGo();
      expect(h.stored()).toBeUndefined();
      expect(h.near.entries).toBe(0);
    });

    it('loses against an eviction that is sent behind it', async () => {
      const h = new EngineHarness();
      const letGo = await heldAt(h, 'store');
      const evicting = h.engine.evict(h.ref());
      await letGo();
      expect(await evicting).toBe(true);
      expect(h.stored()).toBeUndefined();
      expect(h.near.entries).toBe(0);
    });

    it('refuses what cannot be carried, and names where', async () => {
      const h = new EngineHarness();
      await expect(
        h.engine.set(
          h.request(() => 0),
          { call: () => 1 },
        ),
      ).rejects.toMatchObject({
        name: 'UncacheableValueError',
        code: 'UNCACHEABLE_VALUE',
        path: 'value.call',
      });
    });

    it('with a ttl of 0, or a value too large, leaves no earlier value behind', async () => {
      const h = new EngineHarness();
      await h.engine.set(
        h.request(() => 0),
        'earlier',
      );
      await h.engine.set(
        h.request(() => 0, { ttl: 0 }),
        'later',
      );
      expect(h.stored()).toBeUndefined();
      await h.engine.set(
        h.request(() => 0),
        'earlier',
      );
      await h.engine.set(
        h.request(() => 0, { maxBytes: 3 }),
        'too large',
      );
      expect(h.stored()).toBeUndefined();
      expect(h.near.entries).toBe(0);
    });
  });

  describe('put', () => {
    it('runs the method each time and stores its result', async () => {
      const h = new EngineHarness();
      await h.engine.set(
        h.request(() => 0),
        'old',
      );
      expect(await h.engine.put(h.request(() => 'new'))).toBe('new');
      expect(await h.engine.getOrLoad(h.request(() => 'unused'))).toBe('new');
      expect(h.leased()).toBe(false);
    });

    it('passes on the error of the method and leaves the entry as it was', async () => {
      const h = new EngineHarness();
      await h.engine.set(
        h.request(() => 0),
        'old',
      );
      const error = new Error('constraint');
      await expect(h.engine.put(h.request(() => Promise.reject(error)))).rejects.toBe(error);
      expect(h.leased()).toBe(false);
      expect(await h.engine.getOrLoad(h.request(() => 'unused'))).toBe('old');
    });

    it('refuses a load that began before it, in any process', async () => {
      const { a, b } = twoProcesses();
      const gate = new Gate();
      const old = b.engine.getOrLoad(
        b.request(async () => {
          await gate.pass();
          return 'old';
        }),
      );
      await gate.reached;
      await a.engine.put(a.request(() => 'new'));
      gate.open();
      await old;
      b.near.clear();
      expect(await b.engine.getOrLoad(b.request(() => 'unused'))).toBe('new');
    });

    it('evicts instead of guessing when two puts of one entry overlap, in one process or two', async () => {
      for (const [first, second] of [
        twoProcesses(),
        ((h) => ({ a: h, b: h }))(new EngineHarness()),
      ].map(({ a, b }) => [a, b] as const)) {
        const gate = new Gate();
        const slow = first.engine.put(
          first.request(async () => {
            await gate.pass();
            return 'written first or second?';
          }),
        );
        await gate.reached;
        await second.engine.put(second.request(() => 'written in between'));
        gate.open();
        await slow;
        expect(first.stored()).toBeUndefined();
        expect(first.near.entries).toBe(0);
        expect(await first.engine.getOrLoad(first.request(() => 'from the source'))).toBe(
          'from the source',
        );
      }
    });

    it('is not served stale by a reader who waits for it', async () => {
      const { a, b } = twoProcesses();
      const gate = new Gate();
      const putting = a.engine.put(
        a.request(async () => {
          await gate.pass();
          return 'new';
        }),
      );
      await gate.reached;
      const reading = b.engine.getOrLoad(b.request(() => 'loaded for itself'));
      await a.clock.advance(10);
      gate.open();
      await a.clock.advance(100);
      expect(await Promise.all([putting, reading])).toEqual(['new', 'new']);
    });

    it('leaves no earlier value behind when its result is not to be stored', async () => {
      const h = new EngineHarness();
      await h.engine.set(
        h.request(() => 0),
        'old',
      );
      await h.engine.put(h.request(() => 'deleted', {}, { unless: () => true }));
      expect(h.stored()).toBeUndefined();
      expect(await h.engine.put(h.request(() => () => 'a function'))).toBeInstanceOf(Function);
      expect(h.stored()).toBeUndefined();
    });
  });

  describe('put of a result that names its own key', () => {
    const written = (h: EngineHarness, value: unknown) => ({
      request: h.request(() => value),
      before: () => h.engine.beginPut(h.request(() => undefined, {}, { ref: h.ref('') })),
    });

    it('stores it', async () => {
      const h = new EngineHarness();
      const { request, before } = written(h, 'new');
      await h.engine.putResult(request, 'new', await before());
      expect(await h.engine.getOrLoad(h.request(() => 'unused'))).toBe('new');
      expect(h.leased()).toBe(false);
    });

    it.each<[string, (a: EngineHarness, b: EngineHarness) => Promise<unknown>]>([
      ['evicted here', (a) => a.engine.evict(a.ref())],
      ['evicted elsewhere', (_a, b) => b.engine.evict(b.ref())],
      [
        'set here',
        (a) =>
          a.engine.set(
            a.request(() => 0),
            'other',
          ),
      ],
      [
        'set elsewhere',
        (_a, b) =>
          b.engine.set(
            b.request(() => 0),
            'other',
          ),
      ],
      ['invalidated by a stamp here', (a) => a.engine.renewStamp(a.invalidations.tenant('acme'))],
      ['invalidated by a stamp elsewhere', (_a, b) => b.engine.renewStamp(b.invalidations.all())],
    ])('evicts instead when the entry was %s while the method ran', async (_how, meanwhile) => {
      const { a, b } = twoProcesses();
      const { request, before } = written(a, 'old by now');
      const begun = await before();
      await meanwhile(a, b);
      await a.engine.putResult(request, 'old by now', begun);
      expect(await a.engine.getOrLoad(a.request(() => 'from the source'))).toBe('from the source');
      expect(await b.engine.getOrLoad(b.request(() => 'unused'))).toBe('from the source');
    });

    it('evicts instead when it cannot be known, for the bus is silent or was', async () => {
      const { a } = twoProcesses();
      const { request, before } = written(a, 'maybe old');
      const begun = await before();
      a.loseBus();
      await a.engine.putResult(request, 'maybe old', begun);
      expect(a.stored()).toBeUndefined();
      a.regainBus();
      await a.engine.putResult(request, 'maybe old', begun);
      expect(a.stored()).toBeUndefined();
      await a.engine.putResult(request, 'new', await before());
      expect(a.storedJson()).toBe('"new"');
    });
  });
});
