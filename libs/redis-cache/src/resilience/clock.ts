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

/** The clock of this process. */
export class SystemClock implements Clock {
  private readonly originMs = performance.timeOrigin;

  nowMs(): number {
    return this.originMs + performance.now();
  }

  schedule(ms: number, fn: () => void, options: ScheduleOptions = {}): () => void {
    let timer: NodeJS.Timeout;
    const arm = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, LONGEST_TIMER_MS);
      timer = setTimeout(() => (leftMs > stepMs ? arm(leftMs - stepMs) : fn()), stepMs);
      if (options.background) timer.unref();
    };
    arm(ms);
    return () => clearTimeout(timer);
  }

  // Node runs immediates after the poll phase, in which sockets are read.
  afterIo(fn: () => void): void {
    setImmediate(fn);
  }
}
