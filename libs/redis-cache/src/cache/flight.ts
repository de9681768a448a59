import { AsyncLocalStorage } from 'node:async_hooks';
import type { HeldValue } from '../codec/held-value.js';
import type { ResolvedPolicy } from '../config/resolve-policy.js';
import type { Clock, ScheduleOptions } from '../resilience/clock.js';
import type { Answered } from './call-log.js';
import { copyOf } from './held-values.js';

/** What a flight came to. */
export interface Outcome {
  /** The answer for the caller that leads the flight. */
  readonly own: unknown;
  /** For those who joined; undefined when the value cannot be copied and each must load its own. */
  readonly held: HeldValue | undefined;
  /** It was not loaded, but came out of the persistent store. */
  readonly persisted?: boolean;
}

/** What a read came to, and how the cache had it. */
export interface Answer extends Outcome {
  readonly how: Answered;
}

/** The answer from a value that the cache holds: a copy, or the frozen value itself. */
export function outcomeOf(policy: ResolvedPolicy, held: HeldValue): Outcome {
  return { own: copyOf(policy, held), held };
}

const IN_BACKGROUND: ScheduleOptions = { background: true };

/** By what a flight is found: its entry. */
export interface FlightPlace {
  /** Of all entries of one cache of one owner. */
  readonly prefix: string;
  readonly key: string;
}

/**
 * Work under way in this process on one entry: a read with its load, a refresh, or a write.
 *
 * An invalidation marks every flight of its entry. A marked flight still answers those who joined
 * before, but its value is not kept, and nobody joins it any more.
 */
export class Flight implements FlightPlace {
  readonly prefix: string;
  readonly key: string;
  /** The next flight of the same entry, as the table of flights keeps them. */
  next: Flight | undefined = undefined;
  private controller: AbortController | undefined = undefined;
  /** Runs a function in the context of the load, which hears of its end there. */
  private inside: (<R>(fn: () => R) => R) | undefined = undefined;
  private abortion: { readonly reason: unknown } | undefined = undefined;
  private timers: (() => void)[] | undefined = undefined;
  private marked = false;
  private isDoubted = false;
  private outrun = false;

  constructor(
    { prefix, key }: FlightPlace,
    private readonly clock: Clock,
  ) {
    this.prefix = prefix;
    this.key = key;
  }

  /** Aborted when the load ran past its time, or the cache closes. Made when asked for: few flights load. */
  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      this.inside = AsyncLocalStorage.snapshot();
      if (this.abortion) this.controller.abort(this.abortion.reason);
    }
    return this.controller.signal;
  }

  /** Whether the load ran past its time, or the cache closes. */
  get aborted(): boolean {
    return this.abortion !== undefined;
  }

  /** Whether an invalidation came: who waits for it is not to be served what was there before. */
  get evicted(): boolean {
    return this.marked;
  }

  /** Whether its value must not be kept: an invalidation came, a put began, or it ran out of its time. */
  get invalidated(): boolean {
    return this.marked || this.isDoubted || this.aborted;
  }

  /** A put has begun: what it writes is newer, but until it has, and if it fails, what was there stays. */
  doubt(): void {
    this.isDoubted = true;
  }

  /** Whether a put of its entry began in this process since. */
  get doubted(): boolean {
    return this.isDoubted;
  }

  invalidate(): void {
    this.marked = true;
  }

  /**
   * Whether its entry was evicted or set by a later call in this process. What it has at hand is older,
   * however late its commands come: they may go out behind those of the later call.
   */
  get overtaken(): boolean {
    return this.outrun;
  }

  overtake(): void {
    this.marked = true;
    this.outrun = true;
  }

  abort(reason: unknown): void {
    this.abortion ??= { reason };
    this.inside?.(() => this.controller?.abort(reason));
  }

  /** Limits the time of the load; past it the signal aborts and the value is no longer kept. */
  expireAfter(timeoutMs: number, onExpired: () => void): void {
    this.after(timeoutMs, () => {
      this.abort(new DOMException(`The load took longer than ${timeoutMs} ms`, 'TimeoutError'));
      onExpired();
    });
  }

  /** Stops its timers, and lets go of all that it refers to. */
  end(): void {
    if (this.timers !== undefined) for (const stop of this.timers) stop();
    this.timers = undefined;
    this.next = undefined;
    this.controller = undefined;
    this.inside = undefined;
  }

  protected after(ms: number, fn: () => void): void {
    const stop = this.clock.schedule(ms, fn, IN_BACKGROUND);
    // An empty list makes room for 17 when the first comes.
    if (this.timers === undefined) this.timers = [stop];
    else this.timers.push(stop);
  }
}

/** A flight that calls for the same entry may join. */
export class SharedFlight extends Flight {
  /** Whether calls may still join it. */
  open = true;
  private waiting: Promise<Answer | 'overdue'> | undefined = undefined;
  private settle: (answer: Answer | 'overdue') => void = toNobody;
  private refuse: (error: unknown) => void = toNobody;

  /** @param begunAt count of invalidations by stamp when it began; past another it is not joined */
  constructor(
    entry: FlightPlace,
    clock: Clock,
    readonly begunAt: number,
  ) {
    super(entry, clock);
  }

  /** Whether anybody has joined it: then its value is not that of one caller alone. */
  get joined(): boolean {
    return this.waiting !== undefined;
  }

  /**
   * Waits for the outcome, as one of many, up to `waitMs` from the first who joined; `overdue` when
   * it takes longer, or when the load was given up.
   */
  join(waitMs: number): Promise<Answer | 'overdue'> {
    this.waiting ??= new Promise((resolve, reject) => {
      this.settle = resolve;
      this.refuse = reject;
      if (this.aborted) resolve('overdue');
      else
        this.after(waitMs, () => {
          resolve('overdue');
        });
    });
    return this.waiting;
  }

  /** Tells those who joined what it came to. */
  finish(answer: Answer): void {
    this.settle(answer);
  }

  /** Tells them that it failed. */
  fail(error: unknown): void {
    this.refuse(error);
  }

  override abort(reason: unknown): void {
    super.abort(reason);
    this.settle('overdue');
  }
}

function toNobody(): void {
  // Nobody has joined.
}
