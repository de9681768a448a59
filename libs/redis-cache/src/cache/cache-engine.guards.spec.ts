import { EngineHarness } from '../../../../test/support/engine-harness.js';
import { Gate } from '../../../../test/support/gate.js';
import { SharedMemory } from '../../../../test/support/memory-far.store.js';
import { SharedRows } from '../../../../test/support/memory-persistent.store.js';
import { until } from '../../../../test/support/until.js';

/** Two processes on one far store, one clock and one bus. */
function twoProcesses({ keepsOrder = true } = {}) {
  const memory = new SharedMemory();
  const a = new EngineHarness({ memory, keepsOrder });
  return { a, b: new EngineHarness({ memory, clock: a.clock, keepsOrder }) };
}

/** So that no call asks for them. */
const knowStamps = (h: EngineHarness) =>
  h.engine.getOrLoad(h.request(() => 'another', {}, { ref: h.ref('another') }));

const read = (h: EngineHarness, value: unknown) => h.engine.getOrLoad(h.request(() => value));

describe('CacheEngine: memory takes nothing', () => {
  it.each(['get', 'fill'] as const)(
    'whose stamp has changed while the reply of %s was on its way',
    async (operation) => {
      const { a, b } = twoProcesses();
      if (operation === 'get') {
        await read(b, 'old');
        await a.engine.getOrLoad(a.request(() => 'another', {}, { ref: a.ref('another') }));
        a.near.clear();
      }
      const gate = new Gate();
      a.far.holdAfter(operation, gate);
      const reading = read(a, 'old');
      await gate.reached;
      await b.engine.renewStamp(b.invalidations.tenant('acme'));
      gate.open();
      expect(await reading).toBe('old');
      expect(a.near.entries).toBe(0);
    },
  );

  it.each([
    ['is acknowledged', true],
    ['is not', false],
  ])('from before an eviction that a read has overtaken, when it %s', async (_, acknowledged) => {
    const { a, b } = twoProcesses();
    await read(b, 'old');
    const gate = new Gate();
    a.far.holdBefore('renewStamp', gate);
    const evicting = a.engine.renewStamp(a.invalidations.tenant('acme'));
    await gate.reached;
    expect(await read(a, 'unused')).toBe('old');
    if (!acknowledged) a.far.fail('renewStamp');
    gate.open();
    expect(await evicting).toBe(acknowledged);
    expect(await read(a, 'new')).toBe('new');
  });

  it('while it does not hear the others, so that nothing is served of it when Redis is away, too', async () => {
    const { a, b } = twoProcesses();
    a.loseBus();
    expect(await read(a, 'old')).toBe('old');
    expect(await read(a, 'unused')).toBe('old');
    await b.engine.evict(b.ref());
    a.far.available = false;
    expect(await read(a, 'new')).toBe('new');
  });
});

describe('CacheEngine: a write', () => {
  /** A put that waits in its method, and what ends it. */
  async function putting(h: EngineHarness) {
    const gate = new Gate();
    const done = h.engine.put(
      h.request(async () => {
        await gate.pass();
        return 'written';
      }),
    );
    await gate.reached;
    return () => {
      gate.open();
      return done;
    };
  }

  it('is not overtaken in memory by a read that began meanwhile, and had met the earlier value', async () => {
    const h = new EngineHarness();
    await read(h, 'old');
    const endPut = await putting(h);
    h.near.clear();
    const gate = new Gate();
    h.far.holdAfter('get', gate);
    const reading = read(h, 'unused');
    await gate.reached;
    await endPut();
    gate.open();
    expect(await reading).toBe('old');
    expect(await read(h, 'unused')).toBe('written');
  });

  it('leaves nothing from before it in memory when it is refused, and nobody has told yet why', async () => {
    const memory = new SharedMemory();
    const a = new EngineHarness({ memory, tell: () => undefined, keepsOrder: false });
    const b = new EngineHarness({ memory, clock: a.clock });
    await read(a, 'old');
    const gate = new Gate();
    a.far.holdBefore('fill', gate);
    const setting = a.engine.set(
      a.request(() => 0),
      'set',
    );
    await gate.reached;
    await b.engine.evict(b.ref());
    gate.open();
    expect(await setting).toBe(false);
    expect(await read(a, 'new')).toBe('new');
  });

  it.each(['this process', 'another'])(
    'leaves nothing from before it where %s invalidates a tag of its own meanwhile',
    async (who) => {
      const { a, b } = twoProcesses({ keepsOrder: false });
      const untagged = a.request(() => 0);
      await a.engine.set(untagged, 'before');
      const gate = new Gate();
      a.far.holdBefore('claim', gate);
      const setting = a.engine.set({ ...untagged, tags: ['t'] }, 'set');
      await gate.reached;
      const by = who === 'another' ? b : a;
      await by.engine.renewStamp(by.invalidations.tag('acme', 't'));
      gate.open();
      expect(await setting).toBe(false);
      expect(a.stored()).toBeUndefined();
      expect(await read(b, 'new')).toBe('new');
    },
  );

  it('that is stored at once is served to nobody whose tag another invalidates meanwhile', async () => {
    const { a, b } = twoProcesses();
    const untagged = a.request(() => 0);
    await a.engine.set(untagged, 'before');
    const gate = new Gate();
    a.far.holdBefore('store', gate);
    const setting = a.engine.set({ ...untagged, tags: ['t'] }, 'set');
    await gate.reached;
    await b.engine.renewStamp(b.invalidations.tag('acme', 't'));
    gate.open();
    await setting;
    expect(a.far.count('claim')).toBe(0);
    expect(await read(b, 'new')).toBe('new');
    expect(await read(a, 'unused')).toBe('new');
  });

  it('whose key its result names is not kept where others may have evicted it unheard meanwhile', async () => {
    const { a, b } = twoProcesses();
    const request = a.request(() => 0);
    const begun = await a.engine.beginPut(request);
    a.loseBus();
    await b.engine.evict(b.ref());
    a.regainBus();
    await a.engine.putResult(request, 'overtaken', begun);
    expect(a.stored()).toBeUndefined();
  });

  it('lets nobody join a load from before it, whose value the source has no more', async () => {
    const h = new EngineHarness();
    const loads = new Gate();
    const loading = h.engine.getOrLoad(
      h.request(async () => {
        await loads.pass();
        return 'old';
      }),
    );
    await loads.reached;
    const endPut = await putting(h);
    expect(h.flights.joinable(h.ref())).toBeUndefined();
    await endPut();
    loads.open();
    expect(await loading).toBe('old');
  });
});

describe('CacheEngine: a set with Redis away', () => {
  it('does not say that it stands when the entry was evicted meanwhile', async () => {
    const h = await new EngineHarness({ rows: new SharedRows() }).openStore();
    h.far.available = false;
    const gate = new Gate();
    h.store.holdBefore('invalidate', gate);
    const setting = h.engine.set(
      h.request(() => 0, { persist: true }),
      'set',
    );
    await gate.reached;
    const evicting = h.engine.evict(h.ref());
    gate.open();
    expect(await setting).toBe(false);
    await evicting;
    expect(await read(h, 'new')).toBe('new');
  });
});

describe('CacheEngine: a lease', () => {
  it.each(['stamp', 'fill'] as const)(
    'is given back, for others to load, when Redis does not answer %s under it',
    async (operation) => {
      const { a, b } = twoProcesses();
      // From here on the stamps but those of tags are known: these are asked for under the lease.
      await a.engine.getOrLoad(a.request(() => 'another', {}, { ref: a.ref('another') }));
      a.far.fail(operation);
      expect(await a.engine.getOrLoad(a.request(() => 'a', {}, { tags: ['t'] }))).toBe('a');
      await a.background.idle();
      expect(b.leased()).toBe(false);
      expect(await read(b, 'b')).toBe('b');
    },
  );

  it('is given back when it is given after it was given up', async () => {
    const { a, b } = twoProcesses();
    const late = new Gate();
    await knowStamps(a);
    a.far.applyLate('acquire', late);
    expect(await read(a, 'a')).toBe('a');
    await a.background.idle();
    expect(a.far.count('release')).toBe(1);
    late.open();
    await until(() => a.far.count('release') === 2);
    await a.background.idle();
    expect(b.leased()).toBe(false);
    expect(await read(b, 'b')).toBe('b');
  });

  it('is given back when it was given to a put that fails, and word of that was refused', async () => {
    const { a, b } = twoProcesses();
    await knowStamps(a);
    a.far.fail('claim', new Error('NOPERM User x has no permissions'), true);
    const failing = a.request(() => Promise.reject(new Error('own')));
    await expect(a.engine.put(failing)).rejects.toThrow('own');
    await a.background.idle();
    expect(b.leased()).toBe(false);
  });

  it.each([
    [
      'set',
      (h: EngineHarness) =>
        h.engine.set(
          h.request(() => 'unused'),
          'a',
        ),
    ],
    ['put', (h: EngineHarness) => h.engine.put(h.request(() => 'a'))],
  ] as const)(
    'that a %s has claimed so late has nothing stand that it kept another write from replacing',
    async (_what, write) => {
      const { a, b } = twoProcesses({ keepsOrder: false });
      const late = new Gate();
      await knowStamps(a);
      a.far.applyLate('claim', late);
      await write(a);
      await a.background.idle();
      expect(await read(b, 'older')).toBe('older');
      const filling = new Gate();
      b.far.holdBefore('fill', filling);
      const setting = b.engine.set(
        b.request(() => 'unused'),
        'newer',
      );
      await filling.reached;
      const evicted = a.far.count('evict');
      late.open();
      await until(() => a.far.count('evict') > evicted);
      await a.background.idle();
      filling.open();
      await setting;
      expect(await read(a, 'loaded')).toBe('loaded');
      expect(await read(b, 'unused')).toBe('loaded');
    },
  );
});

describe('CacheEngine: a value that is stored at once', () => {
  const set = (h: EngineHarness, value: unknown) =>
    h.engine.set(
      h.request(() => 'unused'),
      value,
    );

  /** Two processes that know all stamps, so that a write is the first that they send. */
  async function twoKnowing() {
    const processes = twoProcesses();
    for (const h of Object.values(processes)) await knowStamps(h);
    return processes;
  }

  it('takes one command, and no lease', async () => {
    const { a } = await twoKnowing();
    const before = a.far.sent.length;
    expect(await set(a, 'v')).toBe(true);
    expect(a.far.sent.slice(before)).toEqual(['store']);
    expect(a.leased()).toBe(false);
  });

  it('keeps a load in flight in another process from storing what is older', async () => {
    const { a, b } = await twoKnowing();
    const loads = new Gate();
    const loading = b.engine.getOrLoad(
      b.request(async () => {
        await loads.pass();
        return 'older';
      }),
    );
    await loads.reached;
    expect(await set(a, 'newer')).toBe(true);
    loads.open();
    await loading;
    expect(b.counters.refusedFills).toBe(1);
    expect(await read(b, 'unused')).toBe('newer');
    expect(await read(a, 'unused')).toBe('newer');
  });

  it('is not stored any more by a command that comes after the call has given up', async () => {
    const { a, b } = await twoKnowing();
    const late = new Gate();
    a.far.applyLate('store', late);
    const setting = set(a, 'older');
    await a.clock.advance(105);
    await setting;
    await a.background.idle();
    expect(await set(b, 'newer')).toBe(true);
    late.open();
    await a.clock.advance(0);
    expect(await read(a, 'unused')).toBe('newer');
    expect(await read(b, 'unused')).toBe('newer');
  });

  it.each<[string, (a: EngineHarness, b: EngineHarness) => Promise<unknown>]>([
    ['set by another process', (_a, b) => set(b, 'newer')],
    ['evicted by another process', (_a, b) => b.engine.evict(b.ref())],
    ['evicted by this one', (a) => a.engine.evict(a.ref())],
  ])(
    'goes where a broken connection has stored it behind what was %s, before its call ends',
    async (_how, change) => {
      const { a, b } = await twoKnowing();
      const late = new Gate();
      a.far.applyLate('store', late);
      const setting = set(a, 'older');
      let ended = false;
      void setting.then(() => (ended = true));
      await late.reached;
      await change(a, b);
      late.open();
      await a.clock.advance(50);
      expect(a.storedJson()).toBe('"older"');
      await read(a, 'unused');
      // Nobody has been told yet that it has ended.
      expect(ended).toBe(false);
      await a.clock.advance(55);
      await setting;
      await a.background.idle();
      expect(a.stored()).toBeUndefined();
      expect(await read(a, 'loaded')).toBe('loaded');
      expect(await read(b, 'unused')).toBe('loaded');
    },
  );

  it('does not wait where Redis has refused it', async () => {
    const { a } = await twoKnowing();
    a.far.fail('store', new Error('OOM command not allowed'));
    expect(await set(a, 'v')).toBe(true);
    await a.background.idle();
    expect(a.far.count('evict')).toBe(1);
    await a.clock.advance(1_000);
    expect(a.far.count('evict')).toBe(1);
    expect(await read(a, 'unused')).toBe('v');
  });

  it('that the server has not run does not replace what a put has stored since', async () => {
    const { a, b } = await twoKnowing();
    const answer = new Gate();
    a.far.store = () => answer.pass().then(() => false);
    const setting = set(a, 'earlier');
    await a.engine.put(a.request(() => 'later'));
    answer.open();
    expect(await setting).toBe(false);
    expect(await read(a, 'loaded')).toBe('loaded');
    expect(await read(b, 'unused')).toBe('loaded');
  });

  it('leaves nothing from before it here though a later one is on its way', async () => {
    const { a } = await twoKnowing();
    await read(a, 'before');
    const [first, second] = [new Gate(), new Gate()];
    a.far.holdAfter('store', first);
    const earlier = set(a, 'earlier');
    await first.reached;
    a.far.holdBefore('store', second);
    const later = set(a, 'later');
    await second.reached;
    first.open();
    expect(await earlier).toBe(true);
    const reading = read(a, 'unused');
    second.open();
    await later;
    expect(await reading).not.toBe('before');
  });

  it('does not replace what a put has stored while stamps were asked for', async () => {
    const { a, b } = await twoKnowing();
    const asking = new Gate();
    a.far.holdBefore('stamp', asking);
    const request = a.request(() => 'unused', {}, { tags: ['unknown'] });
    const setting = a.engine.set(request, 'earlier');
    await asking.reached;
    await a.engine.put(a.request(() => 'later'));
    asking.open();
    expect(await setting).toBe(false);
    expect(await read(a, 'loaded')).toBe('loaded');
    expect(await read(b, 'unused')).toBe('loaded');
  });

  it('is kept here though an earlier one of its process lands while it is on its way', async () => {
    const { a } = await twoKnowing();
    const [first, second] = [new Gate(), new Gate()];
    a.far.holdAfter('store', first);
    const earlier = set(a, 'earlier');
    await first.reached;
    a.far.holdAfter('store', second);
    const later = set(a, 'later');
    await second.reached;
    first.open();
    await earlier;
    second.open();
    await later;
    const asked = a.far.sent.length;
    expect(await read(a, 'unused')).toBe('later');
    expect(a.far.sent).toHaveLength(asked);
  });

  it('goes when a put stores whose lease came behind it, and whose method began so late', async () => {
    const { a, b } = await twoKnowing();
    const claim = new Gate();
    a.far.holdBefore('claim', claim);
    const putting = a.engine.put(a.request(() => 'later'));
    await claim.reached;
    expect(await set(a, 'earlier')).toBe(true);
    claim.open();
    await putting;
    expect(await read(a, 'unused')).toBe('later');
    expect(await read(b, 'unused')).toBe('later');
  });

  it('stands where a put that was sent behind it fails', async () => {
    const { a, b } = await twoKnowing();
    const gate = new Gate();
    a.far.holdBefore('store', gate);
    const setting = set(a, 'v');
    await gate.reached;
    const putting = a.engine.put(a.request(() => Promise.reject(new Error('own'))));
    gate.open();
    expect(await setting).toBe(true);
    await expect(putting).rejects.toThrow('own');
    expect(await read(a, 'unused')).toBe('v');
    expect(await read(b, 'unused')).toBe('v');
  });

  it('is stored under a lease where the server has not run the command', async () => {
    const { a, b } = await twoKnowing();
    a.far.store = () => Promise.resolve(false);
    const before = a.far.sent.length;
    expect(await set(a, 'v')).toBe(true);
    expect(a.far.sent.slice(before)).toEqual(['claim', 'fill']);
    expect(await read(b, 'unused')).toBe('v');
  });
});

describe('CacheEngine: a load that cannot begin', () => {
  it('gives its lease back, so that the next caller need not wait for its end', async () => {
    const memory = new SharedMemory();
    const h = new EngineHarness({ memory });
    // Makes the stamps known, so that only the tags are in the way.
    await h.engine.getOrLoad(h.request(() => 'another', {}, { ref: h.ref('another') }));
    const tagged = h.request(() => 'unused', {}, { tags: [''] });
    await expect(h.engine.getOrLoad(tagged)).rejects.toThrow('tag is empty');
    expect(memory.leases.size).toBe(0);
    expect(await read(h, 'loaded')).toBe('loaded');
  });
});
