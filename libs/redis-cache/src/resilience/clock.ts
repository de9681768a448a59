import { outsideAnyCall } from './outside-any-call.js';

/** How a {@link Clock} keeps a timer. */
export interface ScheduleOptions {
  /** The timer alone does not keep the process alive. @default false */
  readonly background?: boolean;
}

/** Time, as everything in this library asks for it; tests have one that they wind themselves. */
export interface Clock {
  /** Milliseconds since the epoch, with fractions. Never steps back, whatever the system clock does. */
  nowMs(): number;

  /**
   * Runs `fn` once, `ms` from now.
   *
   * @returns cancels it; harmless when it has run
   */
  schedule(ms: number, fn: () => void, options?: ScheduleOptions): () => void;

  /** Runs `fn` once what has already arrived on the sockets is read and its promises are settled. */
  afterIo(fn: () => void): void;
}

/** Node runs a timer at once that is longer than this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * A background timer that is to run later than this is not armed before. Most watch over something
 * that ends at once, as a load does, and a timer of Node costs as much as half of what it watches.
 */
const PATIENCE_MS = 50;

interface UnarmedTimer {
  readonly dueMs: number;
  /** Undefined once it is cancelled. */
  fn: (() => void) | undefined;
  /** Cancels it, once it is armed. */
  disarm: (() => void) | undefined;
}

/**
 * The clock of this process. Its timers run in no context of whoever set them: several are armed
 * together, and one that follows another for ever would hold on to the request that was first.
 */
export class SystemClock implements Clock {
  private readonly originMs = performance.timeOrigin;
  private unarmed: UnarmedTimer[] = [];
  private armAtMs = -Infinity;

  nowMs(): number {
    return this.originMs + performance.now();
  }

  schedule(ms: number, fn: () => void, { background = false }: ScheduleOptions = {}): () => void {
    if (!background || ms <= PATIENCE_MS) return arm(ms, fn, background);
    const nowMs = this.nowMs();
    const timer: UnarmedTimer = { dueMs: nowMs + ms, fn, disarm: undefined };
    this.unarmed.push(timer);
    this.armLater(nowMs);
    return () => {
      timer.fn = undefined;
      timer.disarm?.();
    };
  }

  // Node runs immediates after the poll phase, in which sockets are read.
  afterIo(fn: () => void): void {
    setImmediate(fn);
  }

  private armLater(nowMs: number): void {
    const leftMs = this.armAtMs - nowMs;
    // Past its time, or too far ahead: whoever fakes timers has taken it away.
    if (leftMs > 0 && leftMs <= PATIENCE_MS) return;
    this.armAtMs = nowMs + PATIENCE_MS;
    arm(PATIENCE_MS, () => this.armAll(), true);
  }

  private armAll(): void {
    const timers = this.unarmed;
    this.unarmed = [];
    const nowMs = this.nowMs();
    for (const timer of timers) {
      if (timer.fn) timer.disarm = arm(Math.round(timer.dueMs - nowMs), timer.fn, true);
    }
  }
}

function arm(ms: number, fn: () => void, background: boolean): () => void {
  let timer: NodeJS.Timeout;
  const next = (leftMs: number): void => {
    const stepMs = Math.min(leftMs, LONGEST_TIMER_MS);
    timer = setTimeout(() => (leftMs > stepMs ? next(leftMs - stepMs) : fn()), stepMs);
    if (background) timer.unref();
  };
  outsideAnyCall(next, ms);
  return () => clearTimeout(timer);
}
