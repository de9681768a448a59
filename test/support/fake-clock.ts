import { setImmediate } from 'node:timers';
import type { Clock } from '../../libs/redis-cache/src/resilience/clock.js';

interface FakeTimer {
  readonly dueMs: number;
  readonly fn: () => void;
}

/** A clock that stands still until a test winds it. */
export class FakeClock implements Clock {
  private timers: FakeTimer[] = [];

  constructor(private currentMs = Date.UTC(2026, 0, 1)) {}

  /** Timers that wait to run. A test that ends with some has found a leak. */
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
   * Goes on by `ms`: runs what becomes due in order, each timer at its own time and with all promises
   * settled that it, or the test, made settle.
   */
  async advance(ms: number): Promise<void> {
    const untilMs = this.currentMs + ms;
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

/** Every promise chain has run as far as it can when an immediate runs. */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
