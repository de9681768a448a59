import { AsyncLocalStorage } from 'node:async_hooks';
import { SystemClock } from './clock.js';

describe('SystemClock', () => {
  let clock: SystemClock;

  beforeEach(() => {
    clock = new SystemClock();
  });

  afterEach(() => jest.useRealTimers());

  it('tells the time of day, to fractions of a millisecond', () => {
    expect(Math.abs(clock.nowMs() - Date.now())).toBeLessThan(1_000);
  });

  it('goes on when the system clock is set back', () => {
    const before = clock.nowMs();
    const dateNow = jest.spyOn(Date, 'now').mockReturnValue(0);
    expect(clock.nowMs()).toBeGreaterThanOrEqual(before);
    dateNow.mockRestore();
  });

  it('runs a function once, after the time given', () => {
    jest.useFakeTimers();
    const fn = jest.fn();
    clock.schedule(100, fn);
    jest.advanceTimersByTime(99);
    expect(fn).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1_000);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('waits longer than a timer of Node can, and can be cancelled all the while', () => {
    jest.useFakeTimers();
    const thirtyDaysMs = 30 * 86_400_000;
    const fn = jest.fn();
    const cancelled = jest.fn();
    clock.schedule(thirtyDaysMs, fn);
    const cancel = clock.schedule(thirtyDaysMs, cancelled);
    jest.advanceTimersByTime(thirtyDaysMs - 1);
    expect(fn).not.toHaveBeenCalled();
    cancel();
    jest.advanceTimersByTime(1);
    expect(fn).toHaveBeenCalledTimes(1);
    expect(cancelled).not.toHaveBeenCalled();
  });

  it('keeps the process alive with a timer, unless it is one of the background', () => {
    const setTimer = jest.spyOn(globalThis, 'setTimeout');
    const cancels = [
      clock.schedule(1_000, () => undefined),
      clock.schedule(1_000, () => undefined, { background: true }),
    ];
    const timers = setTimer.mock.results.map(({ value }) => value as NodeJS.Timeout);
    expect(timers.map((timer) => timer.hasRef())).toEqual([true, false]);
    for (const cancel of cancels) cancel();
    setTimer.mockRestore();
  });

  describe('a timer in the background', () => {
    const background = { background: true };

    it.each([1, 50, 51, 100, 60_000])('of %d ms runs at its time', (ms) => {
      jest.useFakeTimers();
      const fn = jest.fn();
      clock.schedule(ms, fn, background);
      jest.advanceTimersByTime(ms - 1);
      expect(fn).not.toHaveBeenCalled();
      jest.advanceTimersByTime(1);
      expect(fn).toHaveBeenCalledTimes(1);
    });

    it.each([0, 49, 50, 51, 59_999])('does not run if it is cancelled after %d ms', (ms) => {
      jest.useFakeTimers();
      const fn = jest.fn();
      const cancel = clock.schedule(60_000, fn, background);
      jest.advanceTimersByTime(ms);
      cancel();
      jest.advanceTimersByTime(120_000);
      expect(fn).not.toHaveBeenCalled();
      expect(jest.getTimerCount()).toBe(0);
    });

    it('that is cancelled at once costs no timer of its own', () => {
      const setTimer = jest.spyOn(globalThis, 'setTimeout');
      for (let i = 0; i < 100; i += 1) clock.schedule(60_000, () => undefined, background)();
      expect(setTimer.mock.calls.length).toBeLessThanOrEqual(1);
      setTimer.mockRestore();
    });
  });

  it.each([
    [10, true],
    [60, true],
    [10, false],
  ])('runs a timer of %d ms (background: %s) in no context of anybody', async (ms, background) => {
    const requests = new AsyncLocalStorage<string>();
    const seen = ['first', 'second'].map((request) =>
      requests.run(
        request,
        () =>
          new Promise((resolve) => {
            clock.schedule(ms, () => resolve(requests.getStore()), { background });
          }),
      ),
    );
    expect(await Promise.all(seen)).toEqual([undefined, undefined]);
  });

  it('lets timers that are due come before what waits for the sockets', async () => {
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      clock.schedule(0, () => {
        clock.afterIo(() => {
          order.push('after');
          resolve();
        });
        process.nextTick(() => order.push('tick'));
        void Promise.resolve().then(() => order.push('promise'));
      });
    });
    expect(order).toEqual(['tick', 'promise', 'after']);
  });
});
