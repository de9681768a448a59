import type { Clock } from './clock.js';

/** How far the coarse time may be behind while it is asked for. */
export const TICK_MS = 5;

/** A loop that lets no timer run reads the clock itself once in so many times. */
const LOOKS_PER_READING = 64;

/**
 * The time, to within {@link TICK_MS}, at the cost of reading a field: reading the clock takes as long
 * as all the rest of a near hit. A timer keeps it up to date, but only while somebody asks.
 */
export class CoarseClock {
  private lastMs = 0;
  private looks = 0;
  private ticking = false;

  constructor(private readonly clock: Clock) {}

  /** Never ahead of the clock; behind it by {@link TICK_MS}, or for as long as the process is blocked. */
  nowMs(): number {
    this.looks += 1;
    if (!this.ticking || this.looks % LOOKS_PER_READING === 0) this.read();
    return this.lastMs;
  }

  private read(): void {
    this.lastMs = this.clock.nowMs();
    if (this.ticking) return;
    this.ticking = true;
    this.tick();
  }

  private tick(): void {
    const { looks } = this;
    const onTick = (): void => {
      this.ticking = looks !== this.looks;
      if (!this.ticking) return;
      this.lastMs = this.clock.nowMs();
      this.tick();
    };
    this.clock.schedule(TICK_MS, onTick, { background: true });
  }
}
