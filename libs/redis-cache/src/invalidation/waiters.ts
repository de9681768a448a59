import type { Clock } from '../resilience/clock.js';

/** Those who wait for the same, each for so long at most. */
export class Waiters {
  private readonly ends = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  /** Resolves once the waiting is ended, or has lasted so long. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        this.ends.delete(end);
        resolve();
      };
      const cancel = this.clock.schedule(ms, end);
      this.ends.add(end);
    });
  }

  /** Ends it for all of them. */
  end(): void {
    for (const end of this.ends) end();
  }
}
