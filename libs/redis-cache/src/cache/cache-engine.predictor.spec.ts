import { EngineHarness } from '../../../../test/support/engine-harness.js';
import { Gate } from '../../../../test/support/gate.js';
import { SharedMemory } from '../../../../test/support/memory-far.store.js';
import type { CachePolicy } from '../config/cache-policy.js';

const POLICY: CachePolicy = { near: false, ttl: '1h' };
/** Misses in a row until one is expected. */
const ENOUGH = 16;

/** Two processes, of which the first expects misses; `sent` is what it sends for a read. */
async function expecting() {
  const memory = new SharedMemory();
  const a = new EngineHarness({ memory });
  const b = new EngineHarness({ memory, clock: a.clock });
  for (let i = 0; i < ENOUGH; i += 1) await read(a, `absent-${i}`);
  a.far.sent.length = 0;
  return { a, b };
}

function read(
  h: EngineHarness,
  key: string,
  { tags, policy = POLICY }: { tags?: string[]; policy?: CachePolicy } = {},
): Promise<unknown> {
  const load = () => `loaded ${key}`;
  return h.engine.getOrLoad(h.request(load, policy, { ref: h.ref(key), ...(tags && { tags }) }));
}

describe('a cache whose reads find nothing', () => {
  it('is asked for the lease at once, which saves a round trip', async () => {
    const { a } = await expecting();
    expect(await read(a, 'k')).toBe('loaded k');
    expect(a.far.sent).toEqual(['acquire', 'fill']);
    expect(a.stored(a.ref('k'))).toBeInstanceOf(Buffer);
    expect(a.counters).toMatchObject({
      misses: ENOUGH + 1,
      missedBy: { absent: ENOUGH + 1 },
      leasesWon: ENOUGH + 1,
    });
  });

  it('is read as ever until there were that many', async () => {
    const h = new EngineHarness();
    for (let i = 0; i < ENOUGH - 1; i += 1) await read(h, `absent-${i}`);
    h.far.sent.length = 0;
    await read(h, 'k');
    expect(h.far.sent).toEqual(['get', 'acquire', 'fill']);
  });

  it('answers what is there all the same, and counts it as the hit that it is', async () => {
    const { a, b } = await expecting();
    await read(b, 'k');
    expect(await read(a, 'k')).toBe('loaded k');
    expect(a.far.sent).toEqual(['acquire']);
    expect(a.counters).toMatchObject({ farHits: 1, loads: ENOUGH, misses: ENOUGH });
    expect(a.leased(a.ref('k'))).toBe(false);
  });

  it('is read as ever again once its reads find something', async () => {
    const { a, b } = await expecting();
    await read(b, 'k');
    await read(a, 'k');
    a.far.sent.length = 0;
    await read(a, 'k');
    expect(a.far.sent).toEqual(['get']);
  });

  it('says why what is there does not count', async () => {
    const { a, b } = await expecting();
    await read(b, 'k', { tags: ['t'] });
    await b.engine.renewStamp(b.invalidations.tag('acme', 't'));
    expect(await read(a, 'k', { tags: ['t'] })).toBe('loaded k');
    expect(a.counters).toMatchObject({ outdated: 1, missedBy: { absent: ENOUGH, outdated: 1 } });
  });

  it('serves within its grace, and refreshes', async () => {
    const { a, b } = await expecting();
    const policy: CachePolicy = { near: false, ttl: '1s', grace: '1m' };
    await read(b, 'k', { policy });
    await a.clock.advance(1_500);
    expect(await read(a, 'k', { policy })).toBe('loaded k');
    await a.background.idle();
    expect(a.counters).toMatchObject({ staleServed: 1, refreshes: 1 });
  });

  it('says that Redis did not answer where it did not', async () => {
    const { a } = await expecting();
    a.far.fail('acquire');
    expect(await read(a, 'k')).toBe('loaded k');
    expect(a.counters.missedBy).toMatchObject({ absent: ENOUGH, timeout: 1 });
  });

  it('waits for the process that loads', async () => {
    const { a, b } = await expecting();
    const gate = new Gate();
    const loading = b.engine.getOrLoad(
      b.request(() => gate.pass().then(() => 'of b'), POLICY, { ref: b.ref('k') }),
    );
    await gate.reached;
    const waiting = read(a, 'k');
    gate.open();
    await loading;
    await a.clock.advance(1_000);
    expect(await waiting).toBe('of b');
    expect(a.counters).toMatchObject({ waited: 1, leasesLost: 1, farHits: 1, loads: ENOUGH });
  });
});
