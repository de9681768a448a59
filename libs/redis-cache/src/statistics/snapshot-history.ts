import type { Clock } from '../resilience/clock.js';

interface Taken<S> {
  readonly atMs: number;
  readonly snapshot: S;
}

const INTERVAL_MS = 10_000;
const MINUTE_MS = 60_000;

/** Until this old all are kept, for the window of a minute; of older ones the first of each minute. */
const ALL_MS = MINUTE_MS + INTERVAL_MS;

/** The longest window, and a minute more, since its first snapshot must be older than it. */
const KEPT_MS = 16 * MINUTE_MS;

/**
 * Snapshots of the last quarter of an hour, about two dozen of them, to see what came since. They are
 * taken in the background, and keep no process alive.
 */
export class SnapshotHistory<S> {
  private taken: readonly Taken<S>[] = [];
  private stopTimer: () => void = () => undefined;

  /** @param take makes a snapshot, and is told the one before to share with it what has not changed */
  constructor(
    private readonly clock: Clock,
    private readonly take: (before: S | undefined) => S,
  ) {}

  /** How many are kept. */
  get size(): number {
    return this.taken.length;
  }

  start(): void {
    this.stopTimer = this.clock.schedule(INTERVAL_MS, () => this.tick(), { background: true });
  }

  stop(): void {
    this.stopTimer();
  }

  /** The latest that is at least `ms` old, and when it was taken; undefined where none is. */
  before(ms: number): Taken<S> | undefined {
    const untilMs = this.clock.nowMs() - ms;
    return this.taken.findLast(({ atMs }) => atMs <= untilMs);
  }

  private tick(): void {
    const atMs = this.clock.nowMs();
    const snapshot = this.take(this.taken.at(-1)?.snapshot);
    this.taken = [...this.taken, { atMs, snapshot }].filter((taken, index, all) => {
      const ageMs = atMs - taken.atMs;
      return ageMs <= ALL_MS || (ageMs <= KEPT_MS && isFirstOfMinute(taken, all[index - 1]));
    });
    this.start();
  }
}

function isFirstOfMinute<S>({ atMs }: Taken<S>, before: Taken<S> | undefined): boolean {
  return before === undefined || minuteOf(atMs) !== minuteOf(before.atMs);
}

function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS);
}
