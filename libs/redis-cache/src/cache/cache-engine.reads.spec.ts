import { AsyncLocalStorage } from 'node:async_hooks';
import { EngineHarness } from '../../../../test/support/engine-harness.js';
import { FakeClock } from '../../../../test/support/fake-clock.js';
import { Gate } from '../../../../test/support/gate.js';
import { SharedMemory } from '../../../../test/support/memory-far.store.js';
import { decodeEntry } from '../codec/envelope.js';
import type { NearEntry } from '../stores/near-node.js';
import { runWithTenant, currentTenant } from '../tenancy/tenant-context.js';

describe('CacheEngine: reads and loads', () => {
  it('loads on the first call, stores in both tiers, and answers from this process after it', async () => {
    const h = new EngineHarness();
    const load = jest.fn(() => ({ name: 'Ada' }));

    expect(await h.engine.getOrLoad(h.request(load))).toEqual({ name: 'Ada' });
    expect(await h.engine.getOrLoad(h.request(load))).toEqual({ name: 'Ada' });

    expect(load).toHaveBeenCalledTimes(1);
    expect(h.far.sent).toEqual(['get', 'stamp', 'stamp', 'stamp', 'acquire', 'fill']);
    expect(h.leased()).toBe(false);
    expect(h.counters).toMatchObject({ misses: 1, loads: 1, fills: 1, nearHits: 1, farHits: 0 });
  });

  it('answers from the far tier what another process stored, with one command once it knows the stamps', async () => {
    const memory = new SharedMemory();
    const a = new EngineHarness({ memory });
    const b = new EngineHarness({ memory, clock: a.clock });
    await a.engine.getOrLoad(a.request(() => [1, 2]));

    const load = jest.fn();
    expect(await b.engine.getOrLoad(b.request(load))).toEqual([1, 2]);
    expect(load).not.toHaveBeenCalled();
    expect(b.far.sent).toEqual(['get', 'stamp', 'stamp', 'stamp']);
    b.near.clear();
    expect(await b.engine.getOrLoad(b.request(load))).toEqual([1, 2]);
    expect(b.far.sent.slice(4)).toEqual(['get']);
    expect(b.counters).toMatchObject({ farHits: 2, misses: 0 });
  });

  it('writes a header that says when the entry was made and how long it may be used', async () => {
    const h = new EngineHarness({ serverOffsetMs: 5_000 });
    const now = h.clock.nowMs() + 5_000;
    await h.engine.getOrLoad(h.request(() => 'v', { ttl: '1m', grace: '30s' }));
    expect(decodeEntry(h.stored() as Buffer)).toMatchObject({
      kind: 'entry',
      header: {
        createdAtMs: now,
        freshUntilMs: now + 60_000,
        usableUntilMs: now + 90_000,
        tags: [],
      },
    });
  });

  it('serves an entry from this process no longer than near.ttl, then asks the far tier again', async () => {
    const h = new EngineHarness();
    const request = h.request(() => 1, { near: { ttl: '2s' } });
    await h.engine.getOrLoad(request);
    await h.clock.advance(1_999);
    await h.engine.getOrLoad(request);
    expect(h.far.count('get')).toBe(1);
    await h.clock.advance(1);
    await h.engine.getOrLoad(request);
    expect(h.far.count('get')).toBe(2);
    expect(h.counters).toMatchObject({ loads: 1, farHits: 1 });
  });

  it('never serves an entry from this process longer than it lives in the far tier', async () => {
    const memory = new SharedMemory();
    const a = new EngineHarness({ memory });
    const b = new EngineHarness({ memory, clock: a.clock });
    await a.engine.getOrLoad(a.request(() => 'v1', { ttl: '10s' }));
    await a.clock.advance(9_500);
    await b.engine.getOrLoad(b.request(() => 'unused', { ttl: '10s' }));
    await a.clock.advance(500);
    expect(await b.engine.getOrLoad(b.request(() => 'v2', { ttl: '10s' }))).toBe('v2');
  });

  it('leaves the near tier out where the policy says so', async () => {
    const h = new EngineHarness();
    const request = h.request(() => 1, { near: false });
    await h.engine.getOrLoad(request);
    await h.engine.getOrLoad(request);
    expect(h.near.entries).toBe(0);
    expect(h.counters).toMatchObject({ nearHits: 0, farHits: 1 });
  });

  it.each([null, undefined, 0, '', false, NaN])(
    'caches %p as a result like any other',
    async (value) => {
      const h = new EngineHarness();
      const load = jest.fn(() => value);
      expect(await h.engine.getOrLoad(h.request(load))).toBe(value);
      expect(await h.engine.getOrLoad(h.request(load))).toBe(value);
      expect(load).toHaveBeenCalledTimes(1);
    },
  );

  it('gives each caller a value of its own: changing it changes neither cache nor the others', async () => {
    const h = new EngineHarness();
    const original = { tags: ['a'] };
    const request = h.request(() => original);
    const [first, joined] = (await Promise.all([
      h.engine.getOrLoad(request),
      h.engine.getOrLoad(request),
    ])) as { tags: string[] }[];
    first?.tags.push('changed by the leader');
    joined?.tags.push('changed by one who joined');
    original.tags.push('changed by the loader itself');
    const hit = (await h.engine.getOrLoad(request)) as { tags: string[] };
    expect(hit).toEqual({ tags: ['a'] });
    hit.tags.push('changed on a hit');
    expect(await h.engine.getOrLoad(request)).toEqual({ tags: ['a'] });
  });

  it('hands out one frozen object where the policy shares it, on the miss as on hits', async () => {
    const h = new EngineHarness();
    const original = { deep: { list: [1] } };
    const request = h.request(() => original, { near: { share: true } });
    const miss = (await h.engine.getOrLoad(request)) as typeof original;
    const hit = (await h.engine.getOrLoad(request)) as typeof original;
    expect(hit).toBe(miss);
    expect(Object.isFrozen(hit.deep.list)).toBe(true);
    expect(Object.isFrozen(original)).toBe(false);
  });

  it('answers hits of a shared object with one promise, which holds nothing of its caller', async () => {
    const h = new EngineHarness();
    const request = h.request(() => ({ id: 1 }), { near: { share: true } });
    await h.engine.getOrLoad(request);
    const calls = new AsyncLocalStorage<object>();
    const call = { id: 'the second hit' };

    // One that is hit once is not worth a promise that lasts.
    const first = h.engine.getOrLoad(request);
    const hit = calls.run(call, () => h.engine.getOrLoad(request));

    // Where Node keeps the context of a promise on the promise itself, it is seen there.
    const kept = Object.getOwnPropertySymbols(hit).map(
      (symbol) => (hit as unknown as Record<symbol, unknown>)[symbol],
    );
    expect(kept).not.toContain(call);
    expect(hit).not.toBe(first);
    expect(h.engine.getOrLoad(request)).toBe(hit);
    await h.engine.evict(request.ref);
    expect(h.engine.getOrLoad(request)).not.toBe(hit);
  });

  it('goes on in the context of each caller of a shared object', async () => {
    const h = new EngineHarness();
    const request = h.request(() => ({ id: 1 }), { near: { share: true } });
    await h.engine.getOrLoad(request);
    await h.engine.getOrLoad(request);
    const calls = new AsyncLocalStorage<string>();
    const goOn = (call: string) =>
      calls.run(call, async () => {
        await h.engine.getOrLoad(request);
        return calls.getStore();
      });
    expect(await Promise.all([goOn('a'), goOn('b')])).toEqual(['a', 'b']);
  });

  it('still copies a shared value that cannot be frozen', async () => {
    const h = new EngineHarness();
    const request = h.request(() => new Map([['a', 1]]), { near: { share: true } });
    await h.engine.getOrLoad(request);
    const hit = (await h.engine.getOrLoad(request)) as Map<string, number>;
    hit.set('b', 2);
    expect(await h.engine.getOrLoad(request)).toEqual(new Map([['a', 1]]));
  });

  describe('one load', () => {
    it('runs for all callers of a cold entry', async () => {
      const h = new EngineHarness();
      const gate = new Gate();
      const load = jest.fn(async () => {
        await gate.pass();
        return { n: 1 };
      });
      const calls = Array.from({ length: 1_000 }, () => h.engine.getOrLoad(h.request(load)));
      await gate.reached;
      gate.open();
      const values = await Promise.all(calls);
      expect(load).toHaveBeenCalledTimes(1);
      expect(new Set(values).size).toBe(1_000);
      expect(values).toEqual(Array.from({ length: 1_000 }, () => ({ n: 1 })));
      expect(h.counters).toMatchObject({ joined: 999, loads: 1 });
      expect(h.flights.size).toBe(0);
    });

    it.each([
      [
        'throws',
        (error: Error) => {
          throw error;
        },
      ],
      ['rejects', (error: Error) => Promise.reject(error)],
    ])(
      'gives its error unchanged to every caller when it %s, and the next call loads again',
      async (_how, fail) => {
        const h = new EngineHarness();
        const error = Object.freeze(new Error('database away'));
        const load = jest.fn(() => fail(error));
        const calls = await Promise.allSettled(
          [1, 2, 3].map(() => h.engine.getOrLoad(h.request(load))),
        );
        expect(calls).toEqual(Array(3).fill({ status: 'rejected', reason: error }));
        expect(load).toHaveBeenCalledTimes(1);
        expect(h.stored()).toBeUndefined();
        expect(h.leased()).toBe(false);
        expect(await h.engine.getOrLoad(h.request(() => 'well again'))).toBe('well again');
      },
    );

    it('passes on whatever was thrown, also undefined', async () => {
      const h = new EngineHarness();
      const failing = () =>
        new Promise((_resolve, reject) => {
          queueMicrotask(reject as () => void);
        });
      const call = h.engine.getOrLoad(h.request(failing));
      await expect(call).rejects.toBeUndefined();
    });

    it('is not shared by tenants who use the same key', async () => {
      const h = new EngineHarness();
      const load = (tenant: string) =>
        h.engine.getOrLoad(h.request(() => `of ${tenant}`, {}, { ref: h.ref('k', tenant) }));
      expect(await Promise.all([load('a'), load('b')])).toEqual(['of a', 'of b']);
    });

    it('is done by each caller for itself when the value cannot be copied', async () => {
      const h = new EngineHarness();
      class Live {}
      const made: Live[] = [];
      const load = () => {
        const live = new Live();
        made.push(live);
        return Promise.resolve(live);
      };
      const values = await Promise.all([
        h.engine.getOrLoad(h.request(load)),
        h.engine.getOrLoad(h.request(load)),
      ]);
      expect(values).toEqual(made);
      expect(values[0]).not.toBe(values[1]);
      expect(h.stored()).toBeUndefined();
      expect(h.leased()).toBe(false);
      expect(h.events).toContain('uncacheable');
    });

    it('does not wait for itself when a load asks for its own entry', async () => {
      const h = new EngineHarness();
      const load = jest.fn(async (): Promise<unknown> => {
        if (load.mock.calls.length > 1) return 'inner';
        const inner = await h.engine.getOrLoad(h.request(load));
        return `outer of ${String(inner)}`;
      });
      expect(await h.engine.getOrLoad(h.request(load))).toBe('outer of inner');
      expect(h.counters.bypassed).toBe(1);
    });

    it('runs under the tenant of its entry and no other context of its caller', async () => {
      const h = new EngineHarness();
      const seen = await runWithTenant('somebody else', () =>
        h.engine.getOrLoad(h.request(() => currentTenant(), {}, { ref: h.ref('k', 'acme') })),
      );
      expect(seen).toBe('acme');
      const inGlobal = await runWithTenant('somebody', () =>
        h.engine.getOrLoad(h.request(() => currentTenant(), {}, { ref: h.ref('k', null) })),
      );
      expect(inGlobal).toBeUndefined();
    });

    it('goes past the cache when too many flights are under way', async () => {
      const h = new EngineHarness({ maxFlights: 1 });
      const gate = new Gate();
      const first = h.engine.getOrLoad(h.request(() => gate.pass()));
      await gate.reached;
      const other = h.request(() => 'direct', {}, { ref: h.ref('other') });
      expect(await h.engine.getOrLoad(other)).toBe('direct');
      expect(h.counters.bypassed).toBe(1);
      expect(h.stored(h.ref('other'))).toBeUndefined();
      gate.open();
      await first;
    });
  });

  describe('several processes', () => {
    it('load once: the others wait for the holder of the lease', async () => {
      const memory = new SharedMemory();
      const a = new EngineHarness({ memory });
      const b = new EngineHarness({ memory, clock: a.clock });
      const gate = new Gate();
      const load = jest.fn(async () => {
        await gate.pass();
        return 'once';
      });
      const inA = a.engine.getOrLoad(a.request(load));
      await gate.reached;
      const inB = b.engine.getOrLoad(b.request(load));
      await a.clock.advance(500);
      expect(b.counters.waited).toBe(1);
      gate.open();
      await a.clock.advance(100);
      expect(await Promise.all([inA, inB])).toEqual(['once', 'once']);
      expect(load).toHaveBeenCalledTimes(1);
    });

    it('ask soon after the load has ended, and the later the longer it takes', async () => {
      const memory = new SharedMemory();
      const a = new EngineHarness({ memory });
      const b = new EngineHarness({ memory, clock: a.clock, fraction: () => 1 });
      await a.far.claim(a.ref().redisKey, { token: 'of a slow process', leaseMs: 60_000 });
      const waiting = b.engine.getOrLoad(b.request(() => 'own', { waitTimeout: '1s' }));
      const askedAtMs: number[] = [];
      for (let waitedMs = 0; waitedMs < 1_000; waitedMs++) {
        await b.clock.advance(1);
        if (b.far.count('acquire') > askedAtMs.length) askedAtMs.push(waitedMs);
      }
      await waiting;
      const pausesMs = askedAtMs.map((ms, index) => ms - (askedAtMs[index - 1] ?? 0));
      expect(pausesMs.slice(0, 24)).toEqual([
        0, 1, 4, 5, 8, 13, 20, 20, 20, 20, 20, 20, 20, 22, 24, 27, 30, 35, 38, 44, 49, 50, 50, 50,
      ]);
    });

    it('take over when the holder fails', async () => {
      const memory = new SharedMemory();
      const a = new EngineHarness({ memory });
      const b = new EngineHarness({ memory, clock: a.clock });
      const gate = new Gate();
      const inA = a.engine.getOrLoad(
        a.request(async () => {
          await gate.pass();
          throw new Error('A fails');
        }),
      );
      const failed = expect(inA).rejects.toThrow('A fails');
      await gate.reached;
      const inB = b.engine.getOrLoad(b.request(() => 'from B'));
      gate.open();
      await a.clock.advance(100);
      await failed;
      expect(await inB).toBe('from B');
    });

    it('take over from a holder that died, when its lease has run out', async () => {
      const memory = new SharedMemory();
      const a = new EngineHarness({ memory });
      const b = new EngineHarness({ memory, clock: a.clock });
      await a.far.claim(a.ref().redisKey, { token: 'of a process that died', leaseMs: 3_000 });
      const inB = b.engine.getOrLoad(b.request(() => 'taken over'));
      await a.clock.advance(2_999);
      expect(b.counters.loads).toBe(0);
      await a.clock.advance(60);
      expect(await inB).toBe('taken over');
      expect(b.storedJson()).toBe('"taken over"');
    });

    it('stop waiting after waitTimeout and load for themselves without storing', async () => {
      const memory = new SharedMemory();
      const a = new EngineHarness({ memory });
      await a.far.claim(a.ref().redisKey, { token: 'of a slow process', leaseMs: 60_000 });
      const call = a.engine.getOrLoad(a.request(() => 'own', { waitTimeout: '1s' }));
      await a.clock.advance(1_000);
      expect(await call).toBe('own');
      expect(a.stored()).toBeUndefined();
      expect(a.near.entries).toBe(0);
    });

    it('keep a lease as long as the load runs, by renewing it', async () => {
      const memory = new SharedMemory();
      const a = new EngineHarness({ memory });
      const gate = new Gate();
      const call = a.engine.getOrLoad(
        a.request(async () => {
          await gate.pass();
          return 'slow';
        }),
      );
      await gate.reached;
      await a.clock.advance(20_000);
      expect(a.leased()).toBe(true);
      expect(a.far.count('renew')).toBe(20);
      gate.open();
      expect(await call).toBe('slow');
      expect(a.clock.pending).toBe(0);
      expect(a.storedJson()).toBe('"slow"');
    });
  });

  describe('a load that runs past loadTimeout', () => {
    it('is aborted by signal, loses its lease, is not stored, and still answers who began it', async () => {
      const h = new EngineHarness();
      const gate = new Gate();
      let signal: AbortSignal | undefined;
      const call = h.engine.getOrLoad(
        h.request(
          async (context) => {
            signal = context.signal;
            await gate.pass();
            return 'late';
          },
          { loadTimeout: '5s' },
        ),
      );
      await gate.reached;
      await h.clock.advance(4_999);
      expect(signal?.aborted).toBe(false);
      await h.clock.advance(1);
      expect(signal?.reason).toMatchObject({ name: 'TimeoutError' });
      await h.clock.advance(3_000);
      expect(h.leased()).toBe(false);
      gate.open();
      expect(await call).toBe('late');
      expect(h.stored()).toBeUndefined();
      expect(h.near.entries).toBe(0);
    });

    it('lets those who joined load for themselves, and later callers begin anew', async () => {
      const h = new EngineHarness();
      const stuck = h.engine.getOrLoad(
        h.request(() => new Promise(() => undefined), { loadTimeout: '5s' }),
      );
      void stuck;
      await h.clock.advance(0);
      const joined = h.engine.getOrLoad(h.request(() => 'own', { loadTimeout: '5s' }));
      await h.clock.advance(5_000);
      expect(await joined).toBe('own');
      expect(h.flights.size).toBe(0);
      await h.clock.advance(3_000);
      expect(await h.engine.getOrLoad(h.request(() => 'anew'))).toBe('anew');
      expect(h.storedJson()).toBe('"anew"');
    });

    it('lets those who joined load for themselves after waitTimeout, the load going on', async () => {
      const h = new EngineHarness();
      const gate = new Gate();
      const slow = h.engine.getOrLoad(
        h.request(
          async () => {
            await gate.pass();
            return 'slow';
          },
          { waitTimeout: '1s' },
        ),
      );
      await gate.reached;
      const joined = h.engine.getOrLoad(h.request(() => 'own', { waitTimeout: '1s' }));
      await h.clock.advance(1_000);
      expect(await joined).toBe('own');
      gate.open();
      expect(await slow).toBe('slow');
      expect(h.storedJson()).toBe('"slow"');
    });
  });

  describe('what is not stored', () => {
    it('is what unless names', async () => {
      const h = new EngineHarness();
      const request = h.request(() => null, {}, { unless: (value) => value === null });
      expect(await h.engine.getOrLoad(request)).toBeNull();
      expect(h.stored()).toBeUndefined();
      expect(h.leased()).toBe(false);
      expect(h.near.entries).toBe(0);
    });

    it('is what a ttl of 0 names, of the policy or of the value', async () => {
      const h = new EngineHarness();
      await h.engine.getOrLoad(h.request(() => 1, { ttl: 0 }));
      await h.engine.getOrLoad(h.request(() => 1, {}, { ttlMs: () => 0 }));
      expect(h.stored()).toBeUndefined();
      expect(h.counters).toMatchObject({ loads: 2, fills: 0 });
    });

    it('is what exceeds maxBytes, and it is counted', async () => {
      const h = new EngineHarness();
      expect(
        await h.engine.getOrLoad(h.request(() => 'x'.repeat(100), { maxBytes: 101 })),
      ).toHaveLength(100);
      expect(h.stored()).toBeUndefined();
      expect(h.counters.uncacheable).toBe(1);
      expect(h.heard).toContainEqual({
        event: 'uncacheable',
        payload: {
          entry: h.ref(),
          kind: 'too-large',
          reason: 'it takes 102 bytes, above maxBytes of 101',
        },
      });
    });

    it('is a value whose ttl or unless function throws; the caller gets it all the same', async () => {
      const h = new EngineHarness();
      const broken = () => {
        throw new Error('bug in unless');
      };
      expect(await h.engine.getOrLoad(h.request(() => 'v', {}, { unless: broken }))).toBe('v');
      expect(h.events).toContain('policyError');
      expect(h.stored()).toBeUndefined();
    });
  });

  it('takes the ttl of a value where one is given', async () => {
    const h = new EngineHarness();
    await h.engine.getOrLoad(h.request(() => 'v', { ttl: '1h' }, { ttlMs: () => 1_500 }));
    await h.clock.advance(1_500);
    expect(h.stored()).toBeUndefined();
  });

  it('shortens a ttl by jitter and never lengthens it', async () => {
    for (const [fraction, ttlMs] of [
      [0, 10_000],
      [0.5, 9_000],
      [0.999, 8_002],
    ] as const) {
      const h = new EngineHarness({ fraction: () => fraction });
      const now = h.clock.nowMs();
      await h.engine.getOrLoad(h.request(() => 1, { ttl: '10s', jitter: 0.2 }));
      expect(decodeEntry(h.stored() as Buffer)).toMatchObject({
        header: { freshUntilMs: now + ttlMs },
      });
    }
  });

  it('keeps in the process for whole milliseconds what Redis has for parts of one, and no longer', async () => {
    const memory = new SharedMemory();
    const clock = new FakeClock(Date.UTC(2026, 0, 1) + 0.3);
    const a = new EngineHarness({ memory, clock });
    const b = new EngineHarness({ memory, clock });
    const policy = { ttl: '10s', near: { ttl: '1h' }, refreshAhead: 0.5 } as const;
    const request = (h: EngineHarness) => h.request(() => 'v', policy);
    await a.engine.getOrLoad(request(a));
    await b.engine.getOrLoad(request(b));
    const decoded = decodeEntry(a.stored() as Buffer);
    const { freshUntilMs } = (decoded as Extract<typeof decoded, { kind: 'entry' }>).header;
    const { entry } = b.near.peek(b.ref().scope, 'k') as { entry: NearEntry };
    const forMs = Math.floor(freshUntilMs - clock.nowMs());
    expect(entry).toMatchObject({ freshForMs: forMs, ttlForMs: forMs, graceMs: 0 });
    expect(entry.refreshAfterMs).toBe(forMs - 5_000);
  });

  describe('get, without a load', () => {
    it('answers hits of both tiers and misses', async () => {
      const memory = new SharedMemory();
      const a = new EngineHarness({ memory });
      const b = new EngineHarness({ memory, clock: a.clock });
      const policy = a.request(() => 0).policy;
      const hit = { kind: 'hit', value: { n: 1 }, ttlLeftMs: policy.ttlMs };
      expect(await a.engine.get(a.ref(), policy)).toEqual({ kind: 'miss' });
      await a.engine.set(
        a.request(() => 0),
        { n: 1 },
      );
      expect(await a.engine.get(a.ref(), policy)).toEqual(hit);
      expect(await b.engine.get(b.ref(), policy)).toEqual(hit);
      expect(await b.engine.get(b.ref(), policy)).toEqual(hit);
      expect(b.far.count('get')).toBe(1);
      expect(b.counters).toMatchObject({ farHits: 1, nearHits: 1 });
    });

    it('does not answer what is past its ttl', async () => {
      const h = new EngineHarness();
      const request = h.request(() => 1, { ttl: '1s', grace: '1m', near: false });
      await h.engine.getOrLoad(request);
      await h.clock.advance(1_000);
      expect(await h.engine.get(h.ref(), request.policy)).toEqual({ kind: 'miss' });
    });
  });

  it('answers by the method alone once closed, and aborts what was loading', async () => {
    const h = new EngineHarness();
    const gate = new Gate();
    let signal: AbortSignal | undefined;
    const running = h.engine.getOrLoad(
      h.request(async (context) => {
        signal = context.signal;
        await gate.pass();
        return 'v';
      }),
    );
    await gate.reached;
    const closing = h.engine.close();
    expect(signal?.aborted).toBe(true);
    gate.open();
    await closing;
    expect(await running).toBe('v');
    expect(h.stored()).toBeUndefined();
    expect(await h.engine.getOrLoad(h.request(() => 'direct'))).toBe('direct');
    expect(h.near.entries).toBe(0);
  });
});
