import { FarTimeoutError } from '../errors/far-tier.error.js';
import type { Clock } from '../resilience/clock.js';

/**
 * What one call may spend on Redis altogether, however many commands it takes: a call that finds
 * Redis slow is late by this much at most.
 */
export class FarBudget {
  private leftMs: number;

  constructor(
    private readonly totalMs: number,
    private readonly clock: Clock,
  ) {
    this.leftMs = totalMs;
  }

  /**
   * Runs a command within what is left.
   *
   * @throws {FarTimeoutError} nothing is left; the command is not sent
   */
  async spend<T>(command: (budgetMs: number) => Promise<T>): Promise<T> {
    if (this.leftMs <= 0) throw new FarTimeoutError(this.totalMs);
    const beganMs = this.clock.nowMs();
    try {
      return await command(this.leftMs);
    } finally {
      this.leftMs -= this.clock.nowMs() - beganMs;
    }
  }
}
