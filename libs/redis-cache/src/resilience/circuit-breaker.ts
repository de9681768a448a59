import type { Backoff } from './backoff.js';
import type { Clock } from './clock.js';

/** `closed`: all is well. `open`: nothing may pass. `probing`: one attempt is under way. */
export type BreakerState =
  | { readonly kind: 'closed'; readonly failures: number }
  | { readonly kind: 'open'; readonly sinceMs: number }
  | { readonly kind: 'probing'; readonly sinceMs: number };

/** A relapse counts as this many probes: with pauses that grow by a twentieth, each doubles them. */
export const RELAPSE = 14;

/** Tells the breaker how its probe went; false if it no longer counts, for the breaker tripped anew. */
export type SettleProbe = (succeeded: boolean) => boolean;

/** What a {@link CircuitBreaker} goes by. */
export interface CircuitBreakerOptions {
  readonly clock: Clock;
  /** Failures in a row that open it. */
  readonly threshold: number;
  /** Pause before the next probe, by the number of probes since it opened. */
  readonly backoff: Backoff;
  /**
   * Opening again within this time after closing carries the backoff on by {@link RELAPSE} probes, so
   * that a fault which lets probes pass is not probed, and its outage not announced, many times a second.
   */
  readonly settleMs: number;
}

/** Decides whether something remote is worth asking. It has no timer: its owner asks when to probe. */
export class CircuitBreaker {
  #state: BreakerState = { kind: 'closed', failures: 0 };
  #probes = 0;
  #closedAtMs = -Infinity;
  readonly #options: CircuitBreakerOptions;

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** An attempt that was let through succeeded. Closes nothing: only a probe does. */
  recordSuccess(): void {
    if (this.#state.kind === 'closed' && this.#state.failures > 0) {
      this.#state = { kind: 'closed', failures: 0 };
    }
  }

  /**
   * An attempt that was let through failed.
   *
   * @returns whether this opened the breaker
   */
  recordFailure(): boolean {
    const state = this.#state;
    switch (state.kind) {
      case 'closed': {
        const failures = state.failures + 1;
        if (failures >= this.#options.threshold) return this.trip();
        this.#state = { kind: 'closed', failures };
        return false;
      }
      // Sent before it opened, and late to fail: says nothing new.
      case 'open':
      case 'probing':
        return false;
      default:
        return state satisfies never;
    }
  }

  /**
   * Opens at once, whatever was counted; a probe under way does not count any more.
   *
   * @returns whether it was closed
   */
  trip(): boolean {
    const nowMs = this.#options.clock.nowMs();
    const state = this.#state;
    switch (state.kind) {
      case 'closed': {
        const relapsed = nowMs - this.#closedAtMs < this.#options.settleMs;
        this.#probes = relapsed ? this.#probes + RELAPSE : 0;
        this.#state = { kind: 'open', sinceMs: nowMs };
        return true;
      }
      case 'open':
        return false;
      case 'probing':
        this.#state = { kind: 'open', sinceMs: state.sinceMs };
        return false;
      default:
        return state satisfies never;
    }
  }

  /** Pause before the next probe is due. */
  probeDelayMs(): number {
    return this.#options.backoff(this.#probes + 1);
  }

  /** Begins a probe, if one is due: the breaker is open and no other probe under way. */
  beginProbe(): SettleProbe | undefined {
    if (this.#state.kind !== 'open') return undefined;
    const probing: BreakerState = { kind: 'probing', sinceMs: this.#state.sinceMs };
    this.#state = probing;
    this.#probes += 1;
    return (succeeded) => {
      if (this.#state !== probing) return false;
      this.#state = succeeded
        ? { kind: 'closed', failures: 0 }
        : { kind: 'open', sinceMs: probing.sinceMs };
      if (succeeded) this.#closedAtMs = this.#options.clock.nowMs();
      return true;
    };
  }
}
