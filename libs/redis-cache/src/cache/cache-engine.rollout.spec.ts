import { EngineHarness, type HarnessOptions } from '../../../../test/support/engine-harness.js';
import { FakeClock } from '../../../../test/support/fake-clock.js';
import { Gate } from '../../../../test/support/gate.js';
import { SharedMemory } from '../../../../test/support/memory-far.store.js';
import { SharedRows } from '../../../../test/support/memory-persistent.store.js';
import { FarTimeoutError } from '../errors/far-tier.error.js';
import { FULLY_ON, type RolloutState } from '../rollout/rollout-state.js';
import { LOOK_EVERY_MS } from './rollout-sync.js';

const OFF: RolloutState = { mode: 'off' };
const SHADOW: RolloutState = { mode: 'shadow' };
const ACME_ALONE: RolloutState = { mode: 'on', percent: 0, tenants: ['acme'] };

/** Processes on one Redis. */
class Deployment {
  readonly clock = new FakeClock();
  readonly memory = new SharedMemory();

  process(options: HarnessOptions = {}): EngineHarness {
    const { clock, memory } = this;
    return new EngineHarness({ clock, memory, ...options });
  }
}

function change(h: EngineHarness, state: RolloutState | null): Promise<boolean> {
  return h.rolloutSync.change('lead', state);
}

function read(h: EngineHarness, value: unknown, tenant = 'acme'): Promise<unknown> {
  return h.engine.getOrLoad(h.request(() => value, {}, { ref: h.ref('k', tenant) }));
}

describe('CacheEngine: a cache that is off', () => {
  it('answers from the method every time, and stores nothing anywhere', async () => {
    const h = new EngineHarness();
    await change(h, OFF);
    h.far.sent.length = 0;
    expect([await read(h, 1), await read(h, 2)]).toEqual([1, 2]);
    expect(await h.engine.get(h.ref(), h.request(() => 0).policy)).toEqual({ kind: 'miss' });
    expect(h.far.sent).toEqual([]);
    expect([h.near.entries, h.ghosts.entries, h.flights.size]).toEqual([0, 0, 0]);
    expect(h.counters).toMatchObject({ bypassed: 3, misses: 0, loads: 0 });
    expect(h.counters.bypassedBy.off).toBe(3);
  });

  it('runs the method in the context of its caller, and passes its error', async () => {
    const h = new EngineHarness();
    await change(h, OFF);
    const error = new Error('own error');
    const failing = h.request(() => Promise.reject(error));
    await expect(h.engine.getOrLoad(failing)).rejects.toBe(error);
  });

  it('lets every call run the method, as many as there are', async () => {
    const h = new EngineHarness();
    await change(h, OFF);
    const load = jest.fn(() => 'v');
    await Promise.all([1, 2, 3].map(() => h.engine.getOrLoad(h.request(load))));
    expect(load).toHaveBeenCalledTimes(3);
  });

  it.each<[string, (h: EngineHarness) => Promise<unknown>]>([
    ['an eviction', (h) => h.engine.evict(h.ref())],
    [
      'a set',
      (h) =>
        h.engine.set(
          h.request(() => 0),
          'new',
        ),
    ],
    ['a put', (h) => h.engine.put(h.request(() => 'new'))],
    [
      'a put whose result names its key',
      async (h) => {
        const begun = await h.engine.beginPut(h.request(() => 0));
        await h.engine.putResult(
          h.request(() => 0),
          'new',
          begun,
        );
      },
    ],
  ])('evicts by %s what another process, which has not heard, has', async (_, write) => {
    const d = new Deployment();
    const [a, b] = [d.process(), d.process()];
    await read(a, 'old');
    expect(await read(a, 'unused')).toBe('old');
    a.loseBus();
    await change(b, OFF);
    await write(b);
    expect(b.stored()).toBeUndefined();
    expect(await read(a, 'new')).toBe('new');
  });

  it('serves neither tier when it is on again, though nobody has evicted', async () => {
    const d = new Deployment();
    const [a, b] = [d.process(), d.process()];
    await read(a, 'old');
    await read(b, 'unused');
    await change(a, OFF);
    await d.clock.advance(0);
    expect(await read(b, 'new')).toBe('new');
    await change(b, FULLY_ON);
    await d.clock.advance(0);
    expect(a.storedJson()).toBe('"old"');
    expect([await read(a, 'new'), await read(b, 'unused')]).toEqual(['new', 'new']);
    expect(a.storedJson()).toBe('"new"');
    expect(a.counters.outdated).toBe(1);
  });

  it('serves no one who was left out for a while what is from before, and all others on', async () => {
    const h = new EngineHarness();
    await change(h, FULLY_ON);
    await read(h, 'old acme');
    await read(h, 'old globex', 'globex');
    await change(h, ACME_ALONE);
    expect(await read(h, 'new globex', 'globex')).toBe('new globex');
    expect(await read(h, 'acme')).toBe('acme');
    await change(h, FULLY_ON);
    expect(await read(h, 'globex', 'globex')).toBe('globex');
    // Nobody left by that, so it goes on with what it has.
    expect(await read(h, 'unused')).toBe('acme');
  });
});

describe('CacheEngine: explaining an entry whose cache was switched', () => {
  it('says that a read goes past it, and afterwards that what is stored is outdated', async () => {
    const h = new EngineHarness();
    const explain = () => h.engine.explain(h.ref(), h.request(() => 0).policy);
    await change(h, FULLY_ON);
    await read(h, 'v');
    expect((await explain()).outlook).toMatchObject({ kind: 'hit' });
    const { far } = await explain();
    expect(far).toMatchObject({ kind: 'entry', state: 'fresh' });
    await change(h, SHADOW);
    expect((await explain()).outlook).toEqual({ kind: 'bypass', reason: 'shadow' });
    await change(h, FULLY_ON);
    expect((await explain()).outlook).toEqual({ kind: 'miss', reason: 'outdated', then: 'load' });
  });
});

describe('CacheEngine: a load under way while its cache is switched', () => {
  it.each<[string, RolloutState[]]>([
    ['off', [OFF]],
    ['off and on again', [OFF, FULLY_ON]],
  ])('%s is answered and not stored', async (_, states) => {
    const h = new EngineHarness();
    const gate = new Gate();
    const reading = h.engine.getOrLoad(
      h.request(async () => {
        await gate.pass();
        return 'old';
      }),
    );
    await gate.reached;
    for (const state of states) await change(h, state);
    gate.open();
    expect(await reading).toBe('old');
    expect([h.stored(), h.leased(), h.near.entries]).toEqual([undefined, false, 0]);
    await change(h, FULLY_ON);
    expect(await read(h, 'new')).toBe('new');
  });

  it.each(['get', 'acquire', 'stamp'] as const)(
    'off before it has begun, at the command %s, is not stored even if it is on again by its end',
    async (operation) => {
      const h = new EngineHarness();
      const [command, load] = [new Gate(), new Gate()];
      h.far.holdAfter(operation, command);
      const reading = h.engine.getOrLoad(
        h.request(async () => {
          await load.pass();
          return 'old';
        }),
      );
      await command.reached;
      await change(h, OFF);
      h.far.heal();
      command.open();
      await load.reached;
      await change(h, FULLY_ON);
      load.open();
      expect(await reading).toBe('old');
      expect(await read(h, 'new')).toBe('new');
    },
  );

  it('is not kept either while Redis is away', async () => {
    const h = new EngineHarness();
    h.far.available = false;
    const gate = new Gate();
    const reading = h.engine.getOrLoad(
      h.request(async () => {
        await gate.pass();
        return 'old';
      }),
    );
    await gate.reached;
    await change(h, OFF);
    await change(h, FULLY_ON);
    gate.open();
    expect(await reading).toBe('old');
    expect(await read(h, 'new')).toBe('new');
  });

  it('is not joined by those who call after it was switched', async () => {
    const h = new EngineHarness();
    const gate = new Gate();
    const reading = h.engine.getOrLoad(
      h.request(async () => {
        await gate.pass();
        return 'old';
      }),
    );
    await gate.reached;
    await change(h, OFF);
    await change(h, FULLY_ON);
    const later = read(h, 'new');
    gate.open();
    await reading;
    await h.clock.advance(50);
    expect(await later).toBe('new');
  });

  it('by a set evicts what a process has that does not know yet', async () => {
    const d = new Deployment();
    const [a, b] = [d.process({ keepsOrder: false }), d.process()];
    await read(b, 'old');
    const gate = new Gate();
    a.far.holdAfter('claim', gate);
    b.loseBus();
    const setting = a.engine.set(
      a.request(() => 0),
      'new',
    );
    await gate.reached;
    await change(a, OFF);
    gate.open();
    expect(await setting).toBe(false);
    expect(a.stored()).toBeUndefined();
    expect(await read(b, 'new')).toBe('new');
  });
});

describe('CacheEngine: the persistent store of a cache that was off', () => {
  it('gives nothing from before, and what is stored then again', async () => {
    const rows = new SharedRows();
    const d = new Deployment();
    const h = await d.process({ rows, near: false }).openStore();
    const persisted = async (value: unknown) => {
      const answer = await h.engine.getOrLoad(h.request(() => value, { persist: true }));
      await h.background.idle();
      return answer;
    };
    await persisted('old');
    await change(h, OFF);
    await change(h, FULLY_ON);
    expect(await persisted('new')).toBe('new');
    const { rollouts } = d.memory;
    d.memory.clear();
    d.memory.rollouts = rollouts;
    expect(await persisted('unused')).toBe('new');
    expect(h.counters.persistentHits).toBe(1);
    await h.engine.evict(h.ref());
    expect(await persisted('newer')).toBe('newer');
  });
});

describe('CacheEngine: a cache in shadow mode', () => {
  async function shadow(options: HarnessOptions = {}): Promise<EngineHarness> {
    const h = new EngineHarness(options);
    await change(h, SHADOW);
    h.far.sent.length = 0;
    return h;
  }

  it('answers from the method, writes nothing, and counts what it would have spared', async () => {
    const h = await shadow();
    expect([await read(h, 1), await read(h, 2), await read(h, 3)]).toEqual([1, 2, 3]);
    expect(h.far.sent).toEqual([]);
    expect([h.far.memory.entries.size, h.far.memory.stamps.size, h.near.entries]).toEqual([
      0, 0, 0,
    ]);
    expect(h.counters).toMatchObject({ shadowHits: 2, shadowMisses: 1, bypassed: 3 });
    expect(h.counters.bypassedBy.shadow).toBe(3);
  });

  it('counts a call as spared whose load another one would have shared with it', async () => {
    const h = await shadow();
    const gate = new Gate();
    const load = async () => {
      await gate.pass();
      return 'v';
    };
    const reading = [1, 2].map(() => h.engine.getOrLoad(h.request(load)));
    gate.open();
    await Promise.all(reading);
    expect(h.counters).toMatchObject({ shadowHits: 1, shadowMisses: 1 });
  });

  it.each<[string, (h: EngineHarness) => unknown]>([
    ['its ttl is over', (h) => h.clock.advance(300_000)],
    ['it was evicted', (h) => h.engine.evict(h.ref())],
    ['its cache was evicted', (h) => h.engine.renewStamp(h.invalidations.cache('acme', 'lead', 1))],
    ['its tenant was evicted', (h) => h.engine.renewStamp(h.invalidations.tenant('acme'))],
    ['everything was evicted', (h) => h.engine.renewStamp(h.invalidations.all())],
    ['a pattern took it', (h) => h.engine.evictPattern('acme', 'lead/*')],
    [
      'another process evicted it',
      (h) => h.receiver.apply({ kind: 'entry', key: h.ref().redisKey }),
    ],
    [
      'another process evicted its cache',
      (h) => h.receiver.apply({ kind: 'stamp', key: h.keys.cacheStamp('acme', 'lead', 1) }),
    ],
  ])('would not have an entry any more when %s', async (_, end) => {
    const h = await shadow();
    await read(h, 1);
    await end(h);
    await read(h, 2);
    expect(h.counters).toMatchObject({ shadowHits: 0, shadowMisses: 2 });
  });

  it('goes by ttl, tags and unless of the call', async () => {
    const h = await shadow();
    const call = (key: string, extra: object) =>
      h.engine.getOrLoad(h.request(() => 'v', {}, { ref: h.ref(key), ...extra }));
    for (const key of ['unless', 'zero', 'short', 'tag', 'resultTag', 'kept']) {
      const extra = {
        unless: { unless: () => true },
        zero: { ttlMs: () => 0 },
        short: { ttlMs: () => 10 },
        tag: { tags: ['a'] },
        resultTag: { resultTags: () => ['b'] },
        kept: {},
      }[key] as object;
      await call(key, extra);
      await h.clock.advance(20);
      await h.engine.renewStamp(h.invalidations.tag('acme', 'a'));
      await h.engine.renewStamp(h.invalidations.tag('acme', 'b'));
      await call(key, extra);
    }
    expect(h.counters).toMatchObject({ shadowHits: 1, shadowMisses: 11 });
  });

  it('does not count as there what was evicted while it was loaded', async () => {
    const h = await shadow();
    const gate = new Gate();
    const reading = h.engine.getOrLoad(h.request(() => gate.pass()));
    await gate.reached;
    await h.engine.evict(h.ref());
    gate.open();
    await reading;
    await read(h, 2);
    expect(h.counters.shadowMisses).toBe(2);
  });

  it('counts what a set or a put would have stored', async () => {
    const h = await shadow();
    await h.engine.set(
      h.request(() => 0),
      1,
    );
    await read(h, 2);
    await h.engine.put(h.request(() => 3, {}, { ref: h.ref('other') }));
    expect(await h.engine.get(h.ref('other'), h.request(() => 0).policy)).toEqual({ kind: 'miss' });
    expect(h.counters).toMatchObject({ shadowHits: 2, shadowMisses: 0 });
  });

  it('tells of values that cannot be cached, and counts nothing of a load that fails', async () => {
    const h = await shadow();
    await read(h, Symbol('not to be carried'));
    await expect(
      h.engine.getOrLoad(h.request(() => Promise.reject(new Error('own')))),
    ).rejects.toThrow('own');
    await read(h, 1);
    expect(h.counters).toMatchObject({ uncacheable: 1, shadowHits: 0, shadowMisses: 3 });
  });

  it('holds no more than a bounded number of keys', async () => {
    const h = await shadow();
    for (let key = 0; key < 1_200; key += 1) {
      await h.engine.getOrLoad(h.request(() => 'v'.repeat(1_000), {}, { ref: h.ref(String(key)) }));
    }
    expect(h.ghosts.entries).toBe(1_000);
  });
});

describe('RolloutSync: several processes', () => {
  it('has a change heard by all, and learned by one that starts later before it reads', async () => {
    const d = new Deployment();
    const [a, b] = [d.process(), d.process()];
    expect(await change(a, ACME_ALONE)).toBe(true);
    await d.clock.advance(0);
    expect(b.rollouts.of('lead').state).toEqual(ACME_ALONE);
    expect(b.heard).toContainEqual({
      event: 'rollout',
      payload: { cache: 'lead', from: FULLY_ON, to: ACME_ALONE, version: 1, by: 'other' },
    });
    const c = d.process();
    await c.far.comeBack();
    expect(c.rollouts.of('lead')).toMatchObject({
      state: ACME_ALONE,
      version: 1,
      overridden: true,
    });
  });

  it('has a change made while Redis is away hold here at once, and in the others once it is back', async () => {
    const d = new Deployment();
    const [a, b] = [d.process(), d.process()];
    a.far.available = false;
    expect(await change(a, OFF)).toBe(false);
    expect(await read(a, 'fresh')).toBe('fresh');
    expect(b.rollouts.of('lead').state).toEqual(FULLY_ON);
    await a.far.comeBack();
    await d.clock.advance(0);
    expect(b.rollouts.of('lead').state).toEqual(OFF);
  });

  it.each([false, true])(
    'has one that Redis did not acknowledge hold (applied: %p)',
    async (applied) => {
      const d = new Deployment();
      const [a, b] = [d.process(), d.process()];
      a.far.fail('replaceRollouts', new FarTimeoutError(100), applied);
      expect(await change(a, OFF)).toBe(false);
      expect(a.rollouts.of('lead').isOff).toBe(true);
      expect(a.far.suspicions).toEqual(['a change of a rollout was not acknowledged']);
      a.far.heal();
      await a.far.comeBack();
      await d.clock.advance(0);
      expect([a, b].map((h) => h.rollouts.of('lead').state)).toEqual([OFF, OFF]);
      expect(a.rollouts.of('lead').epoch).toBe(b.rollouts.of('lead').epoch);
    },
  );

  it('gives back to Redis what it has lost, whoever notices first', async () => {
    const d = new Deployment();
    const [a, b] = [d.process(), d.process()];
    await change(a, OFF);
    await d.clock.advance(0);
    d.memory.clear();
    const c = d.process();
    b.rolloutSync.start();
    await d.clock.advance(LOOK_EVERY_MS);
    await c.far.comeBack();
    expect(c.rollouts.of('lead').state).toEqual(OFF);
    // Looked at once more, there is nothing to do.
    b.far.sent.length = 0;
    await d.clock.advance(LOOK_EVERY_MS);
    expect(b.far.sent).toEqual(['readRollouts']);
    b.rolloutSync.close();
    await d.clock.advance(LOOK_EVERY_MS);
    expect(b.far.sent).toEqual(['readRollouts']);
  });

  it('has two changes at the same time made one after the other', async () => {
    const d = new Deployment();
    const [a, b] = [d.process(), d.process()];
    await Promise.all([change(a, SHADOW), change(b, ACME_ALONE), change(a, FULLY_ON)]);
    await d.clock.advance(0);
    expect(a.rollouts.of('lead').version).toBe(3);
    expect(b.rollouts.document).toEqual(a.rollouts.document);
  });

  it('lets a process that was not told serve on, until it looks', async () => {
    const d = new Deployment();
    const [a, b] = [d.process(), d.process()];
    b.loseBus();
    await change(a, OFF);
    expect(b.rollouts.of('lead').state).toEqual(FULLY_ON);
    b.rolloutSync.start();
    await d.clock.advance(LOOK_EVERY_MS);
    expect(b.rollouts.of('lead').state).toEqual(OFF);
    b.rolloutSync.close();
  });

  it('keeps what others do apart: a process that is behind neither serves nor spoils what they store', async () => {
    const d = new Deployment();
    const [a, b] = [d.process({ near: false }), d.process({ near: false })];
    await read(b, 'old');
    b.loseBus();
    await change(a, OFF);
    await change(a, FULLY_ON);
    expect(await read(a, 'new')).toBe('new');
    // Stored under an epoch that is over there.
    expect(await read(b, 'newer')).toBe('newer');
    expect(await read(a, 'newest')).toBe('newest');
  });

  it('leaves alone what a later version has written, and tells of it once', async () => {
    const d = new Deployment();
    const h = d.process();
    d.memory.rollouts = '{"format":2}';
    await h.rolloutSync.join();
    await h.rolloutSync.join();
    expect(await change(h, OFF)).toBe(false);
    expect(h.rollouts.of('lead').isOff).toBe(true);
    expect(d.memory.rollouts).toBe('{"format":2}');
    expect(h.events.filter((event) => event === 'farError')).toHaveLength(1);
  });

  it('refuses what would become too large, and keeps what is', async () => {
    const h = new EngineHarness();
    const tenants = Array.from({ length: 500 }, (_, i) => `${i}`.padStart(256, '漢'));
    await expect(change(h, { mode: 'on', percent: 0, tenants })).rejects.toThrow(
      "Option rollout of 'lead' is",
    );
    expect(h.rollouts.of('lead').version).toBe(0);
  });

  it('comes back though Redis refuses to tell, and goes by what it knows', async () => {
    const h = new EngineHarness();
    h.far.available = false;
    h.far.fail('readRollouts', new Error('NOPERM this user has no permissions'));
    await h.far.comeBack();
    expect(h.far.available).toBe(true);
    expect(h.events).toContain('farError');
  });

  it('has the options of a process that was off end what was stored before', async () => {
    const d = new Deployment();
    const on = d.process({ near: false });
    await on.far.comeBack();
    await read(on, 'old');
    const off = d.process({ rollout: OFF });
    await off.far.comeBack();
    expect(await read(off, 'unseen')).toBe('unseen');
    // One of the former deployment, still there.
    expect(await read(on, 'late')).toBe('late');
    const again = d.process({ near: false });
    await again.far.comeBack();
    expect(await read(again, 'new')).toBe('new');
  });
});
