import { setImmediate } from 'node:timers';
import { durationMs, type Duration } from '../config/duration.js';
import type { Clock } from '../resilience/clock.js';

interface FakeTimer {
  readonly dueMs: number;
  readonly fn: () => void;
}

/** A clock that stands still until a test winds it. */
export class FakeClock implements Clock {
  private timers: FakeTimer[] = [];

  /** @param currentMs what it begins with, in milliseconds since 1970. @default 2026-01-01T00:00:00Z */
  constructor(private currentMs = Date.UTC(2026, 0, 1)) {}

  /** Timers that wait to run. */
  get pending(): number {
    return this.timers.length;
  }

  nowMs(): number {
    return this.currentMs;
  }

  schedule(ms: number, fn: () => void): () => void {
    const timer: FakeTimer = { dueMs: this.currentMs + Math.max(0, ms), fn };
    this.timers.push(timer);
    return () => this.drop(timer);
  }

  afterIo(fn: () => void): void {
    this.schedule(0, fn);
  }

  /**
   * Resolves once the clock was wound on by as much: for a load that takes its time.
   *
   * @throws {InvalidCacheOptionsError} it is no duration
   */
  sleep(duration: Duration): Promise<void> {
    const ms = durationMs(duration, 'duration of sleep');
    return new Promise((resolve) => void this.schedule(ms, resolve));
  }

  /**
   * Goes on by `duration`: runs what becomes due in order, each timer at its own time and with all
   * promises settled that it, or the test, made settle.
   *
   * @param duration milliseconds, or `'15m'`; 0 only lets promises settle
   * @throws {InvalidCacheOptionsError} it is no duration
   */
  async advance(duration: Duration): Promise<void> {
    const untilMs = this.currentMs + durationMs(duration, 'duration of advance');
    await settlePromises();
    for (let timer = this.nextDue(untilMs); timer; timer = this.nextDue(untilMs)) {
      this.drop(timer);
      this.currentMs = timer.dueMs;
      timer.fn();
      await settlePromises();
    }
    this.currentMs = untilMs;
  }

  private nextDue(untilMs: number): FakeTimer | undefined {
    return this.timers
      .filter(({ dueMs }) => dueMs <= untilMs)
      .reduce<FakeTimer | undefined>((a, b) => (a && a.dueMs <= b.dueMs ? a : b), undefined);
  }

  private drop(timer: FakeTimer): void {
    this.timers = this.timers.filter((other) => other !== timer);
  }
}

/**
 * Every promise chain has run as far as it can when an immediate runs. It is Node's own, whatever a
 * test has put in the place of the global one.
 */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
