import { AsyncLocalStorage } from 'node:async_hooks';
import { EngineHarness, type HarnessOptions } from '../../../../test/support/engine-harness.js';
import { FakeClock } from '../../../../test/support/fake-clock.js';
import { Gate } from '../../../../test/support/gate.js';
import { SharedMemory } from '../../../../test/support/memory-far.store.js';
import {
  MemoryPersistentStore,
  SharedRows,
} from '../../../../test/support/memory-persistent.store.js';
import { AT, VERSION_ZERO } from '../codec/entry-layout.js';
import type { CachePolicy } from '../config/cache-policy.js';
import { PersistentStoreError } from '../errors/persistent-store.error.js';
import type { PersistentStore } from '../persistence/persistent-store.interface.js';
import type { LoadRequest } from './load-request.js';

/** Processes on one Redis and one database, and a source of theirs. */
class Deployment {
  readonly clock = new FakeClock();
  readonly memory = new SharedMemory();
  readonly rows = new SharedRows();
  readonly load = jest.fn((): unknown => this.value);
  value: unknown = 'old';

  process(options: HarnessOptions = {}): Promise<EngineHarness> {
    const { clock, memory, rows } = this;
    return new EngineHarness({ clock, memory, rows, near: false, ...options }).openStore();
  }

  read(
    h: EngineHarness,
    policy: CachePolicy = {},
    extra: Partial<LoadRequest> = {},
  ): Promise<unknown> {
    return h.engine.getOrLoad(h.request(this.load, { persist: true, ...policy }, extra));
  }

  /** Reads in a process, and has the store keep what was loaded. */
  async warm(h: EngineHarness, policy: CachePolicy = {}, extra: Partial<LoadRequest> = {}) {
    await this.read(h, policy, extra);
    await h.background.idle();
    this.load.mockClear();
    this.value = 'new';
  }

  get storedKeys(): string[] {
    return [...this.rows.entries.keys()];
  }
}

/** The engine goes on where it waits for a time of the clock. */
async function within<T>(clock: FakeClock, ms: number, work: Promise<T>): Promise<T> {
  await clock.advance(ms);
  return work;
}

describe('CacheEngine: reads that the persistent store answers', () => {
  it('fills an empty Redis from it, without a load, and under the stamps that Redis has now', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h);
    d.memory.clear();
    const cold = await d.process();
    expect(await d.read(cold)).toBe('old');
    expect(d.load).not.toHaveBeenCalled();
    expect(cold.storedJson()).toBe('"old"');
    expect(cold.counters).toMatchObject({ persistentHits: 1, misses: 0, loads: 0, fills: 1 });
    expect(await d.read(cold)).toBe('old');
    expect(cold.counters).toMatchObject({ persistentHits: 1, farHits: 1 });
    expect(cold.store.countOf('put')).toBe(0);
  });

  it('answers from it while Redis is away, in one flight for all who ask', async () => {
    const d = new Deployment();
    await d.warm(await d.process());
    const h = await d.process({ near: true });
    h.far.available = false;
    expect(await Promise.all([d.read(h), d.read(h), d.read(h)])).toEqual(['old', 'old', 'old']);
    expect(await d.read(h)).toBe('old');
    expect(h.store.countOf('look')).toBe(1);
    expect(d.load).not.toHaveBeenCalled();
  });

  it('answers from the method while both are away', async () => {
    const d = new Deployment();
    await d.warm(await d.process());
    const h = await d.process();
    h.far.available = false;
    h.store.away = true;
    expect(await d.read(h)).toBe('new');
  });

  it('serves what it found for no longer than it is fresh there', async () => {
    const d = new Deployment();
    await d.warm(await d.process(), { ttl: '10s' });
    await d.clock.advance(9_000);
    d.memory.clear();
    const h = await d.process({ near: true });
    expect(await d.read(h, { ttl: '10s' })).toBe('old');
    await d.clock.advance(1_000);
    expect(await d.read(h, { ttl: '10s' })).toBe('new');
  });

  it('keeps entries for the ttl of the policy for it, and Redis for the cache’s own', async () => {
    const d = new Deployment();
    const policy: CachePolicy = { ttl: '10s', persist: { ttl: '1h' } };
    const h = await d.process();
    await d.warm(h, policy);
    await d.clock.advance(10_000);
    expect(h.stored()).toBeUndefined();
    expect(await d.read(h, policy)).toBe('old');
    await d.clock.advance(3_590_000);
    expect(await d.read(h, policy)).toBe('new');
  });

  it('takes the ttl that the call has for its value', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h, { persist: { ttl: '1h' } }, { ttlMs: () => 500 });
    await d.clock.advance(500);
    expect(await d.read(h)).toBe('new');
  });

  it('asks the source, and not the store, for what is refreshed ahead of its end', async () => {
    const d = new Deployment();
    const policy: CachePolicy = { ttl: '10s', refreshAhead: 0.5 };
    const h = await d.process();
    await d.warm(h, policy);
    await d.clock.advance(6_000);
    expect(await d.read(h, policy)).toBe('old');
    await h.background.idle();
    expect(d.load).toHaveBeenCalledTimes(1);
    d.memory.clear();
    expect(await d.read(await d.process(), policy)).toBe('new');
    expect(d.load).toHaveBeenCalledTimes(1);
  });

  it('gives it to a look-up without a load', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h);
    d.memory.clear();
    const { ref, policy } = h.request(d.load, { persist: true });
    expect(await h.engine.get(ref, policy)).toEqual({
      kind: 'hit',
      value: 'old',
      ttlLeftMs: policy.ttlMs,
    });
    expect(await h.engine.get(h.ref('other'), policy)).toEqual({ kind: 'miss' });
  });

  it('works with no Redis at all', async () => {
    const d = new Deployment();
    await d.warm(await d.process({ memoryMode: true }));
    const h = await d.process({ memoryMode: true });
    expect(await d.read(h)).toBe('old');
    await h.engine.evict(h.ref());
    expect(await d.read(h)).toBe('new');
  });

  it('keeps what is loaded with Redis away, for when it is back and empty', async () => {
    const d = new Deployment();
    const h = await d.process();
    h.far.available = false;
    await d.warm(h);
    await h.far.comeBack();
    expect(await d.read(h)).toBe('old');
    expect(d.load).not.toHaveBeenCalled();
  });

  it('never gives one tenant what another one has', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h);
    d.memory.clear();
    expect(await d.read(h, {}, { ref: h.ref('k', 'globex') })).toBe('new');
    expect(await d.read(h, {}, { ref: h.ref('k', null) })).toBe('new');
    expect(d.load).toHaveBeenCalledTimes(2);
  });

  it('is not asked, nor told, of caches without it', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.read(h, { persist: false });
    await h.background.idle();
    expect(h.store.sent).toEqual(['open']);
    expect(h.far.count('owesAny')).toBe(0);
  });

  it('takes bytes that are no entry for a miss, and replaces them', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h);
    const [[key, row] = fail()] = d.rows.entries;
    d.rows.entries.set(key, { ...row, bytes: Buffer.from('garbage') });
    d.memory.clear();
    expect(await d.read(h)).toBe('new');
    await h.background.idle();
    expect(h.counters.undecodable).toBe(1);
    d.memory.clear();
    expect(await d.read(await d.process())).toBe('new');
    expect(d.load).toHaveBeenCalledTimes(1);
  });

  it('leaves alone what a later version has put there', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h);
    const [[key, row] = fail()] = d.rows.entries;
    const later = Buffer.from(row.bytes);
    later[AT.version] = VERSION_ZERO + 3;
    d.rows.entries.set(key, { ...row, bytes: later });
    d.memory.clear();
    expect(await d.read(h)).toBe('new');
    await h.background.idle();
    expect(d.rows.entries.get(key)?.bytes).toBe(later);
  });

  it('decompresses no more than maxBytes', async () => {
    const d = new Deployment();
    const h = await d.process();
    const big = 'x'.repeat(100_000);
    d.value = big;
    await d.warm(h, { compressFromBytes: 1_000 });
    d.memory.clear();
    expect(await d.read(h, { compressFromBytes: 1_000 })).toBe(big);
    d.memory.clear();
    expect(await d.read(h, { maxBytes: 1_000 })).toBe('new');
  });
});

describe('CacheEngine: evictions and the persistent store', () => {
  it('deletes the entry there as well, and takes the eviction for acknowledged when both have', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h);
    await h.engine.evict(h.ref());
    expect(d.storedKeys).toEqual([]);
    expect(h.heard).toContainEqual({
      event: 'evict',
      payload: { entry: h.ref(), acknowledged: true },
    });
    expect(await d.read(await d.process())).toBe('new');
  });

  it.each([
    [
      'a tag of the arguments',
      { tags: ['t'] },
      (h: EngineHarness) => h.invalidations.tag('acme', 't'),
    ],
    [
      'a tag of the result',
      { resultTags: () => ['t'] },
      (h: EngineHarness) => h.invalidations.tag('acme', 't'),
    ],
    ['its cache', {}, (h: EngineHarness) => h.invalidations.cache('acme', 'lead', 1)],
    ['its tenant', {}, (h: EngineHarness) => h.invalidations.tenant('acme')],
    ['everything', {}, (h: EngineHarness) => h.invalidations.all()],
  ])(
    'does not give what was invalidated by %s, also when Redis has lost its stamps',
    async (_, extra, by) => {
      const d = new Deployment();
      const h = await d.process();
      await d.warm(h, {}, extra);
      await h.engine.renewStamp(by(h));
      d.memory.clear();
      expect(await d.read(await d.process(), {}, extra)).toBe('new');
    },
  );

  it.each([['lead:*'], ['*']])('nor by the pattern %s', async (pattern) => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h);
    await h.engine.evictPattern('acme', pattern);
    d.memory.clear();
    expect(await d.read(await d.process())).toBe('new');
  });

  it('gives still what an eviction of something else leaves', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h, {}, { tags: ['t'] });
    await h.engine.evict(h.ref('other'));
    await h.engine.renewStamp(h.invalidations.tag('acme', 'other'));
    await h.engine.renewStamp(h.invalidations.tag('globex', 't'));
    await h.engine.renewStamp(h.invalidations.cache('acme', 'other', 1));
    await h.engine.renewStamp(h.invalidations.tenant('globex'));
    d.memory.clear();
    expect(await d.read(await d.process())).toBe('old');
  });

  it('with Redis away: is not found any more, neither in the outage nor after it', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h);
    h.far.available = false;
    await h.engine.evict(h.ref());
    expect(d.storedKeys).toEqual([]);
    expect(await d.read(h)).toBe('new');
    await h.background.idle();
    await h.far.comeBack();
    expect(h.stored()).toBeUndefined();
    expect(await d.read(h)).toBe('new');
    expect(d.load).toHaveBeenCalledTimes(1);
  });

  it('with the store away: nobody takes it from there before the store has taken the eviction', async () => {
    const d = new Deployment();
    const h = await d.process();
    const other = await d.process();
    await d.warm(h);
    h.store.away = true;
    await h.engine.evict(h.ref());
    expect(h.heard).toContainEqual({
      event: 'evict',
      payload: { entry: h.ref(), acknowledged: false },
    });
    expect(d.storedKeys).toEqual([h.ref().redisKey]);
    expect(await d.read(other)).toBe('new');
    expect(await d.read(h)).toBe('new');
    // Whoever can reach the store has it take the eviction, though another process has made it.
    await other.background.idle();
    expect(d.storedKeys).toEqual([]);
    expect(d.memory.owed).toBe('');
  });

  it('with the store away: the process that evicted has it take the eviction when it is back', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h);
    h.store.away = true;
    await h.engine.evict(h.ref());
    h.store.heal();
    h.far.available = false;
    expect(await d.read(h)).toBe('new');
    await d.clock.advance(1_000);
    expect(d.storedKeys).toEqual([]);
    expect(h.persistent?.unacknowledged).toEqual([]);
    expect(h.events).toContain('persistence');
  });

  it('with both away, Redis first back: nobody puts the older value into Redis again', async () => {
    const d = new Deployment();
    const h = await d.process();
    const other = await d.process();
    await d.warm(h);
    h.far.available = false;
    h.store.away = true;
    await h.engine.evict(h.ref());
    expect(await d.read(h)).toBe('new');
    await h.far.comeBack();
    expect(h.stored()).toBeUndefined();
    expect(await d.read(other)).toBe('new');
    expect(await d.read(h)).toBe('new');
  });

  it('with both away, and a reader in between: what it took from the store goes from Redis', async () => {
    const d = new Deployment();
    const h = await d.process();
    const other = await d.process();
    await d.warm(h);
    h.far.available = false;
    h.store.away = true;
    await h.engine.evict(h.ref());
    d.memory.clear();
    // It cannot know of an eviction that is known to one process that is cut off.
    expect(await d.read(other)).toBe('old');
    await h.far.comeBack();
    expect(h.stored()).toBeUndefined();
    expect(await d.read(other)).toBe('new');
  });

  it('with both away, the store first back: it has taken the eviction before it is read', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h);
    h.far.available = false;
    h.store.away = true;
    await h.engine.evict(h.ref());
    h.store.heal();
    await d.clock.advance(1_000);
    expect(d.storedKeys).toEqual([]);
    expect(await d.read(h)).toBe('new');
  });

  it('suspends Redis when it can be told neither of the eviction nor of what the store lacks', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h);
    h.store.away = true;
    h.far.fail('owe');
    await h.engine.evict(h.ref());
    expect(h.far.suspicions).toEqual(['an eviction was not acknowledged']);
    expect(h.far.count('evict')).toBe(0);
    h.far.heal();
    await h.far.comeBack();
    expect(await d.read(await d.process())).toBe('new');
  });

  it('refuses what a load in flight puts there behind the eviction', async () => {
    const d = new Deployment();
    const h = await d.process();
    const gate = new Gate();
    d.load.mockImplementationOnce(async () => {
      await gate.pass();
      return 'old';
    });
    const reading = d.read(h);
    await gate.reached;
    await h.engine.evict(h.ref());
    gate.open();
    expect(await reading).toBe('old');
    await h.background.idle();
    expect(d.storedKeys).toEqual([]);
  });

  it.each([['here'], ['by another process']])(
    'refuses a put on its way when the entry is evicted %s, Redis away or not',
    async (where) => {
      const d = new Deployment();
      const h = await d.process();
      const evicting = where === 'here' ? h : await d.process();
      const gate = new Gate();
      h.store.holdBefore('put', gate);
      await d.read(h);
      await gate.reached;
      evicting.far.available = where !== 'here';
      await evicting.engine.evict(evicting.ref());
      gate.open();
      await h.background.idle();
      expect(d.storedKeys).toEqual([]);
      expect(h.counters).toMatchObject({ persistentFills: 0, refusedFills: 1 });
    },
  );

  it('does not let Redis have what was looked up before the eviction', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h);
    d.memory.clear();
    const other = await d.process();
    const gate = new Gate();
    other.store.holdAfter('look', gate);
    const reading = d.read(other);
    await gate.reached;
    await h.engine.evict(h.ref());
    gate.open();
    expect(await reading).toBe('old');
    expect(h.stored()).toBeUndefined();
    expect(await d.read(other)).toBe('new');
  });

  it('nor what was looked up before an eviction by stamp, by a tag that only the result named', async () => {
    const d = new Deployment();
    const h = await d.process();
    const extra = { resultTags: () => ['t'] };
    await d.warm(h, {}, extra);
    d.memory.clear();
    await d.clock.advance(1_000);
    const other = await d.process({ near: true });
    const gate = new Gate();
    other.store.holdAfter('look', gate);
    const reading = d.read(other, {}, extra);
    await gate.reached;
    await h.engine.renewStamp(h.invalidations.tag('acme', 't'));
    gate.open();
    expect(await reading).toBe('old');
    expect(h.stored()).toBeUndefined();
    expect(await d.read(other, {}, extra)).toBe('new');
  });

  it('does not let Redis have what was looked up while the store’s answer to the eviction is awaited', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h);
    d.memory.clear();
    const other = await d.process();
    const beforeStore = new Gate();
    h.store.holdBefore('invalidate', beforeStore);
    const evicting = h.engine.evict(h.ref());
    await beforeStore.reached;
    expect(await d.read(other)).toBe('old');
    beforeStore.open();
    await evicting;
    expect(h.stored()).toBeUndefined();
    expect(await d.read(other)).toBe('new');
  });

  it('has Redis know what the store lacks before Redis itself forgets the entry', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h);
    d.memory.clear();
    const other = await d.process();
    h.store.away = true;
    const gate = new Gate();
    h.far.holdBefore('evict', gate);
    const evicting = h.engine.evict(h.ref());
    await gate.reached;
    expect(await d.read(other)).toBe('new');
    gate.open();
    await evicting;
    expect(await d.read(other)).toBe('new');
  });

  it('counts an eviction as owed whose outcome in the store is unknown', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h);
    h.store.fail('invalidate', true);
    await h.engine.evict(h.ref());
    expect(h.persistent?.available).toBe(false);
    expect(h.persistent?.unacknowledged).toHaveLength(1);
    expect(await d.read(h)).toBe('new');
  });

  it('erases a tenant from it, and says so if it cannot', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h);
    await d.read(h, {}, { ref: h.ref('k', 'globex') });
    await h.background.idle();
    h.store.away = true;
    await expect(h.engine.purge('acme', () => undefined)).rejects.toThrow(
      `The tenant 'acme' is not erased: the persistent store is away`,
    );
    h.store.heal();
    await d.clock.advance(1_000);
    await h.engine.purge('acme', () => undefined);
    expect(d.storedKeys).toEqual([h.ref('k', 'globex').redisKey]);
  });
});

describe('CacheEngine: writes and the persistent store', () => {
  it('stores what was set, in place of an older load’s value', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h);
    await h.engine.set(h.request(d.load, { persist: true }), 'set');
    await h.background.idle();
    d.memory.clear();
    expect(await d.read(await d.process())).toBe('set');
  });

  it('refuses the load that a write has overtaken', async () => {
    const d = new Deployment();
    const h = await d.process();
    const gate = new Gate();
    h.store.holdBefore('put', gate);
    await d.read(h);
    await gate.reached;
    h.store.heal();
    await h.engine.set(h.request(d.load, { persist: true }), 'set');
    gate.open();
    await h.background.idle();
    d.memory.clear();
    expect(await d.read(await d.process())).toBe('set');
  });

  it.each([
    ['the store away', (h: EngineHarness) => void (h.store.away = true)],
    ['Redis away', (h: EngineHarness) => void (h.far.available = false)],
    [
      'both away',
      (h: EngineHarness) => {
        h.store.away = true;
        h.far.available = false;
      },
    ],
  ])('with %s: the earlier value is not found in the store any more', async (_, lose) => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h);
    lose(h);
    await h.engine.set(h.request(d.load, { persist: true }), 'set');
    await h.background.idle();
    h.store.heal();
    if (!h.far.available) await h.far.comeBack();
    await h.engine.evict(h.ref('another'));
    d.memory.entries.clear();
    const answer = await d.read(await d.process());
    expect(['set', 'new']).toContain(answer);
  });

  const puts = {
    put: (h: EngineHarness, write: () => Promise<unknown>) =>
      h.engine.put(h.request(write, { persist: true })),
    'put whose result names its key': async (h: EngineHarness, write: () => Promise<unknown>) => {
      const request = h.request(write, { persist: true });
      const begun = await h.engine.beginPut(request);
      await h.engine.putResult(request, await write(), begun);
    },
  };

  it.each(
    Object.keys(puts).flatMap((put) => [
      [put as keyof typeof puts, 'evicts' as const],
      [put as keyof typeof puts, 'puts' as const],
    ]),
  )(
    'gives nothing of a %s beside which a process cut off from Redis %s, once that one is back',
    async (put, does) => {
      const d = new Deployment();
      const h = await d.process();
      const cut = await d.process();
      await d.warm(h);
      const gate = new Gate();
      const putting = puts[put](h, async () => {
        await gate.pass();
        return 'overtaken';
      });
      await gate.reached;
      cut.far.available = false;
      if (does === 'evicts') await cut.engine.evict(cut.ref());
      else await puts.put(cut, () => Promise.resolve('new'));
      gate.open();
      await putting;
      await h.background.idle();
      // It cannot know of what is known to one process that is cut off.
      expect(h.storedJson()).toBe('"overtaken"');
      await cut.far.comeBack();
      await cut.background.idle();
      expect(h.stored()).toBeUndefined();
      expect(await d.read(cut)).toBe('new');
    },
  );

  it('refuses what a process cut off from Redis has loaded while a put ran', async () => {
    const d = new Deployment();
    const h = await d.process();
    const cut = await d.process();
    const [writes, puts] = [new Gate(), new Gate()];
    const putting = h.engine.put(
      h.request(
        async () => {
          await writes.pass();
          return 'put';
        },
        { persist: true },
      ),
    );
    await writes.reached;
    cut.far.available = false;
    cut.store.holdBefore('put', puts);
    expect(await d.read(cut)).toBe('old');
    writes.open();
    await putting;
    await h.background.idle();
    puts.open();
    await cut.background.idle();
    d.memory.clear();
    expect(await d.read(await d.process())).toBe('put');
  });

  it('has the entry loaded anew where a put fails, though Redis keeps it', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h);
    const fails = () => Promise.reject(new Error('not written'));
    await expect(puts.put(h, fails)).rejects.toThrow('not written');
    expect(h.storedJson()).toBe('"old"');
    d.memory.clear();
    expect(await d.read(await d.process())).toBe('new');
  });
});

describe('CacheEngine: statements of the persistent store', () => {
  const caller = new AsyncLocalStorage<string>();

  it('run in no context of whoever calls: not in a transaction that a client would find there', async () => {
    const seen: [string, string | undefined][] = [];
    const rows = new SharedRows();
    const clock = new FakeClock();
    const memory = new MemoryPersistentStore(clock, rows);
    const store = new Proxy(memory, {
      get: (target, name: keyof PersistentStore) => {
        const method = target[name] as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          seen.push([name, caller.getStore()]);
          return method.apply(target, args);
        };
      },
    });
    const h = await new EngineHarness({ clock, store }).openStore();
    await caller.run('transaction', async () => {
      const request = h.request(() => 'v', { persist: true });
      await h.engine.getOrLoad(request);
      await h.background.idle();
      await h.engine.put(request);
      await h.background.idle();
      await h.engine.evict(h.ref());
      await h.engine.purge('acme', () => undefined);
    });
    const names = seen.map(([name]) => name);
    expect(names).toEqual(expect.arrayContaining(['open', 'look', 'put', 'invalidate', 'erase']));
    expect(seen.filter(([, context]) => context !== undefined)).toEqual([]);
  });
});

describe('CacheEngine: when the persistent store fails', () => {
  it('is late by no more than its time, and does not ask it again after some failures', async () => {
    const d = new Deployment();
    const h = await d.process();
    h.store.holdBefore('look', new Gate());
    for (let call = 0; call < 3; call += 1) {
      const reading = d.read(h, { ttl: 0 });
      expect(await within(d.clock, 250, reading)).toBe('old');
    }
    expect(h.store.countOf('look')).toBe(3);
    expect(h.heard).toContainEqual({
      event: 'persistenceError',
      payload: {
        operation: 'look',
        error: new PersistentStoreError('The persistent store did not answer within 250 ms'),
      },
    });
    h.store.holdBefore('open', new Gate());
    expect(await d.read(h, { ttl: 0 })).toBe('old');
    expect(h.store.countOf('look')).toBe(3);
  });

  it.each(['look', 'put', 'invalidate'] as const)(
    'answers every call as without it where %s fails',
    async (operation) => {
      const d = new Deployment();
      const h = await d.process();
      h.store.fail(operation);
      expect(await d.read(h)).toBe('old');
      await h.engine.set(h.request(d.load, { persist: true }), 'set');
      expect(await h.engine.put(h.request(() => 'put', { persist: true }))).toBe('put');
      await h.engine.evict(h.ref());
      const error = new Error('own error');
      const failing = h.request(() => Promise.reject(error), { persist: true });
      await expect(h.engine.getOrLoad(failing)).rejects.toBe(error);
      await h.background.idle();
      expect(h.events).not.toContain('backgroundError');
      expect(h.leased()).toBe(false);
    },
  );

  it('takes for a failure of the store what is no look, and answers every call', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.warm(h);
    const [[key, row] = fail()] = d.rows.entries;
    // As a driver does that knows no type for bytes.
    d.rows.entries.set(key, { ...row, bytes: '\\x5243' as unknown as Uint8Array });
    d.memory.clear();
    const { ref, policy } = h.request(d.load, { persist: true });
    expect((await h.engine.explain(ref, policy)).persistent).toEqual({ kind: 'away' });
    expect(await h.engine.get(ref, policy)).toEqual({ kind: 'miss' });
    expect(await d.read(h)).toBe('new');
    expect(h.leased()).toBe(false);
    const errors = h.heard.filter(({ event }) => event === 'persistenceError');
    const error = expect.objectContaining({
      message: expect.stringContaining('string') as unknown,
    });
    expect(errors.map(({ payload }) => payload)).toEqual(
      Array(3).fill({ operation: 'look', error: error as unknown }),
    );
    expect(h.persistent?.available).toBe(false);
  });

  it.each(['a read with a load', 'a look-up without one'])(
    'spends no more on Redis by %s than a call may, and does not ask the store then',
    async (call) => {
      const d = new Deployment();
      const h = await d.process();
      const slow = new Gate();
      h.far.holdAfter('get', slow);
      const { ref, policy } = h.request(d.load, { persist: true });
      const answer = call.includes('without') ? h.engine.get(ref, policy) : d.read(h);
      await slow.reached;
      await d.clock.advance(150);
      slow.open();
      await answer;
      expect([h.far.count('owesAny'), h.store.countOf('look')]).toEqual([0, 0]);
    },
  );

  it('evicts within the time of the store, however long that takes', async () => {
    const d = new Deployment();
    const h = await d.process();
    h.store.holdBefore('invalidate', new Gate());
    await within(d.clock, 250, h.engine.evict(h.ref()));
    expect(d.memory.owed).toContain(h.ref().redisKey);
  });

  it('leaves out writes beyond a bound', async () => {
    const d = new Deployment();
    const h = await d.process();
    h.store.holdBefore('put', new Gate());
    for (let i = 0; i < 150; i += 1) await d.read(h, {}, { ref: h.ref(`k${i}`) });
    expect(h.store.countOf('put')).toBe(100);
  });

  it('is opened again and again, with growing pauses, until it opens', async () => {
    const d = new Deployment();
    const h = new EngineHarness({ clock: d.clock, memory: d.memory, rows: d.rows, near: false });
    h.store.away = true;
    await h.openStore();
    await d.clock.advance(60_000);
    const tries = h.store.countOf('open');
    expect(tries).toBeGreaterThan(20);
    expect(tries).toBeLessThan(120);
    expect(await d.read(h)).toBe('old');
    h.store.heal();
    await d.clock.advance(5_000);
    expect(h.persistent?.available).toBe(true);
  });

  it('is swept once a minute, and not while it is away', async () => {
    const d = new Deployment();
    const h = await d.process();
    await d.clock.advance(180_000);
    expect(h.store.countOf('sweep')).toBe(3);
    h.store.fail('invalidate');
    h.store.fail('open');
    await h.engine.evict(h.ref());
    await d.clock.advance(60_000);
    expect(h.store.countOf('sweep')).toBe(3);
    h.store.heal();
    await d.clock.advance(120_000);
    expect(h.store.countOf('sweep')).toBe(5);
  });

  it.each([
    ['open', 0],
    ['sweep', 60_000],
  ] as const)('is closed at once while it hangs amid %s, and not used after', async (hung, ms) => {
    const d = new Deployment();
    const h = new EngineHarness({ clock: d.clock, memory: d.memory, rows: d.rows });
    const gate = new Gate();
    h.store.holdBefore(hung, gate);
    await h.openStore();
    await d.clock.advance(ms);
    expect(gate.arrivals).toBe(1);
    await h.engine.close();
    await h.persistent?.close();
    const told = [...h.events];
    gate.open();
    await d.clock.advance(0);
    expect(d.clock.pending).toBe(0);
    expect(h.events).toEqual(told);
    expect(h.store.sent.at(-1)).toBe('close');
  });

  it('leaves no timer when it is closed', async () => {
    const d = new Deployment();
    const h = await d.process();
    h.store.fail('invalidate');
    await h.engine.evict(h.ref());
    await h.persistent?.close();
    expect(d.clock.pending).toBe(0);
    expect(h.store.sent.at(-1)).toBe('close');
  });
});

function fail(): never {
  throw new Error('The store has no entry.');
}
