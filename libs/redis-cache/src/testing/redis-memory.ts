import type { Clock } from '../resilience/clock.js';

interface Stored {
  readonly bytes: Buffer;
  readonly untilMs: number;
}

/** Keys with their values, and who listens to which channel: what a Redis server has in its memory. */
export class RedisMemory {
  private readonly stored = new Map<string, Stored>();
  private readonly listeners = new Set<(channel: string, message: string) => void>();

  constructor(readonly clock: Clock) {}

  get(key: string): Buffer | undefined {
    return this.live(key)?.bytes;
  }

  /** The value as text; `''` where there is none. */
  text(key: string): string {
    return this.get(key)?.toString() ?? '';
  }

  /** @param lifeMs Infinity for as long as nobody deletes it */
  set(key: string, value: Buffer | string, lifeMs: number): void {
    const bytes = Buffer.from(value);
    this.stored.set(key, { bytes, untilMs: this.clock.nowMs() + lifeMs });
  }

  /** @returns 1 if it was there, as Redis counts */
  delete(key: string): 0 | 1 {
    const existed = this.live(key) !== undefined;
    this.stored.delete(key);
    return existed ? 1 : 0;
  }

  /** As Redis tells it: -1 of a key that lives on, -2 of one that is not there. */
  leftMs(key: string): number {
    const stored = this.live(key);
    if (!stored) return -2;
    return stored.untilMs === Infinity ? -1 : stored.untilMs - this.clock.nowMs();
  }

  keys(): string[] {
    return [...this.stored.keys()].filter((key) => this.live(key) !== undefined);
  }

  clear(): void {
    this.stored.clear();
  }

  /** @returns stops listening */
  listen(listener: (channel: string, message: string) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** @returns how many connections listen at all */
  publish(channel: string, message: string): number {
    for (const listener of [...this.listeners]) listener(channel, message);
    return this.listeners.size;
  }

  private live(key: string): Stored | undefined {
    const stored = this.stored.get(key);
    return stored && stored.untilMs > this.clock.nowMs() ? stored : undefined;
  }
}
