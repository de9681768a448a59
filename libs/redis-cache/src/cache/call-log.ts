import { AsyncLocalStorage } from 'node:async_hooks';
import type { BypassReason, MissCause } from './cache-counters.js';

/** How the cache had the answer of one call. */
export type Answered =
  | { readonly status: 'hit'; readonly tier: 'near' | 'far' | 'persistent' }
  /** Past its ttl, by that much. */
  | { readonly status: 'stale'; readonly expiredForMs: number }
  /** Loaded, by this call or by one that it joined; the reason is not known of a load that failed. */
  | {
      readonly status: 'miss';
      readonly reason: MissCause | undefined;
      readonly collapsed: boolean;
    }
  | { readonly status: 'bypass'; readonly reason: BypassReason };

export const NEAR_HIT: Answered = { status: 'hit', tier: 'near' };
export const FAR_HIT: Answered = { status: 'hit', tier: 'far' };
export const PERSISTENT_HIT: Answered = { status: 'hit', tier: 'persistent' };
export const FAILED_LOAD: Answered = { status: 'miss', reason: undefined, collapsed: false };

export function missed(reason: MissCause): Answered {
  return { status: 'miss', reason, collapsed: false };
}

/** The same for a call that joined. */
export function collapsed(how: Answered): Answered {
  return how.status === 'miss' ? { ...how, collapsed: true } : how;
}

/** What counts most of several calls: that a method ran, then that what was answered is old. */
const WEIGHT: Readonly<Record<Answered['status'], number>> = {
  miss: 3,
  bypass: 2,
  stale: 1,
  hit: 0,
};

/** What the calls in one request came to. */
export class CallSummary {
  private decisive: Answered | undefined;

  /**
   * The first of the calls that had the least of the cache: a miss before a bypass, a stale answer, a
   * hit. Undefined without any call.
   */
  get answered(): Answered | undefined {
    return this.decisive;
  }

  note(how: Answered): void {
    if (!this.decisive || WEIGHT[how.status] > WEIGHT[this.decisive.status]) this.decisive = how;
  }
}

/**
 * Tells whoever asks how its calls were answered. Until somebody asks for the first time, it looks at
 * nothing.
 */
export class CallLog {
  private summaries: AsyncLocalStorage<CallSummary> | undefined;

  /** Runs `fn` and sums up the calls that it makes, but for those from within loads. */
  record<T>(summary: CallSummary, fn: () => T): T {
    this.summaries ??= new AsyncLocalStorage<CallSummary>();
    return this.summaries.run(summary, fn);
  }

  note(how: Answered): void {
    this.summaries?.getStore()?.note(how);
  }
}
