import { FarTimeoutError } from '../errors/far-tier.error.js';
import type { CircuitBreaker } from '../resilience/circuit-breaker.js';
import type { Clock } from '../resilience/clock.js';
import { probe } from './connection-probe.js';
import type { ConnectionSettings } from './connection-settings.js';
import { failureKind } from './failure-kind.js';
import type { RedisClientLike } from './redis-client.interface.js';

/** What an {@link OutageWatch} works with. */
export interface OutageWatchParts {
  readonly client: RedisClientLike;
  /** Whether the client is ours to cut and to connect. */
  readonly owned: boolean;
  readonly clock: Clock;
  readonly breaker: CircuitBreaker;
  readonly settings: ConnectionSettings;
  /** A probe was answered: the watch has ended. */
  readonly onBack: () => void;
  /** A probe failed; the watch goes on. */
  readonly onStillAway: (error: unknown) => void;
}

/**
 * Watches a Redis that is away: probes it, one probe at a time and ever less often, and gets a client
 * of our own going again that is stuck.
 */
export class OutageWatch {
  #cancelNext: () => void = () => undefined;
  #heardAtMs = 0;
  #ended = false;
  readonly #parts: OutageWatchParts;

  constructor(parts: OutageWatchParts) {
    this.#parts = parts;
  }

  /** Begins, or begins anew after the connection changed; a probe under way does not count. */
  begin(): void {
    this.#parts.breaker.trip();
    this.heard();
    this.#scheduleNext();
  }

  /** The other side gave a sign of life. */
  heard(): void {
    this.#heardAtMs = this.#parts.clock.nowMs();
  }

  /** Probes at once, unless a probe is under way or there is nothing to watch. */
  probeNow(): void {
    if (this.#ended) return;
    const { client, clock, breaker, settings, onBack, onStillAway } = this.#parts;
    const settle = breaker.beginProbe();
    if (!settle) return;
    this.#cancelNext();
    const { probeKey: missingKey, commandTimeoutMs: timeoutMs } = settings;
    const database = this.#database;
    probe(client, { missingKey, timeoutMs, clock, database }).then(
      () => {
        if (settle(true)) onBack();
      },
      (error: unknown) => {
        if (!settle(false)) return;
        if (failureKind(error) !== 'timeout') this.heard();
        onStillAway(error);
        this.#unstick();
        this.#scheduleNext();
      },
    );
  }

  /**
   * Ends it for good: neither a probe under way counts, nor a client that gets ready only now, so that
   * nobody connects again after it.
   */
  end(): void {
    this.#ended = true;
    this.#parts.breaker.trip();
    this.#cancelNext();
  }

  get #database(): number {
    const { client, owned } = this.#parts;
    const { db = 0 } = client.options as { readonly db?: number };
    return owned && !client.isCluster ? db : 0;
  }

  #scheduleNext(): void {
    const { clock, breaker } = this.#parts;
    this.#cancelNext();
    this.#cancelNext = clock.schedule(breaker.probeDelayMs(), () => this.#onDue(), {
      background: true,
    });
  }

  #onDue(): void {
    if (this.#parts.client.status === 'ready') {
      this.probeNow();
      return;
    }
    // It would queue a probe, or refuse it, and tells when it is ready. This was one that failed.
    this.#parts.breaker.beginProbe()?.(false);
    this.#unstick();
    this.#scheduleNext();
  }

  #unstick(): void {
    const { client, owned, clock, settings, onStillAway } = this.#parts;
    if (!owned) return;
    switch (client.status) {
      // ioredis gives up where it fails before there is a socket, on a bad TLS option for one.
      case 'end':
        client.connect().catch(toldByEvents);
        return;
      // Connected, perhaps amid the handshake, and silent. A Cluster cuts its nodes one by one.
      case 'connect':
      case 'ready':
        if (client.isCluster || clock.nowMs() - this.#heardAtMs < settings.hungAfterMs) return;
        onStillAway(new FarTimeoutError(settings.hungAfterMs));
        this.heard();
        client.disconnect(true);
        return;
      default:
        return;
    }
  }
}

/** For `connect()`: the client's `error` and `close` events tell the same, and tell it always. */
export function toldByEvents(): void {
  return undefined;
}
