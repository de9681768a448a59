import { EngineHarness } from '../../../../test/support/engine-harness.js';
import { Gate } from '../../../../test/support/gate.js';
import { FarTimeoutError } from '../errors/far-tier.error.js';

const POLICY = { ttl: '1h', near: { ttl: '1h' } } as const;
const PAST_JOURNAL_MS = 61_000;
const LEASE_MS = 3_000;
const FAILURE = new Error('constraint');

/** A put whose method has begun. */
interface Putting {
  succeed(): Promise<unknown>;
  fail(): Promise<unknown>;
}

/** As of a Cluster: a set takes the lease there, and its value follows. */
const UNDER_LEASE = { keepsOrder: false } as const;

/** A set that has taken the lease, and whose value is on its way. */
interface Setting {
  /** What it comes to once its value has arrived. */
  arrive(): Promise<boolean>;
}

const set = (h: EngineHarness, value: string): Promise<boolean> =>
  h.engine.set(
    h.request(() => 'unused', POLICY),
    value,
  );

async function beginSet(h: EngineHarness): Promise<Setting> {
  const gate = new Gate();
  h.far.holdBefore('fill', gate);
  const setting = set(h, 'set');
  await gate.reached;
  h.far.heal();
  return {
    arrive: () => {
      gate.open();
      return setting;
    },
  };
}

async function beginPut(h: EngineHarness): Promise<Putting> {
  const method = new Gate();
  let fails = false;
  const load = async () => {
    await method.pass();
    if (fails) throw FAILURE;
    return 'put';
  };
  const putting = h.engine.put(h.request(load, POLICY)).catch((error: unknown) => error);
  await method.reached;
  const end = (failing: boolean) => () => {
    fails = failing;
    method.open();
    return putting;
  };
  return { succeed: end(false), fail: end(true) };
}

/** What a look-up comes to in each process. */
function found(...processes: EngineHarness[]): Promise<unknown[]> {
  return Promise.all(
    processes.map(async (h) => {
      const { ref, policy } = h.request(() => 'unused', POLICY);
      const looked = await h.engine.get(ref, policy);
      return looked.kind === 'hit' ? looked.value : undefined;
    }),
  );
}

describe('CacheEngine: a put that has overtaken a set, and fails', () => {
  describe.each([
    ['in one process', true],
    ['in two processes', false],
  ])('%s', (_name, isOne) => {
    let setter: EngineHarness;
    let putter: EngineHarness;
    let all: EngineHarness[];

    beforeEach(async () => {
      setter = new EngineHarness(UNDER_LEASE);
      const other = () =>
        new EngineHarness({ ...UNDER_LEASE, memory: setter.far.memory, clock: setter.clock });
      putter = isOne ? setter : other();
      const witness = other();
      all = isOne ? [setter, witness] : [setter, putter, witness];
      await set(setter, 'old');
      expect(await found(...all)).toEqual(all.map(() => 'old'));
    });
    afterEach(() => {
      expect(setter.leased()).toBe(false);
      for (const { flights } of all) expect(flights.size).toBe(0);
    });

    const nowhere = () => all.map(() => undefined);
    const everywhere = (value: string) => all.map(() => value);

    it('leaves nothing of the value that was set over, not even while its method runs', async () => {
      const setting = await beginSet(setter);
      const put = await beginPut(putter);
      expect(await setting.arrive()).toBe(false);
      expect(await found(...all)).toEqual(nowhere());
      expect(await put.fail()).toBe(FAILURE);
      expect(await found(...all)).toEqual(nowhere());
      expect(setter.stored()).toBeUndefined();
    });

    it('does so too where it has failed before the value arrives', async () => {
      const setting = await beginSet(setter);
      await (await beginPut(putter)).fail();
      expect(await setting.arrive()).toBe(false);
      expect(await found(...all)).toEqual(nowhere());
    });

    it.each<[string, (first: Putting, second: Putting) => Promise<unknown>, unknown]>([
      ['fails, and then it does', (a, b) => b.fail().then(a.fail), undefined],
      ['fails after it', (a, b) => a.fail().then(b.fail), undefined],
      ['succeeds, and then it fails', (a, b) => b.succeed().then(a.fail), 'put'],
      ['succeeds after it', (a, b) => a.fail().then(b.succeed), 'put'],
      ['fails, and then it succeeds', (a, b) => b.fail().then(a.succeed), undefined],
      ['fails after it has succeeded', (a, b) => a.succeed().then(b.fail), undefined],
    ])('does so where another put overtakes it that %s', async (_how, end, value) => {
      const setting = await beginSet(setter);
      const first = await beginPut(putter);
      const second = await beginPut(setter);
      expect(await setting.arrive()).toBe(false);
      expect(await found(...all)).toEqual(nowhere());
      await end(first, second);
      expect(await found(...all)).toEqual(value === undefined ? nowhere() : everywhere('put'));
    });

    it('leaves the value of a set that overtakes it in turn', async () => {
      const setting = await beginSet(setter);
      const put = await beginPut(putter);
      expect(await set(setter, 'newest')).toBe(true);
      expect(await setting.arrive()).toBe(false);
      await put.fail();
      expect(await found(...all)).toEqual(everywhere('newest'));
    });

    it('does so where nobody knows whether it has the lease', async () => {
      const setting = await beginSet(setter);
      putter.far.fail('claim', new FarTimeoutError(100), true);
      const put = await beginPut(putter);
      putter.far.heal();
      expect(await setting.arrive()).toBe(false);
      await put.fail();
      expect(await found(...all)).toEqual(nowhere());
    });

    it('takes no value along that a read has met before', async () => {
      const met = new Gate();
      setter.near.clear();
      setter.far.holdAfter('get', met);
      const reading = setter.engine.getOrLoad(setter.request(() => 'unused', POLICY));
      await met.reached;
      const setting = await beginSet(setter);
      const put = await beginPut(putter);
      await setting.arrive();
      await put.fail();
      met.open();
      expect(await reading).toBe('old');
      expect(await found(...all)).toEqual(nowhere());
    });

    it('is stored where it succeeds after all', async () => {
      const setting = await beginSet(setter);
      const put = await beginPut(putter);
      expect(await setting.arrive()).toBe(false);
      expect(await put.succeed()).toBe('put');
      expect(await found(...all)).toEqual(everywhere('put'));
    });

    it('leaves nothing that a failover could bring back', async () => {
      await setter.clock.advance(PAST_JOURNAL_MS);
      const before = setter.far.memory.copy();
      const setting = await beginSet(setter);
      const put = await beginPut(putter);
      await setting.arrive();
      await put.fail();
      setter.far.leave();
      setter.far.memory.hold(before);
      await setter.far.comeBack();
      expect(await found(...all)).toEqual(nowhere());
    });

    it('leaves the entry where it is, having overtaken no set but another put or a refresh', async () => {
      const first = await beginPut(setter);
      await (await beginPut(putter)).fail();
      await first.fail();
      expect(await found(...all)).toEqual(everywhere('old'));

      const loading = new Gate();
      await setter.engine.getOrLoad({
        ...setter.request(() => loading.pass().then(() => 'refreshed'), POLICY),
        refreshWithinMs: Infinity,
      });
      await loading.reached;
      await (await beginPut(putter)).fail();
      loading.open();
      await setter.background.idle();
      expect(await found(...all)).toEqual(everywhere('old'));
    });
  });

  it('leaves nothing where the value was set, even before that process hears of it', async () => {
    const late: (() => void)[] = [];
    const h = new EngineHarness({ ...UNDER_LEASE, tell: (_message, arrive) => late.push(arrive) });
    await set(h, 'old');
    const setting = await beginSet(h);
    h.near.clear();
    const [claim, met] = [new Gate(), new Gate()];
    h.far.holdBefore('claim', claim);
    h.far.holdAfter('get', met);
    const putting = beginPut(h);
    await claim.reached;
    const reading = h.engine.getOrLoad(h.request(() => 'unused', POLICY));
    await met.reached;
    h.far.heal();
    claim.open();
    const put = await putting;
    expect(await setting.arrive()).toBe(false);
    met.open();
    expect(await reading).toBe('old');
    expect(await found(h)).toEqual([undefined]);
    expect(late).toHaveLength(1);
    await put.fail();
  });

  it('leaves nothing where it has come after the lease of the set had run out', async () => {
    const h = new EngineHarness(UNDER_LEASE);
    await set(h, 'old');
    const setting = await beginSet(h);
    await h.clock.advance(LEASE_MS);
    await (await beginPut(h)).fail();
    expect(await found(h)).toEqual(['old']);
    expect(await setting.arrive()).toBe(false);
    expect(await found(h)).toEqual([undefined]);
  });

  it('evicts, where its key is of its result, what it has taken from a set', async () => {
    const h = new EngineHarness(UNDER_LEASE);
    await set(h, 'old');
    const request = h.request(() => 'put', POLICY);
    const begun = await h.engine.beginPut(request);
    const setting = await beginSet(h);
    await h.engine.putResult(request, 'put', begun);
    expect(await setting.arrive()).toBe(false);
    expect(await found(h)).toEqual([undefined]);
  });
});
