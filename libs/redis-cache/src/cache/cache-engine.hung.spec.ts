import { EngineHarness } from '../../../../test/support/engine-harness.js';
import { Gate } from '../../../../test/support/gate.js';
import { FULLY_ON } from '../rollout/rollout-state.js';

const never = () => new Promise<never>(() => undefined);

describe('CacheEngine: what never ends', () => {
  it('forgets a refresh past loadTimeout, and begins another one', async () => {
    const policy = { ttl: '10m', refreshAhead: 0.1, loadTimeout: '5s' } as const;
    const h = new EngineHarness({ memoryMode: true });
    await h.engine.getOrLoad(h.request(() => 1, policy));
    await h.clock.advance(61_000);
    await h.engine.getOrLoad(h.request(never, policy));
    let isIdle = false;
    void h.background.idle().then(() => (isIdle = true));
    await h.clock.advance(4_999);
    expect([isIdle, h.flights.size]).toEqual([false, 1]);
    await h.clock.advance(1);
    expect([isIdle, h.flights.size]).toEqual([true, 0]);
    await h.engine.getOrLoad(h.request(() => 2, policy));
    await h.background.idle();
    expect(await h.engine.getOrLoad(h.request(never, policy))).toBe(2);
    expect(h.counters.refreshes).toBe(2);
  });

  it('answers the older value to who waits for such a refresh', async () => {
    const policy = { ttl: '1s', grace: '1m', softTimeout: '10s', loadTimeout: '5s' } as const;
    const h = new EngineHarness();
    await h.engine.getOrLoad(h.request(() => 'old', policy));
    await h.clock.advance(1_001);
    const answer = h.engine.getOrLoad(h.request(never, policy));
    await h.clock.advance(5_000);
    expect(await answer).toBe('old');
  });

  it('keeps lease and flight of a put for loadTimeout', async () => {
    const h = new EngineHarness();
    void h.engine.put(h.request(never, { loadTimeout: '5s' }));
    await h.clock.advance(4_000);
    expect([h.leased(), h.flights.size]).toEqual([true, 1]);
    for (let seconds = 0; seconds < 60; seconds += 1) await h.clock.advance(1_000);
    expect([h.leased(), h.flights.size]).toEqual([false, 0]);
    expect(await h.engine.getOrLoad(h.request(() => 'v'))).toBe('v');
  });

  it('evicts what a put has written that ends later than that, as others may have loaded since', async () => {
    const policy = { loadTimeout: '5s' } as const;
    const h = new EngineHarness();
    const gate = new Gate();
    const putting = h.engine.put(
      h.request(async () => {
        await gate.pass();
        return 'written';
      }, policy),
    );
    for (let seconds = 0; seconds < 60; seconds += 1) await h.clock.advance(1_000);
    expect(await h.engine.getOrLoad(h.request(() => 'before', policy))).toBe('before');
    gate.open();
    expect(await putting).toBe('written');
    expect(await h.engine.getOrLoad(h.request(() => 'written', policy))).toBe('written');
  });

  it('leaves no flight of a shadow past loadTimeout', async () => {
    const h = new EngineHarness({ rollout: { ...FULLY_ON, mode: 'shadow' } });
    void h.engine.getOrLoad(h.request(never, { loadTimeout: '5s' }));
    await h.clock.advance(4_999);
    expect(h.flights.size).toBe(1);
    await h.clock.advance(1);
    expect(h.flights.size).toBe(0);
  });
});
