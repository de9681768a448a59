import { FarTimeoutError } from '../errors/far-tier.error.js';
import type { Clock } from './clock.js';

/** How exact a deadline is. */
const TICK_MS = 5;

interface Watched {
  /** By the time that this process has attended to. */
  readonly untilMs: number;
  /** Undefined once the watch has ended. */
  expire: (() => void) | undefined;
}

/** Whoever is told how limited work ended. */
interface Told {
  readonly onDone?: () => void;
  readonly onFailed?: (error: unknown) => void;
}

/**
 * Deadlines of many things at once, by one timer. As with `withDeadline` only time counts in which
 * this process could have received an answer: of a tick that comes late, the delay does not.
 */
export class Deadlines {
  /**
   * Those that have ended leave it with the next tick. In a Set, which is made anew again and again as
   * its members change, each table that has become old would keep all that the next one refers to.
   */
  private watched: Watched[] = [];
  private attendedMs = 0;
  private tickedAtMs = 0;
  private ticking = false;

  constructor(private readonly clock: Clock) {}

  /**
   * Calls `expire` once `ms` have passed, give or take a tick.
   *
   * @returns ends the watch
   */
  watch(ms: number, expire: () => void): () => void {
    if (!this.ticking) this.begin();
    const watched: Watched = { untilMs: this.nowMs() + ms, expire };
    this.watched.push(watched);
    return () => {
      watched.expire = undefined;
    };
  }

  /**
   * Settles as `promise` does, or rejects once `ms` have passed without it; what comes later is
   * dropped. Nothing is cancelled.
   *
   * @param told hears of the end just before whoever waits for it
   * @throws {FarTimeoutError} no answer in time
   */
  limit<T>(promise: PromiseLike<T>, ms: number, told: Told = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      let late = false;
      const fail = (error: unknown): void => {
        told.onFailed?.(error);
        const reason = error as Error;
        reject(reason);
      };
      const done = this.watch(ms, () => {
        late = true;
        fail(new FarTimeoutError(ms));
      });
      promise.then(
        (value) => {
          if (late) return;
          done();
          told.onDone?.();
          resolve(value);
        },
        (error: unknown) => {
          if (late) return;
          done();
          fail(error);
        },
      );
    });
  }

  private nowMs(): number {
    return this.attendedMs + Math.min(this.clock.nowMs() - this.tickedAtMs, TICK_MS);
  }

  private begin(): void {
    this.ticking = true;
    this.tickedAtMs = this.clock.nowMs();
    this.tick();
  }

  private tick(): void {
    const onTick = (): void => {
      const nowMs = this.clock.nowMs();
      this.attendedMs += Math.min(nowMs - this.tickedAtMs, 2 * TICK_MS);
      this.tickedAtMs = nowMs;
      // What has arrived meanwhile is read before the end of a span counts.
      this.clock.afterIo(() => this.expireDue());
      this.watched = this.watched.filter(({ expire }) => expire !== undefined);
      this.ticking = this.watched.length > 0;
      if (this.ticking) this.tick();
    };
    this.clock.schedule(TICK_MS, onTick, { background: true });
  }

  private expireDue(): void {
    for (const watched of this.watched) {
      if (watched.untilMs > this.attendedMs) continue;
      const { expire } = watched;
      watched.expire = undefined;
      expire?.();
    }
  }
}
