import { EngineHarness, type HarnessOptions } from '../../../../test/support/engine-harness.js';
import { Gate } from '../../../../test/support/gate.js';

type Call = (h: EngineHarness) => Promise<unknown>;

const POLICY = { ttl: '1m', near: { ttl: '1m' } } as const;
const TAGS = ['t'];

const set =
  (value: unknown, tags: readonly string[] = TAGS): Call =>
  (h) =>
    h.engine.set(
      h.request(() => 'unused', POLICY, { tags }),
      value,
    );

const renew =
  (of: (h: EngineHarness) => Parameters<EngineHarness['engine']['renewStamp']>[0]): Call =>
  (h) =>
    h.engine.renewStamp(of(h));

const BY_STAMP: [string, Call][] = [
  ['its tag', renew(({ invalidations }) => invalidations.tag('acme', 't'))],
  ['its cache', renew(({ invalidations }) => invalidations.cache('acme', 'lead', 1))],
  ['its tenant', renew(({ invalidations }) => invalidations.tenant('acme'))],
  ['everything', renew(({ invalidations }) => invalidations.all())],
];
const KEY: [string, Call] = ['its key', (h) => h.engine.evict(h.ref())];
const PATTERN: [string, Call] = ['a pattern', (h) => h.engine.evictPattern('acme', 'lead/*')];
/** A walk also takes what is stored while it is under way. */
const NO_WALK = [KEY, ...BY_STAMP];
const EVICTIONS = [...NO_WALK, PATTERN];

/** Makes calls at one go. As on a server, a claim is done behind the evictions of its tick. */
async function atOnce(h: EngineHarness, ...calls: Call[]): Promise<unknown[]> {
  const claims = new Gate();
  h.far.holdBefore('claim', claims);
  h.far.holdBefore('store', claims);
  const answers = Promise.all(calls.map((call) => call(h)));
  await h.clock.advance(0);
  claims.open();
  return answers;
}

/** What a look-up comes to in this process, and in one that has nothing in it. */
async function found(h: EngineHarness): Promise<unknown[]> {
  await h.background.idle();
  const other = new EngineHarness({ memory: h.far.memory, clock: h.clock });
  const look = async (from: EngineHarness) => {
    const { ref, policy } = from.request(() => 'unused', POLICY);
    const looked = await from.engine.get(ref, policy);
    return looked.kind === 'hit' ? looked.value : undefined;
  };
  return [await look(h), await look(other)];
}

const NOWHERE = [undefined, undefined];
const everywhere = (value: unknown): unknown[] => [value, value];

/** With Redis, and what is known of the stamps beforehand. */
const ON_ONE_SERVER: [string, HarnessOptions, prepare: Call[]][] = [
  ['with stamps that are known', {}, [set('earlier')]],
  ['with stamps that have to be asked for', {}, []],
  ['over an entry without tags', {}, [set('earlier', [])]],
  ['without a near tier', { near: false }, []],
];
const SETTINGS = ON_ONE_SERVER.flatMap(([name, options, prepare]): typeof ON_ONE_SERVER => [
  [name, options, prepare],
  [`${name}, of a Cluster`, { ...options, keepsOrder: false }, prepare],
]);

describe('CacheEngine: calls for one entry, none of which waits for the one before', () => {
  describe.each(SETTINGS)('%s', (_name, options, prepare) => {
    let h: EngineHarness;

    beforeEach(async () => {
      h = new EngineHarness(options);
      for (const call of prepare) await call(h);
    });
    afterEach(() => {
      expect(h.flights.size).toBe(0);
      expect(h.leases.size).toBe(0);
    });

    it.each(EVICTIONS)(
      'end without an entry after a set and an eviction of %s',
      async (_by, evict) => {
        const [isStored] = await atOnce(h, set('older'), evict);
        expect(isStored).toBe(false);
        expect(await found(h)).toEqual(NOWHERE);
        expect(h.counters.refusedFills).toBe(1);
      },
    );

    it.each(NO_WALK)('end with the value after an eviction of %s and a set', async (_by, evict) => {
      const [, isStored] = await atOnce(h, evict, set('newer'));
      expect(isStored).toBe(true);
      expect(await found(h)).toEqual(everywhere('newer'));
    });

    it.each(EVICTIONS)(
      'end without an entry after a set between two evictions of %s',
      async (_by, evict) => {
        const [, isStored] = await atOnce(h, evict, set('older'), evict);
        expect(isStored).toBe(false);
        expect(await found(h)).toEqual(NOWHERE);
      },
    );

    it.each(NO_WALK)(
      'end with the later value after two sets around an eviction of %s',
      async (_by, evict) => {
        const answers = await atOnce(h, set('older'), evict, set('newer'));
        expect([answers[0], answers[2]]).toEqual([false, true]);
        expect(await found(h)).toEqual(everywhere('newer'));
      },
    );

    it('end with the later of two values, though it has less to ask for', async () => {
      const answers = await atOnce(h, set('older'), set('newer', []));
      expect(answers).toEqual([false, true]);
      expect(await found(h)).toEqual(everywhere('newer'));
    });

    it('end without an entry after a set, and one whose value is not to be stored', async () => {
      const unstored: Call = (h) =>
        h.engine.set(
          h.request(() => 0, { ttl: 0 }),
          'unstored',
        );
      expect(await atOnce(h, set('older'), unstored)).toEqual([false, false]);
      expect(await found(h)).toEqual(NOWHERE);
    });

    it('end with the value of a method that began after the eviction', async () => {
      const put: Call = (h) => h.engine.put(h.request(() => 'put', POLICY, { tags: TAGS }));
      await atOnce(h, put, KEY[1]);
      expect(await found(h)).toEqual(everywhere('put'));
    });
  });

  it('go on with a value whose other tags were evicted', async () => {
    const h = new EngineHarness();
    const other = renew(({ invalidations }) => invalidations.tag('acme', 'other'));
    expect(await atOnce(h, set('v'), other)).toEqual([true, true]);
    expect(await found(h)).toEqual(everywhere('v'));
  });

  it('go on with a value whose stamps another process was the one to renew', async () => {
    const h = new EngineHarness();
    const stamps = new Gate();
    h.far.holdBefore('stamp', stamps);
    const setting = set('v')(h);
    await stamps.reached;
    h.receiver.applyTracked('stamp', h.keys.tenantStamp('acme'));
    stamps.open();
    expect(await setting).toBe(true);
    expect(await found(h)).toEqual(everywhere('v'));
  });

  describe.each<[string, HarnessOptions, isAway: boolean, later: [string, Call][]]>([
    ['while Redis is away', {}, true, EVICTIONS],
    ['without Redis', { memoryMode: true }, false, EVICTIONS],
    ['with entries kept apart', { usesFar: false }, false, NO_WALK],
  ])('%s', (_name, options, isAway, later) => {
    let h: EngineHarness;
    const look = async () => {
      await h.background.idle();
      const { ref, policy } = h.request(() => 'unused', POLICY);
      const looked = await h.engine.get(ref, policy);
      return looked.kind === 'hit' ? looked.value : undefined;
    };

    beforeEach(() => {
      h = new EngineHarness(options);
      if (isAway) h.far.leave();
    });

    it.each(EVICTIONS)(
      'end without an entry after a set and an eviction of %s',
      async (_by, evict) => {
        const [isStored] = await atOnce(h, set('older'), evict);
        expect(isStored).toBe(false);
        expect(await look()).toBeUndefined();
      },
    );

    it.each(later)('end with the value after an eviction of %s and a set', async (_by, evict) => {
      const [, isStored] = await atOnce(h, evict, set('newer'));
      expect(isStored).toBe(true);
      expect(await look()).toBe('newer');
    });

    it.each(later)(
      'end with the later value after two sets around an eviction of %s',
      async (_by, evict) => {
        const answers = await atOnce(h, set('older'), evict, set('newer'));
        expect([answers[0], answers[2]]).toEqual([false, true]);
        expect(await look()).toBe('newer');
      },
    );
  });

  it.each(EVICTIONS)(
    'leave nothing in Redis of a set before an eviction of %s once it is back',
    async (_by, evict) => {
      const h = new EngineHarness();
      await set('earlier')(h);
      h.far.leave();
      h.loseBus();
      await atOnce(h, set('older'), evict);
      await h.far.comeBack();
      h.regainBus();
      expect(await found(h)).toEqual(NOWHERE);
    },
  );

  it.each<[string, HarnessOptions, isAway: boolean]>([
    ['while Redis is away', {}, true],
    ['without Redis', { memoryMode: true }, false],
    ['with entries kept apart', { usesFar: false }, false],
  ])(
    'keep a value that is set while an earlier one is about to land, %s',
    async (_name, options, isAway) => {
      const lost: number[] = [];
      for (let turns = 0; turns < 30; turns += 1) {
        const h = new EngineHarness(options);
        await set('earlier')(h);
        if (isAway) h.far.leave();
        const older = set('older')(h);
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
        const newer = set('newer')(h);
        await Promise.all([older, newer]);
        const { ref, policy } = h.request(() => 'unused', POLICY);
        const looked = await h.engine.get(ref, policy);
        if (looked.kind !== 'hit' || looked.value !== 'newer') lost.push(turns);
      }
      expect(lost).toEqual([]);
    },
  );
});

describe.each([
  ['stored at once', { keepsOrder: true }],
  ['stored under a lease', { keepsOrder: false }],
])(
  'CacheEngine: an eviction that Redis does not get, after a set that it has got, %s',
  (_how, options) => {
    const LONG = { ttl: '1h' } as const;

    /** Begins a set whose reply is held back. */
    async function setSlowly(h: EngineHarness): Promise<() => Promise<unknown>> {
      const reply = new Gate();
      h.far.holdAfter(h.far.keepsOrder ? 'store' : 'fill', reply);
      const request = h.request(() => 'unused', LONG);
      const setting = h.engine.set(request, 'old');
      await reply.reached;
      return () => {
        reply.open();
        return setting;
      };
    }

    /** What is read once Redis is back, after longer than the journal keeps what is acknowledged. */
    async function readLater(h: EngineHarness): Promise<unknown> {
      h.far.heal();
      await h.clock.advance(61_000);
      await h.far.comeBack();
      return h.engine.getOrLoad(h.request(() => 'new', LONG));
    }

    it('is not lost if Redis is away by then and the reply to the set comes late', async () => {
      const h = new EngineHarness(options);
      const endSet = await setSlowly(h);
      h.far.leave();
      await h.engine.evict(h.ref());
      await endSet();
      expect(await readLater(h)).toBe('new');
    });

    it('is not lost if the connection breaks between the two replies', async () => {
      const h = new EngineHarness(options);
      const eviction = new Gate();
      h.far.holdBefore('evict', eviction);
      h.far.fail('evict', new Error('Connection is closed.'));
      const endSet = await setSlowly(h);
      const evicting = h.engine.evict(h.ref());
      await eviction.reached;
      await endSet();
      eviction.open();
      await evicting;
      expect(await readLater(h)).toBe('new');
    });
  },
);
