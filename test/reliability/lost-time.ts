import { performance } from 'node:perf_hooks';

const TICK_MS = 5;
/** A timer is this late on an idle machine. */
const USUAL_DELAY_MS = 1;

/**
 * Measures the time in which this process could do nothing, because the machine had other work or the
 * event loop was busy: a call is not slow by it.
 */
export class LostTime {
  private tickedAtMs = performance.now();
  private lostMs = 0;
  private readonly timer: NodeJS.Timeout;

  constructor() {
    this.timer = setInterval(() => {
      this.lostMs += this.overdueMs();
      this.tickedAtMs = performance.now();
    }, TICK_MS);
  }

  /** All that was lost so far; the difference of two readings was lost between them. */
  get totalMs(): number {
    return this.lostMs + this.overdueMs();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private overdueMs(): number {
    return Math.max(0, performance.now() - this.tickedAtMs - TICK_MS - USUAL_DELAY_MS);
  }
}
