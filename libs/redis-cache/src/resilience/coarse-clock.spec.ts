import { FakeClock } from '../../../../test/support/fake-clock.js';
import { CoarseClock, TICK_MS } from './coarse-clock.js';

describe('CoarseClock', () => {
  it('tells the time to within a tick while it is asked', async () => {
    const clock = new FakeClock();
    const coarse = new CoarseClock(clock);
    for (let step = 0; step < 50; step += 1) {
      const behindMs = clock.nowMs() - coarse.nowMs();
      expect(behindMs).toBeGreaterThanOrEqual(0);
      expect(behindMs).toBeLessThan(TICK_MS);
      await clock.advance(step % 7);
    }
  });

  it('tells the exact time after a pause in which nobody asked, and keeps no timer in it', async () => {
    const clock = new FakeClock();
    const coarse = new CoarseClock(clock);
    coarse.nowMs();
    await clock.advance(60_000);
    expect(clock.pending).toBe(0);
    expect(coarse.nowMs()).toBe(clock.nowMs());
  });

  it('goes on in a loop that lets no timer run', () => {
    let nowMs = 0;
    const stuck = { nowMs: () => nowMs, schedule: () => () => undefined, afterIo: () => undefined };
    const coarse = new CoarseClock(stuck);
    coarse.nowMs();
    nowMs = 1_000;
    const told = Array.from({ length: 64 }, () => coarse.nowMs());
    expect(told[0]).toBe(0);
    expect(told.at(-1)).toBe(1_000);
  });
});
