import { FakeClock } from '../../../../test/support/fake-clock.js';
import { CircuitBreaker, RELAPSE, type CircuitBreakerOptions } from './circuit-breaker.js';

describe('CircuitBreaker', () => {
  let clock: FakeClock;

  const breakerWith = (options: Partial<CircuitBreakerOptions> = {}): CircuitBreaker =>
    new CircuitBreaker({
      clock,
      threshold: 1,
      backoff: (attempt) => attempt * 100,
      settleMs: 1_000,
      ...options,
    });

  beforeEach(() => {
    clock = new FakeClock(0);
  });

  it('is closed until as many attempts in a row have failed as it takes', () => {
    const breaker = breakerWith({ threshold: 3 });
    expect(breaker.recordFailure()).toBe(false);
    expect(breaker.recordFailure()).toBe(false);
    expect(breaker.state).toEqual({ kind: 'closed', failures: 2 });
    breaker.recordSuccess();
    expect(breaker.state).toEqual({ kind: 'closed', failures: 0 });
    breaker.recordFailure();
    breaker.recordFailure();
    expect(breaker.recordFailure()).toBe(true);
    expect(breaker.state).toEqual({ kind: 'open', sinceMs: 0 });
  });

  it('learns nothing from attempts that end when it is open', () => {
    const breaker = breakerWith();
    breaker.recordFailure();
    breaker.recordSuccess();
    expect(breaker.recordFailure()).toBe(false);
    expect(breaker.state.kind).toBe('open');
    breaker.beginProbe();
    breaker.recordSuccess();
    expect(breaker.recordFailure()).toBe(false);
    expect(breaker.state.kind).toBe('probing');
  });

  it('lets one probe through at a time, and none while it is closed', () => {
    const breaker = breakerWith();
    expect(breaker.beginProbe()).toBeUndefined();
    breaker.trip();
    const settle = breaker.beginProbe();
    expect(settle).toBeInstanceOf(Function);
    expect(breaker.beginProbe()).toBeUndefined();
    expect(settle?.(false)).toBe(true);
    expect(breaker.beginProbe()).toBeInstanceOf(Function);
  });

  it('closes when a probe succeeds, and stays open since the same time when it fails', async () => {
    const breaker = breakerWith();
    breaker.trip();
    await clock.advance(500);
    breaker.beginProbe()?.(false);
    expect(breaker.state).toEqual({ kind: 'open', sinceMs: 0 });
    breaker.beginProbe()?.(true);
    expect(breaker.state).toEqual({ kind: 'closed', failures: 0 });
  });

  it('does not count a probe that began before it tripped anew', () => {
    const breaker = breakerWith();
    breaker.trip();
    const settle = breaker.beginProbe();
    expect(breaker.trip()).toBe(false);
    expect(settle?.(true)).toBe(false);
    expect(breaker.state.kind).toBe('open');
  });

  it('pauses longer with every probe', () => {
    const breaker = breakerWith();
    breaker.trip();
    const pauses = [1, 2, 3].map(() => {
      const pause = breaker.probeDelayMs();
      breaker.beginProbe()?.(false);
      return pause;
    });
    expect(pauses).toEqual([100, 200, 300]);
  });

  it('pauses longer still when it opens soon after closing, and starts over when it held', async () => {
    const breaker = breakerWith();
    breaker.trip();
    breaker.beginProbe()?.(false);
    breaker.beginProbe()?.(true);
    await clock.advance(999);
    breaker.recordFailure();
    expect(breaker.probeDelayMs()).toBe(300 + 100 * RELAPSE);
    breaker.beginProbe()?.(true);
    await clock.advance(1_000);
    breaker.recordFailure();
    expect(breaker.probeDelayMs()).toBe(100);
  });
});
