import type { FarStore } from '../stores/far-store.interface.js';
import type { EngineParts } from './engine-parts.js';

/** A lease as it was given. */
export interface GivenLease {
  readonly key: string;
  /** Proves that it is ours. */
  readonly token: string;
  readonly leaseMs: number;
  /** When it was asked for. */
  readonly sinceMs: number;
}

/** A lease is renewed this many times within its life, so that one lost renewal does no harm. */
export const RENEWALS_PER_LEASE = 3;

/** A lease that is renewed until it is let go of, or cannot be said to be ours any more. */
export class HeldLease {
  private readonly controller = new AbortController();
  private untilMs: number;
  private cancel: () => void;
  private letGo = false;

  constructor(
    private readonly far: FarStore,
    private readonly parts: Pick<EngineParts, 'clock' | 'background'>,
    private readonly given: GivenLease,
  ) {
    this.untilMs = given.sinceMs + given.leaseMs;
    this.cancel = this.renewLater();
  }

  /** Aborted once another process has it, or may have it by now. */
  get lost(): AbortSignal {
    return this.controller.signal;
  }

  /** Renews it no more. What becomes of it in Redis is for the caller to say. */
  end(): void {
    this.letGo = true;
    this.cancel();
  }

  private renewLater(): () => void {
    const { clock, background } = this.parts;
    const renew = (): void => {
      this.cancel = this.renewLater();
      background.run('renew', this.renew());
    };
    return clock.schedule(this.given.leaseMs / RENEWALS_PER_LEASE, renew, { background: true });
  }

  private async renew(): Promise<void> {
    const { key, token, leaseMs } = this.given;
    const sentAtMs = this.parts.clock.nowMs();
    try {
      if (await this.far.renew(key, token, leaseMs)) this.untilMs = sentAtMs + leaseMs;
      else this.lose();
    } catch (error) {
      if (this.parts.clock.nowMs() >= this.untilMs) this.lose();
      throw error;
    }
  }

  private lose(): void {
    // The answer may come when there is nothing left to renew.
    if (this.letGo) return;
    this.end();
    this.controller.abort(new DOMException('Another process may have the lease', 'AbortError'));
  }
}
