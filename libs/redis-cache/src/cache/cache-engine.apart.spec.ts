import { EngineHarness, type HarnessOptions } from '../../../../test/support/engine-harness.js';
import { FakeClock } from '../../../../test/support/fake-clock.js';
import { Gate } from '../../../../test/support/gate.js';
import { SharedMemory } from '../../../../test/support/memory-far.store.js';
import { SharedRows } from '../../../../test/support/memory-persistent.store.js';
import type { CachePolicy } from '../config/cache-policy.js';
import type { LoadRequest } from './load-request.js';

/** Processes on one Redis, of which some keep their entries apart: in their own memory alone. */
class Deployment {
  readonly clock = new FakeClock();
  readonly memory = new SharedMemory();
  value: unknown = 'old';

  process(options: HarnessOptions = {}): EngineHarness {
    const { clock, memory } = this;
    return new EngineHarness({ clock, memory, ...options });
  }

  apart(options: HarnessOptions = {}): EngineHarness {
    return this.process({ usesFar: false, ...options });
  }

  /** From now on it tells nobody anything, and is told nothing. */
  cutOff(h: EngineHarness): void {
    h.loseBus();
    h.far.available = false;
  }

  /** One that has just connected. */
  async started(h: EngineHarness): Promise<EngineHarness> {
    h.far.available = false;
    await h.far.comeBack();
    h.far.sent.length = 0;
    return h;
  }

  read(h: EngineHarness, policy: CachePolicy = {}, extra: Partial<LoadRequest> = {}) {
    return h.engine.getOrLoad(h.request(() => this.value, policy, extra));
  }
}

const NEAR = { ttl: '1m', grace: '10s', near: { ttl: '5s' } } as const;

type Eviction = readonly [string, (h: EngineHarness) => Promise<unknown>];

const EVICTIONS: readonly Eviction[] = [
  ['its key', (h) => h.engine.evict(h.ref())],
  ['a tag of its arguments', (h) => h.engine.renewStamp(h.invalidations.tag('acme', 'argument'))],
  ['a tag of its result', (h) => h.engine.renewStamp(h.invalidations.tag('acme', 'result'))],
  ['its cache', (h) => h.engine.renewStamp(h.invalidations.cache('acme', 'lead', 1))],
  ['its tenant', (h) => h.engine.renewStamp(h.invalidations.tenant('acme'))],
  ['everything', (h) => h.engine.renewStamp(h.invalidations.all())],
  ['a pattern', (h) => h.engine.evictPattern('acme', 'lead/*')],
  [
    'a write',
    (h) =>
      h.engine.set(
        h.request(() => undefined),
        'written',
      ),
  ],
];

const TAGGED = { tags: ['argument'], resultTags: () => ['result'] };

describe('CacheEngine with entries apart', () => {
  it('loads and serves without a word to Redis', async () => {
    const d = new Deployment();
    const [other, h] = [d.process(), d.apart()];
    await d.read(other, NEAR);
    d.value = 'own';
    expect([await d.read(h, NEAR), await d.read(h, NEAR)]).toEqual(['own', 'own']);
    expect(h.far.sent).toEqual([]);
    expect(h.counters).toMatchObject({ nearHits: 1, misses: 1, loads: 1, fills: 1, leasesWon: 0 });
  });

  it.each(EVICTIONS)('evicts by %s what others keep and are loading', async (_, evict) => {
    const d = new Deployment();
    const [other, h] = [d.process(), d.apart()];
    await d.read(other, NEAR, TAGGED);
    const gate = new Gate();
    const slow = { ...TAGGED, ref: other.ref('k', 'acme') };
    const refreshing = other.engine.put(
      other.request(async () => (await gate.pass(), 'old'), NEAR, slow),
    );
    await gate.reached;
    await evict(h);
    gate.open();
    await refreshing;
    d.value = 'new';
    expect(await d.read(other, NEAR, TAGGED)).toBe('new');
    expect(h.far.sent).not.toContain('fill');
  });

  it.each(EVICTIONS)(
    'does not keep what another one evicts by %s while it is loaded',
    async (_, evict) => {
      const d = new Deployment();
      const [other, h] = [d.process(), d.apart()];
      const gate = new Gate();
      const load = async (): Promise<string> => (await gate.pass(), 'old');
      const reading = h.engine.getOrLoad(h.request(load, NEAR, TAGGED));
      await gate.reached;
      await evict(other);
      gate.open();
      expect(await reading).toBe('old');
      expect(h.near.entries).toBe(0);
    },
  );

  it.each(EVICTIONS)('drops what another one evicts by %s', async (_, evict) => {
    const d = new Deployment();
    const [other, h] = [d.process(), d.apart()];
    await d.read(h, NEAR, TAGGED);
    await evict(other);
    d.value = 'new';
    expect(await d.read(h, NEAR, TAGGED)).toBe('new');
  });

  it('has told the others of a write before it resolves, and keeps the value', async () => {
    const d = new Deployment();
    const [other, h] = [d.process(), d.apart()];
    await d.read(other, NEAR);
    const gate = new Gate();
    h.far.holdBefore('evict', gate);
    const resolved = jest.fn();
    const writing = h.engine
      .set(
        h.request(() => undefined, NEAR),
        'written',
      )
      .then(resolved);
    await gate.reached;
    await d.clock.advance(0);
    expect(resolved).not.toHaveBeenCalled();
    gate.open();
    await writing;
    expect(h.far.sent).toEqual(['evict']);
    expect([await d.read(h, NEAR), h.counters.nearHits]).toEqual(['written', 1]);
    expect(other.stored()).toBeUndefined();
  });

  it('keeps what a method has written under a key of its result, and waits for no bus', async () => {
    const d = new Deployment();
    const h = d.apart();
    h.coherence.upToDate = () => new Promise(() => undefined);
    const request = h.request(() => undefined, NEAR);
    const begun = await h.engine.beginPut(request);
    await h.engine.putResult(request, 'written', begun);
    expect(await d.read(h, NEAR)).toBe('written');
  });

  it('evicts what was evicted elsewhere since the method began that has written it', async () => {
    const d = new Deployment();
    const [other, h] = [d.process(), d.apart()];
    const request = h.request(() => undefined, NEAR);
    const begun = await h.engine.beginPut(request);
    await other.engine.evict(other.ref());
    await h.engine.putResult(request, 'written', begun);
    expect(h.near.entries).toBe(0);
  });

  it('serves entries for their whole ttl and grace while it hears the others', async () => {
    const d = new Deployment();
    const h = d.apart();
    await d.read(h, NEAR);
    d.value = 'new';
    await d.clock.advance(59_000);
    expect(await d.read(h, NEAR)).toBe('old');
    await d.clock.advance(2_000);
    expect([await d.read(h, NEAR), h.counters.staleServed]).toEqual(['old', 1]);
  });

  it.each<[string, (h: EngineHarness, request: LoadRequest) => unknown]>([
    ['reads', ({ engine }, request) => engine.getOrLoad(request)],
    ['look-ups', ({ engine }, { ref, policy }) => engine.get(ref, policy)],
  ])('serves to %s nothing older than degradedTtl while it does not', async (_, call) => {
    const d = new Deployment();
    const h = d.apart();
    const hits = async (): Promise<number> => {
      const before = h.counters.nearHits;
      await call(
        h,
        h.request(() => d.value, NEAR),
      );
      return h.counters.nearHits - before;
    };
    await d.read(h, NEAR);
    h.loseBus();
    await d.clock.advance(1_900);
    expect(await hits()).toBe(1);
    await d.clock.advance(200);
    expect(await hits()).toBe(0);
    // Loaded meanwhile, by this call or now.
    await d.read(h, NEAR);
    await d.clock.advance(1_900);
    expect(await hits()).toBe(1);
    await d.clock.advance(200);
    expect(await hits()).toBe(0);
  });

  it('takes the short way only while it hears them', async () => {
    const d = new Deployment();
    const h = d.apart();
    const { ref, policy } = h.request(() => d.value, NEAR);
    await d.read(h, NEAR);
    expect(await h.engine.nearHit(ref.scope, ref.key, policy)).toBe('old');
    h.loseBus();
    expect(h.engine.nearHit(ref.scope, ref.key, policy)).toBeUndefined();
  });

  it('serves nothing from before a time in which it did not hear them', async () => {
    const d = new Deployment();
    const [other, h] = [d.process(), d.apart()];
    await d.read(h, NEAR);
    h.loseBus();
    await other.engine.evict(other.ref());
    h.regainBus();
    d.value = 'new';
    expect(await d.read(h, NEAR)).toBe('new');
  });

  it('keeps entries for near.ttl where a staleness of it was chosen instead of a bus', async () => {
    const d = new Deployment();
    const h = d.apart();
    h.coherence.hearsOthers = false;
    await d.read(h, NEAR);
    d.value = 'new';
    await d.clock.advance(4_900);
    expect(await d.read(h, NEAR)).toBe('old');
    await d.clock.advance(200);
    expect(await d.read(h, NEAR)).toBe('new');
  });

  it('counts what a pattern or a purge deletes in Redis and here', async () => {
    const d = new Deployment();
    const [other, h] = [d.process(), d.apart()];
    for (const each of [other, h]) await d.read(each, NEAR);
    expect(await h.engine.evictPattern('acme', '*')).toBe(2);
    await d.read(h, NEAR);
    // In Redis by now two stamps, of the tenant and of its cache.
    expect(await h.engine.purge('acme', () => undefined)).toBe(1 + 2);
  });

  it('notes evictions while Redis is away, and replays them once it is back', async () => {
    const d = new Deployment();
    const [other, h] = [d.process({ near: false }), d.apart()];
    await d.read(other, NEAR);
    h.far.available = false;
    await h.engine.evict(h.ref());
    expect(await d.read(h, NEAR)).toBe('old');
    expect([h.journal.unacknowledged, h.far.sent]).toEqual([1, []]);
    await h.far.comeBack();
    expect(h.journal.unacknowledged).toBe(0);
    d.value = 'new';
    expect(await d.read(other, NEAR)).toBe('new');
  });

  it('asks Redis before it looks into a persistent store, which may lack an eviction', async () => {
    const d = new Deployment();
    const rows = new SharedRows();
    const persist = { ...NEAR, persist: { ttl: '1h' } } as const;
    const [other, h] = [d.process({ rows }), d.apart({ rows })];
    await Promise.all([other.openStore(), h.openStore()]);
    await d.read(other, persist);
    await other.background.idle();
    other.store.fail('invalidate');
    await other.engine.evict(other.ref());
    d.value = 'new';
    expect(await d.read(h, persist)).toBe('new');
    expect(new Set(h.far.sent)).toEqual(new Set(['owesAny', 'owed', 'settleOwed']));
  });
});

describe('CacheEngine after a time with entries apart', () => {
  it('serves nothing from before, though what was evicted has never reached Redis', async () => {
    const d = new Deployment();
    const before = d.process();
    await d.read(before, NEAR, TAGGED);
    const h = await d.started(d.apart());
    d.cutOff(h);
    d.value = 'new';
    await h.engine.evict(h.ref());
    const after = await d.started(d.process());
    expect(await d.read(after, NEAR, TAGGED)).toBe('new');
    expect(await d.read(before, NEAR, TAGGED)).toBe('new');
  });

  it('begins anew once, and no more', async () => {
    const d = new Deployment();
    d.cutOff(await d.started(d.apart()));
    const first = await d.started(d.process());
    expect(first.heard).toContainEqual({
      event: 'invalidate',
      payload: { level: 'all', tenant: null, key: 'test:{}:stamp', acknowledged: true },
    });
    await d.read(first, NEAR);
    const second = await d.started(d.process());
    d.value = 'new';
    expect(await d.read(second, NEAR)).toBe('old');
    await d.clock.advance(60_001);
    await d.started(second);
    expect(await d.read(second, NEAR)).toBe('old');
  });

  it('begins anew with each process that starts while another one keeps entries apart', async () => {
    const d = new Deployment();
    const h = await d.started(d.apart());
    await d.read(await d.started(d.process()), NEAR);
    // It has heard of the one that started, and noted itself again.
    d.cutOff(h);
    d.value = 'new';
    expect(await d.read(await d.started(d.process()), NEAR)).toBe('new');
  });

  it('does not begin anew where one was running all the time and has heard', async () => {
    const d = new Deployment();
    const runs = await d.started(d.process({ near: false }));
    await d.read(runs, NEAR);
    await d.started(d.apart());
    d.value = 'new';
    await d.started(runs);
    expect(await d.read(runs, NEAR)).toBe('old');
  });

  it('leaves it to the next one that starts where one dies in the midst of it', async () => {
    const d = new Deployment();
    await d.read(d.process(), NEAR);
    d.cutOff(await d.started(d.apart()));
    d.value = 'new';
    const first = d.process();
    first.far.fail('renewStamp');
    await expect(d.started(first)).rejects.toThrow();
    expect(await d.read(await d.started(d.process()), NEAR)).toBe('new');
  });

  it('gives back to Redis what it has lost of that', async () => {
    const d = new Deployment();
    const h = await d.started(d.apart());
    d.memory.rollouts = '';
    await d.started(h);
    expect(JSON.parse(d.memory.rollouts)).toEqual({ format: 1, caches: {}, partings: 1 });
  });
});
