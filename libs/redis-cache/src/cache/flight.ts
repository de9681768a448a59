import type { HeldValue } from '../codec/held-value.js';
import type { ResolvedPolicy } from '../config/resolve-policy.js';
import type { Clock } from '../resilience/clock.js';
import type { Answered } from './call-log.js';

/** What a flight came to. */
export interface Outcome {
  /** The answer for the caller that leads the flight. */
  readonly own: unknown;
  /** For those who joined; undefined when the value cannot be copied and each must load its own. */
  readonly held: HeldValue | undefined;
}

/** What a read came to, and how the cache had it. */
export interface Answer extends Outcome {
  readonly how: Answered;
}

/** The answer from a value that the cache holds: a copy, or the frozen value itself. */
export function outcomeOf(policy: ResolvedPolicy, held: HeldValue): Outcome {
  return { own: copyOf(policy, held), held };
}

/** What one caller is given of a value that others hold too. */
export function copyOf(policy: ResolvedPolicy, { value, frozen, codecId }: HeldValue): unknown {
  return frozen ? value : policy.codec.copy(value, codecId);
}

/**
 * Work under way in this process on one entry: a read with its load, a refresh, or a write.
 *
 * An invalidation marks every flight of its entry. A marked flight still answers those who joined
 * before, but its value is not kept, and nobody joins it any more.
 */
export class Flight {
  private readonly controller = new AbortController();
  private readonly timers: (() => void)[] = [];
  private marked = false;

  constructor(
    readonly key: string,
    private readonly clock: Clock,
  ) {}

  /** Aborted when the load ran past its time, or the cache closes. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Whether an invalidation came, or the load ran out of its time: its value must not be kept. */
  get invalidated(): boolean {
    return this.marked;
  }

  invalidate(): void {
    this.marked = true;
  }

  abort(reason: unknown): void {
    this.invalidate();
    this.controller.abort(reason);
  }

  /** Limits the time of the load; past it the signal aborts and the value is no longer kept. */
  expireAfter(timeoutMs: number, onExpired: () => void): void {
    this.after(timeoutMs, () => {
      this.abort(new DOMException(`The load took longer than ${timeoutMs} ms`, 'TimeoutError'));
      onExpired();
    });
  }

  /** Stops its timers. */
  end(): void {
    for (const stop of this.timers) stop();
    this.timers.length = 0;
  }

  protected after(ms: number, fn: () => void): void {
    this.timers.push(this.clock.schedule(ms, fn, { background: true }));
  }
}

/** A flight that calls for the same entry may join. */
export class SharedFlight extends Flight {
  /** @param begunAt count of invalidations by stamp when it began; past another it is not joined */
  constructor(
    key: string,
    clock: Clock,
    readonly begunAt: number,
  ) {
    super(key, clock);
  }

  /** What callers get; set once, when the flight is started. */
  outcome!: Promise<Answer>;
  private patience: Promise<'overdue'> | undefined;

  /**
   * Waits for the outcome, as one of many, up to `waitMs` from the first who joined; `overdue` when
   * it takes longer, or when the load was given up.
   */
  join(waitMs: number): Promise<Answer | 'overdue'> {
    this.patience ??= new Promise((resolve) => {
      const lose = () => {
        resolve('overdue');
      };
      this.after(waitMs, lose);
      this.signal.addEventListener('abort', lose, { once: true });
    });
    return Promise.race([this.outcome, this.patience]);
  }
}
