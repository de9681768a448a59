import { failureKind } from '../connection/failure-kind.js';
import type { SubscriberClient } from '../connection/subscriber.js';
import { withDeadline } from '../resilience/deadline.js';
import type { Coherence } from './coherence.js';
import type { ListenerParts } from './listener-parts.js';

/**
 * How long a connection may take from being open to being ready. Nothing else ends one that is
 * half-open from its beginning.
 */
const HANDSHAKE_MS = 2_000;

/** A listener as those see it who open, prove and close it. */
export type Listening = Pick<
  Listener,
  | 'trusted'
  | 'hearsOthers'
  | 'delayMs'
  | 'upToDate'
  | 'start'
  | 'distrust'
  | 'proveWhenConnected'
  | 'close'
>;

/** How a connection is being asked, or was asked, to tell. */
interface Arming {
  readonly subscriber: SubscriberClient;
  readonly ended: Promise<void>;
  done: boolean;
}

/**
 * Listens to what others invalidate, by a connection that does nothing else. It counts as alive while
 * a sign of life, which this process sends by the connection that invalidations go out on, comes back
 * by the one that listens. Until that is proven, nobody may trust the near tier.
 *
 * The connection never reconnects: one that has ended or fallen silent is replaced, so that no gap is
 * hidden.
 */
export abstract class Listener implements Coherence {
  private alive = false;
  private lastDelayMs: number | undefined;
  private closed = false;
  private attempts = 0;
  private beats = 0;
  private rounds = 0;
  private connected: () => void = () => undefined;
  private subscriber: SubscriberClient | undefined;
  private arming: Arming | undefined;
  private stopTimer: () => void = () => undefined;
  private echo: { readonly beat: string; readonly settle: (heard: boolean) => void } | undefined;

  constructor(protected readonly parts: ListenerParts) {}

  get trusted(): boolean {
    return this.alive;
  }

  get hearsOthers(): boolean {
    return this.alive;
  }

  /** How long the last sign of life that was heard took; undefined before the first. */
  get delayMs(): number | undefined {
    return this.lastDelayMs;
  }

  /** What is told on one connection comes in order, so whoever hears itself has heard all before it. */
  upToDate(): Promise<boolean> {
    return this.prove();
  }

  /** Begins to listen, in the background and for as long as it takes. */
  start(): void {
    if (this.closed || this.subscriber) return;
    const subscriber = this.parts.openSubscriber();
    if (!subscriber) {
      this.startLater();
      return;
    }
    this.subscriber = subscriber;
    // Before anything is asked for, so that nothing is missed.
    this.attach(subscriber);
    subscriber.on('connect', () => {
      this.later(HANDSHAKE_MS, () => {
        this.replace(subscriber);
      });
    });
    subscriber.on('ready', () => {
      this.stopTimer();
      this.attempts = 0;
      this.connected();
      void this.prove();
    });
    subscriber.on('end', () => {
      this.replace(subscriber);
    });
    subscriber.on('error', () => {
      // One that cannot connect ends, and that is listened for; one that got out of step does not.
      if (subscriber.status === 'ready') this.replace(subscriber);
    });
    subscriber.connect().catch(heardByEnd);
  }

  /** Not to be trusted until it is proven again. */
  distrust(): void {
    this.alive = false;
  }

  /**
   * Proves that it hears: begins to listen, sends a sign of life and hears it.
   *
   * @returns whether it is alive; never rejects
   */
  async prove(): Promise<boolean> {
    const { subscriber } = this;
    if (this.closed || subscriber?.status !== 'ready') return false;
    const round = ++this.rounds;
    const heard = await this.isHeard(subscriber);
    // The proof that began later decides; and another connection is to be proven by itself.
    if (round !== this.rounds || subscriber !== this.subscriber) return this.alive;
    if (heard) this.becomeAlive();
    else this.distrust();
    this.beatLater();
    return this.alive;
  }

  /** The same once it is connected, which is waited for as long as a sign of life may take. */
  async proveWhenConnected(): Promise<boolean> {
    if (this.subscriber?.status !== 'ready') {
      await new Promise<void>((resolve) => {
        const cancel = this.parts.clock.schedule(this.parts.silenceMs, resolve);
        this.connected = () => {
          cancel();
          resolve();
        };
      });
    }
    return this.prove();
  }

  /** Resolves once the server has closed the connection, or has not within a sign of life. */
  async close(): Promise<void> {
    const { subscriber } = this;
    const { clock, silenceMs } = this.parts;
    this.closed = true;
    this.distrust();
    this.connected();
    this.stopTimer();
    if (subscriber?.status === 'ready') {
      await withDeadline(subscriber.quit(), silenceMs, clock).catch(heardByEnd);
    }
    this.drop(subscriber);
    if (!subscriber || subscriber.status === 'end') return;
    // It may have been about to connect, or the server closes it only now.
    const ended = new Promise<void>((resolve) => void subscriber.on('end', resolve));
    await withDeadline(ended, silenceMs, clock).catch(heardByEnd);
  }

  /** Registers for what the connection hears. */
  protected abstract attach(subscriber: SubscriberClient): void;

  /** Asks the server to be told. */
  protected abstract arm(subscriber: SubscriberClient): Promise<void>;

  /** Sends a sign of life, for which {@link heard} is called when it comes back. */
  protected abstract say(beat: string): Promise<unknown>;

  /** Whether the connection still is where all is told. */
  protected isInPlace(_subscriber: SubscriberClient): boolean {
    return true;
  }

  /** A sign of life has come back. */
  protected heard(beat: string): void {
    if (beat === this.echo?.beat) this.echo.settle(true);
  }

  /** The connection has ended, or may have missed something: another one takes its place. */
  protected replace(subscriber: SubscriberClient): void {
    if (subscriber !== this.subscriber) return;
    this.drop(subscriber);
    this.distrust();
    this.startLater();
  }

  private becomeAlive(): void {
    if (this.alive || this.closed) return;
    this.parts.onGap();
    this.alive = true;
  }

  private async isHeard(subscriber: SubscriberClient): Promise<boolean> {
    try {
      await this.armOnce(subscriber);
      return await this.beat();
    } catch (error) {
      this.tellIfRefused(error); // that there is no answer is what this is here to find out
      return false;
    }
  }

  /** Once for each connection, whoever proves it, and however it ends. */
  private armOnce(subscriber: SubscriberClient): Promise<void> {
    if (this.arming?.subscriber === subscriber) return this.arming.ended;
    const { clock, silenceMs } = this.parts;
    const ended = withDeadline(this.arm(subscriber), silenceMs, clock).then(() => {
      arming.done = true;
    });
    const arming: Arming = { subscriber, ended, done: false };
    this.arming = arming;
    return ended;
  }

  private async beat(): Promise<boolean> {
    this.echo?.settle(false);
    const beat = String(++this.beats);
    const sentAtMs = this.parts.clock.nowMs();
    let settle: (heard: boolean) => void = () => undefined;
    const heard = new Promise<boolean>((resolve) => {
      settle = (yes) => {
        cancel();
        if (yes) this.lastDelayMs = this.parts.clock.nowMs() - sentAtMs;
        // A later sign of life may be on its way by now, which is not to be given up for this one.
        if (this.echo?.beat === beat) this.echo = undefined;
        resolve(yes);
      };
      const cancel = this.parts.clock.schedule(this.parts.silenceMs, () => settle(false), {
        background: true,
      });
    });
    this.echo = { beat, settle };
    try {
      await this.say(beat);
    } catch (error) {
      this.tellIfRefused(error);
      settle(false);
    }
    return heard;
  }

  private tellIfRefused(error: unknown): void {
    if (failureKind(error) === 'refused') this.parts.onRefused(error);
  }

  private beatLater(): void {
    this.later(this.parts.heartbeatMs, () => {
      void this.keepAlive();
    });
  }

  private async keepAlive(): Promise<void> {
    const { subscriber } = this;
    const wasAlive = this.alive;
    if (subscriber && !this.isInPlace(subscriber)) this.replace(subscriber);
    else if (await this.prove()) return;
    // It has fallen silent, or never said a word: half-open, perhaps. A new connection finds out.
    else if (subscriber && (wasAlive || !this.isArmed(subscriber))) this.replace(subscriber);
  }

  private isArmed(subscriber: SubscriberClient): boolean {
    return this.arming?.subscriber === subscriber && this.arming.done;
  }

  private drop(subscriber: SubscriberClient | undefined): void {
    this.subscriber = undefined;
    this.arming = undefined;
    this.echo?.settle(false);
    subscriber?.removeAllListeners();
    subscriber?.on('error', heardByEnd);
    // Of one that has ended, ioredis would wait for the end as long as `disconnectTimeout`.
    if (subscriber?.status !== 'end') subscriber?.disconnect();
  }

  private startLater(): void {
    this.attempts += 1;
    this.later(this.parts.backoff(this.attempts), () => {
      this.start();
    });
  }

  /** Instead of whatever was to be done later so far. */
  private later(ms: number, act: () => void): void {
    this.stopTimer();
    if (!this.closed) this.stopTimer = this.parts.clock.schedule(ms, act, { background: true });
  }
}

function heardByEnd(): void {
  // A connection that fails ends, and that is listened for.
}
