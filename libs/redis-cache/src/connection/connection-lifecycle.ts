import { FarDeniedError } from '../errors/far-tier.error.js';
import type { Clock } from '../resilience/clock.js';
import { TypedEmitter, type ListenerErrorHandler } from '../resilience/emitter.js';
import type { ConnectionEvents, ConnectionState } from './connection-state.js';

/** The state of a connection, and the events that follow from its changes. Nothing follows `closed`. */
export class ConnectionLifecycle {
  readonly events: TypedEmitter<ConnectionEvents>;
  #state: ConnectionState = { kind: 'connecting' };
  #available = false;
  #outageSinceMs: number | undefined;
  #lackingPermissions: string | undefined;
  readonly #clock: Clock;

  constructor(clock: Clock, onListenerError: ListenerErrorHandler) {
    this.#clock = clock;
    this.events = new TypedEmitter(onListenerError);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Whether the state is `ready`, as a field: it is asked before each command. */
  get available(): boolean {
    return this.#available;
  }

  /** What the user of Redis has to be granted, while that is why it is suspended. */
  get lackingPermissions(): string | undefined {
    return this.#lackingPermissions;
  }

  suspend(reason: string, cause?: unknown): void {
    this.#lackingPermissions = cause instanceof FarDeniedError ? cause.grant : undefined;
    const nowMs = this.#clock.nowMs();
    const { kind } = this.#state;
    if (kind === 'closed' || kind === 'suspended') {
      this.noteReason(reason);
      return;
    }
    this.#enter({ kind: 'suspended', sinceMs: nowMs, reason });
    if (this.#outageSinceMs !== undefined) return;
    this.#outageSinceMs = nowMs;
    this.events.emit('outage', { reason });
  }

  /** What is known last says most: "connection refused" turns into "wrong password". */
  noteReason(reason: string): void {
    if (this.#state.kind === 'suspended') this.#state = { ...this.#state, reason };
  }

  /** @returns the state it entered, for telling this recovery from any other */
  beginRecovery(): ConnectionState {
    const recovering: ConnectionState = { kind: 'recovering', sinceMs: this.#clock.nowMs() };
    this.#enter(recovering);
    return recovering;
  }

  endRecovery(): void {
    const nowMs = this.#clock.nowMs();
    this.#lackingPermissions = undefined;
    this.#enter({ kind: 'ready', sinceMs: nowMs });
    const since = this.#outageSinceMs;
    // A listener may have had reason to suspend it again at once: then the outage goes on.
    if (since === undefined || !this.#available) return;
    this.#outageSinceMs = undefined;
    this.events.emit('recovered', { outageMs: nowMs - since });
  }

  close(): void {
    this.#enter({ kind: 'closed' });
  }

  /** Resolves on the first `ready`, on `closed`, or when `ms` have passed. */
  settled(ms: number): Promise<void> {
    if (this.#available || this.#state.kind === 'closed') return Promise.resolve();
    return new Promise((resolve) => {
      const settle = (): void => {
        cancel();
        off();
        resolve();
      };
      const cancel = this.#clock.schedule(ms, settle);
      const off = this.events.on('state', ({ to }) => {
        if (to.kind === 'ready' || to.kind === 'closed') settle();
      });
    });
  }

  #enter(to: ConnectionState): void {
    const from = this.#state;
    if (from.kind === 'closed') return;
    this.#state = to;
    this.#available = to.kind === 'ready';
    this.events.emit('state', { from, to });
  }
}
