import type { WarmState } from '../cache/warm-progress.js';
import type { Clock } from '../resilience/clock.js';
import type { ConnectionWait } from './connection-wait.js';
import type { Warmers } from './warmers.js';

/** What {@link BootWarming} works with. */
export interface BootWarmingParts {
  readonly warmers: Warmers;
  readonly connection: ConnectionWait;
  readonly clock: Clock;
  /** From 0 up to, but not, 1. */
  readonly random: () => number;
  readonly leaseMs: number;
}

/** What another attempt may still change: the other process may have died, and Redis comes back. */
const TRIED_AGAIN: readonly WarmState[] = ['elsewhere', 'away', 'lost'];

/**
 * Runs all warmers once an application has booted. It begins as soon as Redis is there, and what
 * another process is at is watched until that has done it, or has died, and this one takes over.
 */
export class BootWarming {
  private readonly pauses = new Set<() => void>();
  private ended = false;

  constructor(private readonly parts: BootWarmingParts) {}

  /** @returns resolves once each warmer has been run, or left, for the first time */
  async begin(): Promise<void> {
    const first = this.parts.warmers.names.map(
      (name) => new Promise<void>((resolve) => void this.follow(name, resolve)),
    );
    await Promise.all(first);
  }

  /** Tries nothing again. */
  end(): void {
    this.ended = true;
    for (const cancel of this.pauses) cancel();
    this.pauses.clear();
  }

  private async follow(name: string, onFirst: () => void): Promise<void> {
    const { warmers, connection } = this.parts;
    for (;;) {
      await connection.ready();
      if (this.ended) return;
      const { state } = await warmers.warm(name, true);
      onFirst();
      if (!TRIED_AGAIN.includes(state)) return;
      await this.pause();
    }
  }

  /** Up to a lease, at random, so that not all who wait ask at once. After the end it never ends. */
  private pause(): Promise<void> {
    const { clock, leaseMs, random } = this.parts;
    return new Promise((resolve) => {
      const cancel = clock.schedule(
        leaseMs * (0.5 + random() / 2),
        () => {
          this.pauses.delete(cancel);
          resolve();
        },
        { background: true },
      );
      if (this.ended) cancel();
      else this.pauses.add(cancel);
    });
  }
}
