import { FarTimeoutError, FarUnavailableError } from '../errors/far-tier.error.js';
import { GROWTH_OF_WATCHING, jitteredBackoff } from '../resilience/backoff.js';
import { CircuitBreaker, type BreakerState } from '../resilience/circuit-breaker.js';
import type { Clock } from '../resilience/clock.js';
import { withDeadline } from '../resilience/deadline.js';
import { Deadlines } from '../resilience/deadlines.js';
import type { TypedEmitter } from '../resilience/emitter.js';
import { listenToClient } from './client-listeners.js';
import { closeClient } from './close-client.js';
import { followingMoves } from './cluster-slots.js';
import { ConnectionLifecycle } from './connection-lifecycle.js';
import type { Recover, RedisCommand, RedisConnectionParts } from './connection-parts.js';
import { answered } from './connection-probe.js';
import { CONNECTION_DEFAULTS, type ConnectionSettings } from './connection-settings.js';
import type { ConnectionEvents, ConnectionState } from './connection-state.js';
import { failureKind, failureReason } from './failure-kind.js';
import { OutageWatch, toldByEvents } from './outage-watch.js';
import type { RedisClientLike } from './redis-client.interface.js';
import { ServerClock } from './server-clock.js';

/**
 * A client of Redis, ours or borrowed, and whether it can be used. While it can, commands are sent;
 * in an outage they fail at once, and nothing is queued. A borrowed client is never cut nor closed.
 */
export class RedisConnection {
  #lastError: string | undefined;
  #stopListening: (() => void) | undefined;
  #recovery: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #recoverBy: Recover | undefined;
  readonly #parts: RedisConnectionParts;
  readonly #settings: ConnectionSettings;
  readonly #lifecycle: ConnectionLifecycle;
  readonly #serverClock: ServerClock;
  readonly #breaker: CircuitBreaker;
  readonly #watch: OutageWatch;
  /** Ends of commands under way, and of those who wait for them. */
  readonly deadlines: Deadlines;

  constructor(parts: RedisConnectionParts) {
    const { client, owned, clock, random, onListenerError = () => undefined } = parts;
    const settings = { ...CONNECTION_DEFAULTS, ...parts.options };
    const { failureThreshold: threshold, probeIntervalMs, maxProbeIntervalMs: maxMs } = settings;
    const growth = GROWTH_OF_WATCHING;
    const backoff = jitteredBackoff({ firstMs: probeIntervalMs, maxMs, growth, random });
    const breaker = new CircuitBreaker({ clock, threshold, backoff, settleMs: maxMs });
    this.#parts = parts;
    this.#recoverBy = parts.recover;
    this.#settings = settings;
    this.#breaker = breaker;
    this.deadlines = new Deadlines(clock);
    this.#lifecycle = new ConnectionLifecycle(clock, onListenerError);
    this.#serverClock = new ServerClock(clock);
    this.#watch = new OutageWatch({
      client,
      owned,
      clock,
      breaker,
      settings,
      onBack: () => this.#beginRecovery(),
      onStillAway: (error) => this.#lifecycle.suspend(failureReason(error)),
    });
  }

  /** The client itself, for use that does without what this class does. */
  get client(): RedisClientLike {
    return this.#parts.client;
  }

  get state(): ConnectionState {
    return this.#lifecycle.state;
  }

  /** What the breaker makes of the latest commands and probes. */
  get breaker(): BreakerState {
    return this.#breaker.state;
  }

  /** Whether commands are sent: the state is `ready`. Cheap enough to ask before each. */
  get available(): boolean {
    return this.#lifecycle.available;
  }

  /** Whether {@link update} sends: the state is `ready` or `recovering`. */
  get reachable(): boolean {
    return this.available || this.state.kind === 'recovering';
  }

  /** What the user of Redis has to be granted, while it is not used for want of that. */
  get lackingPermissions(): string | undefined {
    return this.#lifecycle.lackingPermissions;
  }

  /** Changes of the state, and when outages begin and end. */
  get events(): TypedEmitter<ConnectionEvents> {
    return this.#lifecycle.events;
  }

  /** Has Redis brought up to date by `recover` from now on. */
  recoverBy(recover: Recover): void {
    this.#recoverBy = recover;
  }

  /** Counts Redis as away until it has answered a probe and recovered. */
  suspect(reason: string): void {
    if (this.reachable) this.#suspend(reason);
  }

  /** Begins to connect, in the background and for as long as it takes. */
  start(): void {
    if (this.#stopListening || this.#closing) return;
    const { client } = this.#parts;
    this.#stopListening = listenToClient(client, {
      onConnect: () => this.#watch.heard(),
      onReady: () => this.#onClientReady(),
      onDown: () => this.#onClientDown(),
      onError: (error) => this.#onClientError(error),
    });
    this.#watch.begin();
    if (client.status === 'wait') client.connect().catch(toldByEvents);
    else if (client.status === 'ready') this.#watch.probeNow();
    else if (client.status === 'end') this.#suspend('the client is closed');
  }

  /** Resolves when Redis can be used for the first time, when `ms` have passed, or on closing. */
  whenSettled(ms: number): Promise<void> {
    return this.#lifecycle.settled(ms);
  }

  /**
   * Sends a command. After a timeout, or a failure of the connection, it is suspended.
   *
   * @param budgetMs what the caller can wait. It may be less than the command timeout; running out of
   * it says nothing of Redis then.
   * @throws {FarUnavailableError} Redis is away; nothing was sent
   * @throws {FarTimeoutError} no answer in time; whether the command was applied is unknown
   * @throws the client's own error: a reply refused the command, or, for any other error, the
   * connection failed and whether the command was applied is unknown
   */
  run<T>(command: RedisCommand<T>, budgetMs = Infinity): Promise<T> {
    if (!this.available || !this.#clientReady) return Promise.reject(this.#unavailable());
    if (budgetMs <= 0) return Promise.reject(new FarTimeoutError(budgetMs));
    const reply = this.#send(command);
    return budgetMs < this.#settings.commandTimeoutMs
      ? withDeadline(reply, budgetMs, this.#parts.clock)
      : reply;
  }

  /**
   * Sends a command that brings Redis up to date, also while it recovers: an invalidation that had to
   * wait for the end of the recovery would put that end off.
   *
   * @throws as {@link run} does
   */
  update<T>(command: RedisCommand<T>): Promise<T> {
    const sent = this.reachable && this.#clientReady;
    return sent ? this.#send(command) : Promise.reject(this.#unavailable());
  }

  /**
   * Asks Redis for a sign of life, also while the connection is suspended.
   *
   * @returns how long the answer took, in milliseconds
   */
  async ping(budgetMs = this.#settings.commandTimeoutMs): Promise<number> {
    const { client, clock } = this.#parts;
    if (this.#closing || !this.#clientReady) throw this.#unavailable();
    const sentAtMs = clock.nowMs();
    await withDeadline(answered(client.ping()), budgetMs, clock);
    return clock.nowMs() - sentAtMs;
  }

  /** The time of this process, which that of the server is compared with. */
  get clock(): Clock {
    return this.#parts.clock;
  }

  /** The clock of the server, as far as it is known here, at a time of {@link clock}; now by default. */
  serverNowMs(hereMs?: number): number {
    return this.#serverClock.nowMs(hereMs);
  }

  /** Takes the server's time from a reply; the other two times are of {@link clock}. */
  learnServerTime(serverMs: number, sentAtMs: number, receivedAtMs: number): void {
    this.#serverClock.learn(serverMs, sentAtMs, receivedAtMs);
  }

  /**
   * Ends the connection for good: a client of ours after the replies under way and within the close
   * timeout, while a borrowed one goes on without our listeners. Later calls wait for the same end.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { client, owned, clock } = this.#parts;
    const graceful = this.available;
    this.#watch.end();
    this.#lifecycle.close();
    const withinMs = this.#settings.closeTimeoutMs;
    if (owned) await closeClient(client, { graceful, withinMs, clock });
    this.#stopListening?.();
  }

  /** The status is a tick ahead of its event, and in that tick a borrowed client would queue. */
  get #clientReady(): boolean {
    return this.client.status === 'ready';
  }

  #send<T>(command: RedisCommand<T>): Promise<T> {
    const during = this.state;
    const reply = followingMoves(command, this.client);
    return this.deadlines.limit(reply, this.#settings.commandTimeoutMs, {
      onDone: () => this.#breaker.recordSuccess(),
      // A failure that comes late says nothing of what has happened since.
      onFailed: (error) => {
        if (this.state === during) this.#judge(error);
      },
    });
  }

  #judge(error: unknown): void {
    const kind = failureKind(error);
    switch (kind) {
      case 'refused':
        this.#breaker.recordSuccess();
        return;
      case 'timeout':
        if (this.#breaker.recordFailure()) this.#suspend(failureReason(error));
        return;
      case 'away':
        this.#suspend(failureReason(error));
        return;
      case 'moved':
        // Slots of a Cluster move at times. A single server never says so, but a node taken for one.
        if (!this.client.isCluster) this.#suspend(failureReason(error));
        return;
      default:
        kind satisfies never;
    }
  }

  #suspend(reason: string, cause?: unknown): void {
    if (this.state.kind === 'closed') return;
    this.#lifecycle.suspend(reason, cause);
    this.#watch.begin();
  }

  #onClientReady(): void {
    this.#lastError = undefined;
    this.#watch.heard();
    this.#watch.probeNow();
  }

  #onClientDown(): void {
    const { state } = this;
    const known = state.kind === 'suspended' ? state.reason : 'the connection was closed';
    this.#suspend(this.#lastError ?? known);
  }

  #onClientError(error: Error): void {
    this.#lastError = failureReason(error);
    this.#lifecycle.noteReason(this.#lastError);
  }

  #beginRecovery(): void {
    const recovering = this.#lifecycle.beginRecovery();
    // One that another outage has overtaken may still be on its way out.
    this.#recovery = this.#recovery.then(() => this.#recover(recovering));
  }

  async #recover(recovering: ConnectionState): Promise<void> {
    const { clock } = this.#parts;
    const recover = this.#recoverBy;
    const isCurrent = (): boolean => this.state === recovering;
    if (!isCurrent()) return;
    try {
      await this.#serverClock.ask(() => this.update((client) => client.time()));
      if (recover) await withDeadline(recover(), this.#settings.recoverTimeoutMs, clock);
      if (isCurrent()) this.#lifecycle.endRecovery();
    } catch (error) {
      if (isCurrent()) this.#suspend(failureReason(error), error);
    }
  }

  #unavailable(): FarUnavailableError {
    const { state } = this;
    const why = state.kind === 'suspended' ? `: ${state.reason}` : '';
    return new FarUnavailableError(`Redis is not available (${state.kind}${why})`);
  }
}
