import { FakeClock } from '../../../../test/support/fake-clock.js';
import { Deadlines } from './deadlines.js';

describe('Deadlines', () => {
  let clock: FakeClock;
  let deadlines: Deadlines;

  beforeEach(() => {
    clock = new FakeClock();
    deadlines = new Deadlines(clock);
  });

  it('expire what is not ended in its time, each by itself, to within a tick', async () => {
    const expired: string[] = [];
    deadlines.watch(20, () => expired.push('short'));
    deadlines.watch(100, () => expired.push('long'));
    await clock.advance(19);
    expect(expired).toEqual([]);
    await clock.advance(6);
    expect(expired).toEqual(['short']);
    await clock.advance(74);
    expect(expired).toEqual(['short']);
    await clock.advance(6);
    expect(expired).toEqual(['short', 'long']);
  });

  it('count from when the watch began, also between two ticks', async () => {
    const expired: string[] = [];
    deadlines.watch(1_000, () => undefined);
    await clock.advance(3);
    deadlines.watch(10, () => expired.push('later'));
    await clock.advance(9);
    expect(expired).toEqual([]);
    await clock.advance(8);
    expect(expired).toEqual(['later']);
  });

  it('do not expire what has ended, and keep no timer when nothing is watched', async () => {
    const expire = jest.fn();
    const done = deadlines.watch(20, expire);
    await clock.advance(10);
    done();
    await clock.advance(100);
    expect(expire).not.toHaveBeenCalled();
    expect(clock.pending).toBe(0);
  });

  it('do not count a time in which this process could receive nothing', () => {
    let nowMs = 0;
    const ticks: (() => void)[] = [];
    const blocked = {
      nowMs: () => nowMs,
      schedule: (_ms: number, fn: () => void) => (ticks.push(fn), () => undefined),
      afterIo: (fn: () => void) => fn(),
    };
    const expire = jest.fn();
    new Deadlines(blocked).watch(100, expire);
    const tickAt = (ms: number) => {
      nowMs = ms;
      ticks.shift()?.();
    };
    tickAt(5_000);
    expect(expire).not.toHaveBeenCalled();
    for (let ms = 5_005; ms <= 5_085; ms += 5) tickAt(ms);
    expect(expire).not.toHaveBeenCalled();
    tickAt(5_090);
    tickAt(5_095);
    expect(expire).toHaveBeenCalledTimes(1);
  });

  it('let what has arrived count before they expire', async () => {
    let done = (): void => undefined;
    const expire = jest.fn();
    const reading = Object.create(clock) as FakeClock;
    reading.afterIo = (fn) => {
      done();
      fn();
    };
    done = new Deadlines(reading).watch(5, expire);
    await clock.advance(50);
    expect(expire).not.toHaveBeenCalled();
  });
});
