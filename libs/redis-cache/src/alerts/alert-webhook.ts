import { jitteredBackoff, type Backoff } from '../resilience/backoff.js';
import type { Clock } from '../resilience/clock.js';
import { CACHE_SIGNATURE_HEADER, signCacheWebhook } from '../signing/webhook-signature.js';

/** Where and how alerts are posted. */
export interface WebhookSettings {
  readonly url: string;
  readonly secret: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly retryMs: number;
  readonly maxQueued: number;
}

/** What an {@link AlertWebhook} works with. */
export interface WebhookParts {
  readonly clock: Clock;
  /** The time as other machines have it, in milliseconds since 1970. */
  readonly wallClockMs: () => number;
  /** From 0 up to, but not, 1. */
  readonly random: () => number;
  /** Told why one was given up. The text names nothing of the URL. */
  readonly onFailure: (reason: string) => void;
}

/** What has become of all that was to be posted. */
export interface WebhookCounts {
  readonly delivered: number;
  /** Given up: refused, or not taken in all attempts. */
  readonly failed: number;
  /** Not even tried, as too many were waiting. */
  readonly dropped: number;
  readonly queued: number;
}

type Attempt =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'refused' | 'failed'; readonly reason: string };

const LONGEST_PAUSE_MS = 60_000;

/** Answers that another attempt may change. */
const TRIED_AGAIN: readonly number[] = [408, 425, 429];

/** Posts one after the other, so that what was raised first arrives first; none is waited for. */
export class AlertWebhook {
  private readonly queue: string[] = [];
  private readonly done = { delivered: 0, failed: 0, dropped: 0 };
  private readonly closing = new AbortController();
  private readonly backoff: Backoff;
  private posting: Promise<void> | undefined;

  constructor(
    private readonly settings: WebhookSettings,
    private readonly parts: WebhookParts,
  ) {
    const { random } = parts;
    this.backoff = jitteredBackoff({
      firstMs: settings.retryMs,
      maxMs: LONGEST_PAUSE_MS,
      random,
    });
  }

  get counts(): WebhookCounts {
    return { ...this.done, queued: this.queue.length };
  }

  /** Has a body of JSON posted, in its turn. */
  send(body: string): void {
    if (this.closed) return;
    if (this.queue.length >= this.settings.maxQueued) {
      this.queue.shift();
      this.done.dropped += 1;
    }
    this.queue.push(body);
    this.posting ??= this.postAll();
  }

  /** Gives up what is under way and what waits. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.posting;
  }

  private get closed(): boolean {
    return this.closing.signal.aborted;
  }

  private async postAll(): Promise<void> {
    for (let body = this.queue.shift(); body !== undefined; body = this.queue.shift()) {
      await this.post(body);
      if (this.closed) break;
    }
    this.posting = undefined;
  }

  private async post(body: string): Promise<void> {
    const { attempts } = this.settings;
    for (let attempt = 1; !this.closed; attempt += 1) {
      const outcome = await this.attempt(body);
      if (outcome.kind === 'closed') return;
      if (outcome.kind === 'delivered') {
        this.done.delivered += 1;
        return;
      }
      if (outcome.kind === 'refused' || attempt >= attempts) {
        this.done.failed += 1;
        this.parts.onFailure(outcome.reason);
        return;
      }
      await this.pause(this.backoff(attempt));
    }
  }

  private async attempt(body: string): Promise<Attempt> {
    const { url, secret, headers, timeoutMs } = this.settings;
    const { clock, wallClockMs } = this.parts;
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    const cancel = clock.schedule(timeoutMs, abort, { background: true });
    this.closing.signal.addEventListener('abort', abort);
    try {
      const response = await fetch(url, {
        method: 'POST',
        // Signed anew each time: whoever receives it refuses what is old.
        headers: {
          ...headers,
          'content-type': 'application/json',
          [CACHE_SIGNATURE_HEADER]: signCacheWebhook(secret, body, wallClockMs()),
        },
        body,
        // It would go on as a GET, and take the signature to another host.
        redirect: 'manual',
        signal: controller.signal,
      });
      await response.body?.cancel();
      return judged(response);
    } catch (error) {
      if (this.closed) return { kind: 'closed' };
      const reason = controller.signal.aborted ? 'no answer in time' : codeOf(error);
      return { kind: 'failed', reason };
    } finally {
      cancel();
      this.closing.signal.removeEventListener('abort', abort);
    }
  }

  private pause(ms: number): Promise<void> {
    const { signal } = this.closing;
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.parts.clock.schedule(ms, end, { background: true });
      signal.addEventListener('abort', end);
    });
  }
}

function judged({ ok, status }: Response): Attempt {
  if (ok) return { kind: 'delivered' };
  const again = status >= 500 || TRIED_AGAIN.includes(status);
  return { kind: again ? 'failed' : 'refused', reason: `it answered ${status}` };
}

/** A code such as ECONNREFUSED; the message may hold the URL. */
function codeOf(error: unknown): string {
  const { cause, name } = error as { cause?: { code?: unknown }; name: string };
  return typeof cause?.code === 'string' ? cause.code : name;
}
