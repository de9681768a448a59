import { FakeClock } from '../../../../test/support/fake-clock.js';
import { SnapshotHistory } from './snapshot-history.js';

const MINUTE_MS = 60_000;

describe('SnapshotHistory', () => {
  let clock: FakeClock;
  let history: SnapshotHistory<number>;

  beforeEach(() => {
    clock = new FakeClock();
    const beganMs = clock.nowMs();
    history = new SnapshotHistory(clock, () => clock.nowMs() - beganMs);
    history.start();
  });

  it('has none before the first is taken', () => {
    expect(history.before(0)).toBeUndefined();
  });

  it('gives the latest that is old enough', async () => {
    await clock.advance(95_000);
    expect(history.before(0)?.snapshot).toBe(90_000);
    expect(history.before(MINUTE_MS)?.snapshot).toBe(30_000);
    expect(history.before(5 * MINUTE_MS)).toBeUndefined();
  });

  it('is within 10 s for the last minute and within a minute for the others, for ever', async () => {
    for (let step = 0; step < 200; step += 1) {
      await clock.advance(7_000 + step * 10);
      for (const [windowMs, slackMs] of [
        [MINUTE_MS, 10_000],
        [5 * MINUTE_MS, MINUTE_MS],
        [15 * MINUTE_MS, MINUTE_MS],
      ] as const) {
        const taken = history.before(windowMs);
        if (!taken) continue;
        expect(clock.nowMs() - taken.atMs).toBeLessThanOrEqual(windowMs + slackMs);
        expect(clock.nowMs() - taken.atMs).toBeGreaterThanOrEqual(windowMs);
      }
    }
    const oldest = history.before(15 * MINUTE_MS);
    expect(oldest?.atMs).toBeLessThanOrEqual(clock.nowMs() - 15 * MINUTE_MS);
    expect(history.size).toBeLessThanOrEqual(25);
  });

  it('hands on the snapshot before, to share with', async () => {
    const befores: (object | undefined)[] = [];
    const shared = {};
    const other = new SnapshotHistory<object>(clock, (before) => {
      befores.push(before);
      return shared;
    });
    other.start();
    await clock.advance(25_000);
    expect(befores).toEqual([undefined, shared]);
  });

  it('leaves no timer behind', async () => {
    await clock.advance(25_000);
    history.stop();
    expect(clock.pending).toBe(0);
  });
});
