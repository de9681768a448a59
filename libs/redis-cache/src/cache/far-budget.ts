import { FarTimeoutError } from '../errors/far-tier.error.js';
import type { Clock } from '../resilience/clock.js';

/**
 * What one call may spend on Redis altogether, however many commands it takes: a call that finds
 * Redis slow is late by this much at most.
 */
export class FarBudget {
  private leftMs: number;

  constructor(
    readonly totalMs: number,
    private readonly clock: Clock,
  ) {
    this.leftMs = totalMs;
  }

  /** Whether nothing is left, so that no command is sent. */
  get exhausted(): boolean {
    return this.leftMs <= 0;
  }

  /** What a command may take that begins now; undefined is all that any command may take. */
  get limitMs(): number | undefined {
    return this.leftMs < this.totalMs ? this.leftMs : undefined;
  }

  /** Notes a command that has ended. @returns how long it took */
  took(sinceMs: number, untilMs = this.clock.nowMs()): number {
    const ms = untilMs - sinceMs;
    this.leftMs -= ms;
    return ms;
  }

  /**
   * Runs a command within what is left.
   *
   * @param command is given {@link limitMs}
   * @throws {FarTimeoutError} nothing is left; the command is not sent
   */
  spend<T>(command: (budgetMs: number | undefined) => Promise<T>): Promise<T> {
    if (this.exhausted) return Promise.reject(new FarTimeoutError(this.totalMs));
    const beganMs = this.clock.nowMs();
    const work = command(this.limitMs);
    const settle = () => this.took(beganMs);
    work.then(settle, settle);
    return work;
  }
}
