import { EngineHarness } from '../../../../test/support/engine-harness.js';
import { Gate } from '../../../../test/support/gate.js';
import { SharedMemory } from '../../../../test/support/memory-far.store.js';
import { replyError } from '../../../../test/support/fake-redis-client.js';
import { AT, VERSION_ZERO } from '../codec/entry-layout.js';
import type { CachePolicy } from '../config/cache-policy.js';
import type { MissCause } from './cache-counters.js';
import { StatisticsReporter } from './statistics-reporter.js';

const FAR_ONLY: CachePolicy = { near: false, ttl: '10s', grace: '1m' };

async function stored(policy: CachePolicy = FAR_ONLY): Promise<EngineHarness> {
  const h = new EngineHarness();
  await h.engine.getOrLoad(h.request(() => 'v', policy));
  return h;
}

/** Makes the next read a miss for one reason. */
const MISSES: [MissCause, (h: EngineHarness) => unknown][] = [
  ['absent', (h) => h.far.memory.entries.clear()],
  ['expired', outlived],
  ['outdated', (h) => h.engine.renewStamp(h.invalidations.cache('acme', 'lead', 1))],
  ['undecodable', (h) => store(h, Buffer.from('no entry of ours'))],
  ['newer', (h) => store(h, withVersion(h, 99))],
  ['suspended', (h) => (h.far.available = false)],
  ['timeout', (h) => h.far.fail('get')],
  ['refused', (h) => h.far.fail('get', replyError('OOM command not allowed'))],
];

/** Its header says so before Redis has dropped it. */
function outlived(h: EngineHarness): Promise<void> {
  store(h, h.stored() ?? Buffer.alloc(0));
  return h.clock.advance(70_001);
}

function store(h: EngineHarness, bytes: Buffer): void {
  h.far.memory.entries.set(h.ref().redisKey, { bytes, untilMs: Infinity });
}

function withVersion(h: EngineHarness, version: number): Buffer {
  const bytes = Buffer.from(h.stored() ?? '');
  bytes[AT.version] = VERSION_ZERO + version;
  return bytes;
}

describe('CacheEngine: what is counted', () => {
  describe.each(MISSES)('of a miss because of %s', (reason, prepare) => {
    it.each([
      [
        'a read with a load',
        (h: EngineHarness) => h.engine.getOrLoad(h.request(() => 2, FAR_ONLY)),
      ],
      [
        'a look-up',
        (h: EngineHarness) => h.engine.get(h.ref(), h.request(() => 0, FAR_ONLY).policy),
      ],
    ])('the reason, once: %s', async (_what, read) => {
      const h = await stored();
      await prepare(h);
      await read(h);
      const { misses, missedBy, farHits, nearHits } = h.counters;
      expect({ misses, farHits, nearHits }).toEqual({ misses: 2, farHits: 0, nearHits: 0 });
      const first = reason === 'absent' ? 2 : 1;
      expect(missedBy).toMatchObject({ absent: first, [reason]: first });
      await h.background.idle();
    });
  });

  it('of a miss where no Redis is configured: nothing is there', async () => {
    const h = new EngineHarness({ memoryMode: true });
    await h.engine.getOrLoad(h.request(() => 1));
    expect(h.counters.missedBy.absent).toBe(1);
  });

  it('of a read that waited for the refresh of an older value: a miss', async () => {
    const policy: CachePolicy = { ...FAR_ONLY, softTimeout: '1s' };
    const h = await stored(policy);
    await h.clock.advance(10_001);
    expect(await h.engine.getOrLoad(h.request(() => 'new', policy))).toBe('new');
    expect(h.counters).toMatchObject({ misses: 2, missedBy: { expired: 1 }, staleServed: 0 });
  });

  it('of calls past the cache, why', async () => {
    const h = new EngineHarness({ maxFlights: 1 });
    const gate = new Gate();
    const waiting = h.engine.getOrLoad(h.request(() => gate.pass(), { waitTimeout: '1s' }));
    await gate.reached;
    await h.engine.getOrLoad(h.request(() => 'full', {}, { ref: h.ref('other') }));
    gate.open();
    await waiting;
    const roomy = new EngineHarness();
    const asksItself = () => roomy.engine.getOrLoad(roomy.request(() => 'inner'));
    await roomy.engine.getOrLoad(roomy.request(asksItself));
    expect(roomy.counters).toMatchObject({ bypassed: 1, bypassedBy: { recursion: 1 } });
    await h.engine.close();
    await h.engine.getOrLoad(h.request(() => 'closed', {}, { ref: h.ref('late') }));
    expect(h.counters.bypassedBy).toMatchObject({ full: 1, closed: 1 });
    expect(h.counters.bypassed).toBe(2);
  });

  it('of calls that joined and got nothing of it, why', async () => {
    const h = new EngineHarness();
    const gate = new Gate();
    const own = h.engine.getOrLoad(h.request(() => gate.pass(), { waitTimeout: '1s' }));
    await gate.reached;
    const joined = h.engine.getOrLoad(h.request(() => 'own', { waitTimeout: '1s' }));
    await h.clock.advance(1_000);
    expect(await joined).toBe('own');
    gate.open();
    await own;
    expect(h.counters).toMatchObject({ joined: 1, bypassed: 1, bypassedBy: { overdue: 1 } });
  });

  it('of leases, who got them', async () => {
    const memory = new SharedMemory();
    const a = new EngineHarness({ memory });
    const b = new EngineHarness({ memory, clock: a.clock });
    const gate = new Gate();
    const first = a.engine.getOrLoad(a.request(() => gate.pass()));
    await gate.reached;
    const second = b.engine.getOrLoad(b.request(() => 'own'));
    await b.clock.advance(10);
    gate.open();
    await first;
    await b.clock.advance(100);
    await second;
    expect(a.counters).toMatchObject({ leasesWon: 1, leasesLost: 0, waited: 0 });
    expect(b.counters).toMatchObject({ leasesWon: 0, leasesLost: 1, waited: 1 });
  });

  it('of hits, whichever way they take, the tenant and for a few the time', async () => {
    const h = new EngineHarness({ fraction: () => 0 });
    const request = h.request(() => 'v');
    await h.engine.getOrLoad(request);
    const { ref, policy } = request;
    await h.engine.nearHit(ref.scope, ref.key, policy);
    await h.engine.getOrLoad(request);
    await h.engine.get(ref, policy);
    expect(h.counters).toMatchObject({ nearHits: 3, misses: 1 });
    expect(h.activities.of('lead').latency.near.snapshot()).toMatchObject({ count: 3, sumMs: 0 });
    expect(h.activities.calls.snapshot()).toEqual([{ item: 'acme', count: 4, excess: 0 }]);
  });

  it('of evictions, what they hit and who made them', async () => {
    const memory = new SharedMemory();
    const a = new EngineHarness({ memory });
    const b = new EngineHarness({ memory, clock: a.clock });
    const { engine, invalidations } = a;
    // Known to the other from its first use.
    await b.engine.get(b.ref(), b.request(() => 0).policy);
    await engine.evict(a.ref());
    await engine.evict(a.ref('k2', null));
    await engine.renewStamp(invalidations.tag('acme', 'lead:1'));
    await engine.renewStamp(invalidations.cache('acme', 'lead', 1));
    await engine.renewStamp(invalidations.tenant('acme'));
    await engine.renewStamp(invalidations.tenant(null));
    await engine.renewStamp(invalidations.all());
    await engine.evictPattern('acme', 'lead.*');
    const counts = { entry: 2, tag: 1, cache: 1, tenant: 2, all: 1, pattern: 1 };
    const by = (origin: 'here' | 'remote') =>
      Object.fromEntries(
        Object.entries(counts).map(([level, count]) => [
          level,
          { here: 0, remote: 0, [origin]: count },
        ]),
      );
    expect(a.activities.evictions).toEqual(by('here'));
    // Others are told of a pattern before it is evicted, and after.
    expect(b.activities.evictions).toEqual({ ...by('remote'), pattern: { here: 0, remote: 2 } });
    expect([a.counters.evictions, a.counters.remoteEvictions]).toEqual([2, 0]);
    expect([b.counters.evictions, b.counters.remoteEvictions]).toEqual([0, 2]);
  });

  it('of caches that only others use: nothing', () => {
    const h = new EngineHarness();
    h.receiver.apply({ kind: 'entry', key: h.keys.entry('acme', 'theirs', 1, 'k') });
    h.receiver.apply({ kind: 'entry', key: 'not a key of ours' });
    expect(h.activities.evictions.entry).toEqual({ here: 0, remote: 1 });
    expect(h.activities.known('theirs')).toBeUndefined();
  });

  it('of time: loads, and each step of work with Redis, failed ones too', async () => {
    const h = new EngineHarness();
    const load = h.engine.getOrLoad(
      h.request(async () => {
        await h.clock.advance(40);
        throw new Error('own');
      }),
    );
    await expect(load).rejects.toThrow('own');
    const { latency } = h.activities.of('lead');
    expect(latency.load.snapshot()).toMatchObject({ count: 1, sumMs: 40 });
    const asked = latency.far.count;
    const slow = new Gate();
    h.far.holdBefore('get', slow);
    h.far.fail('get');
    const read = h.engine.getOrLoad(h.request(() => 1));
    await slow.reached;
    await h.clock.advance(7);
    slow.open();
    await read;
    expect(latency.far.count).toBe(asked + 1);
    expect(latency.far.snapshot().sumMs).toBe(7);
  });
});

describe('StatisticsReporter', () => {
  function reporterOf(h: EngineHarness): StatisticsReporter {
    const { activities, near, far, flights, journal, persistent, coherence, clock } = h;
    const parts = { activities, near, far, flights, journal, persistent, coherence, clock };
    const reporter = new StatisticsReporter({
      parts,
      connectionState: () => undefined,
      busDelayMs: () => undefined,
      malformedMessages: () => 0,
    });
    reporter.start();
    return reporter;
  }

  it('tells what happened since the start, and over the last minutes', async () => {
    const h = new EngineHarness();
    const reporter = reporterOf(h);
    const beganMs = h.clock.nowMs();
    const read = async (count: number, tenant: string) => {
      for (let call = 0; call < count; call += 1) {
        await h.engine.getOrLoad(
          h.request(() => h.clock.advance(count), FAR_ONLY, {
            ref: h.ref(`${count}-${call}`, tenant),
          }),
        );
      }
      await h.engine.renewStamp(h.invalidations.tenant(tenant));
    };
    await read(8, 'early');
    await h.clock.advance(12 * 60_000);
    await read(4, 'acme');
    await h.clock.advance(4 * 60_000);
    await read(2, 'umbrella');
    await h.clock.advance(30_000);

    const told = (['start', '15m', '5m', '1m'] as const).map((window) => {
      const { total, caches, evictions, tenants, period } = reporter.report(window);
      expect(caches.lead?.loads).toBe(total.loads);
      const { load } = total.latency;
      const names = tenants.loads.map(({ tenant, count }) => [tenant, count]);
      const minutes = Math.floor((period.toMs - period.fromMs) / 60_000);
      return [total.loads, evictions.tenant.here, load.count, load.meanMs, names, minutes];
    });
    expect(told).toEqual([
      [
        14,
        3,
        14,
        (8 * 8 + 4 * 4 + 2 * 2) / 14,
        [
          ['early', 8],
          ['acme', 4],
          ['umbrella', 2],
        ],
        16,
      ],
      [
        6,
        2,
        6,
        (4 * 4 + 2 * 2) / 6,
        [
          ['acme', 4],
          ['umbrella', 2],
        ],
        expect.any(Number),
      ],
      [
        6,
        2,
        6,
        (4 * 4 + 2 * 2) / 6,
        [
          ['acme', 4],
          ['umbrella', 2],
        ],
        5,
      ],
      [2, 1, 2, 2, [['umbrella', 2]], 1],
    ]);
    expect(reporter.report('start').period.fromMs).toBe(beganMs);
    reporter.stop();
  });

  it('covers a process younger than the window from its start', async () => {
    const h = new EngineHarness();
    const reporter = reporterOf(h);
    const fromMs = h.clock.nowMs();
    await h.engine.getOrLoad(h.request(() => 1));
    await h.clock.advance(59_000);
    expect(reporter.report('1m')).toMatchObject({
      period: { fromMs, toMs: fromMs + 59_000 },
      total: { loads: 1 },
    });
    reporter.stop();
    expect(h.clock.pending).toBe(0);
  });

  it('knows what the near tier holds of each cache', async () => {
    const h = new EngineHarness();
    const reporter = reporterOf(h);
    const ref = (cache: string, key: string) => h.ref(key, 'acme', cache);
    for (const [cache, key] of [
      ['a', '1'],
      ['a', '2'],
      ['b', '1'],
    ] as const) {
      await h.engine.getOrLoad(h.request(() => 'value', {}, { ref: ref(cache, key) }));
    }
    await h.engine.evict(ref('a', '2'));
    const { caches, near } = reporter.report('start');
    expect([caches.a?.near.entries, caches.b?.near.entries]).toEqual([1, 1]);
    expect((caches.a?.near.bytes ?? 0) + (caches.b?.near.bytes ?? 0)).toBe(near.bytes);
    h.near.clear();
    expect(reporter.report('start').caches.a?.near).toEqual({ entries: 0, bytes: 0 });
    reporter.stop();
  });
});
