import { failureKind } from '../connection/failure-kind.js';
import type { SubscriberClient } from '../connection/subscriber.js';
import { withDeadline } from '../resilience/deadline.js';
import type { Coherence } from './coherence.js';
import type { ListenerParts } from './listener-parts.js';
import { SignsOfLife } from './signs-of-life.js';
import { Waiters } from './waiters.js';

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
  private closed = false;
  private attempts = 0;
  private rounds = 0;
  /** The latest proof that was heard. */
  private heardRound = 0;
  /** The latest that had begun when it was last distrusted: until then none proves anything. */
  private doubtedRound = 0;
  /** Those who wait for the connection. */
  private readonly waiters: Waiters;
  private subscriber: SubscriberClient | undefined;
  private arming: Arming | undefined;
  private stopTimer: () => void = () => undefined;
  private readonly signs: SignsOfLife;

  constructor(protected readonly parts: ListenerParts) {
    const { clock, silenceMs } = parts;
    this.waiters = new Waiters(clock);
    this.signs = new SignsOfLife({ clock, silenceMs, onMissed: (beat) => this.missed(beat) });
  }

  get trusted(): boolean {
    return this.alive;
  }

  get hearsOthers(): boolean {
    return this.alive;
  }

  /** How long the last sign of life that was heard took; undefined before the first. */
  get delayMs(): number | undefined {
    return this.signs.delayMs;
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
      this.waiters.end();
      void this.proveAtFirst(subscriber);
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

  /** Not to be trusted until it is proven again, by a proof that begins from now on. */
  distrust(): void {
    this.doubtedRound = this.rounds;
    this.lose();
  }

  /**
   * Proves that it hears: begins to listen, sends a sign of life and hears it.
   *
   * @returns whether it is alive, and has heard a sign of life that was sent since this was called;
   * never rejects
   */
  async prove(): Promise<boolean> {
    const { subscriber } = this;
    if (this.closed || subscriber?.status !== 'ready') return false;
    const round = ++this.rounds;
    const heard = await this.isHeard(subscriber);
    // Another connection is to be proven by itself.
    if (subscriber === this.subscriber) this.judge(round, heard);
    return this.alive && round <= this.heardRound;
  }

  /** The same once it is connected, which is waited for as long as a sign of life may take. */
  async proveWhenConnected(): Promise<boolean> {
    if (this.subscriber?.status !== 'ready') await this.waiters.wait(this.parts.silenceMs);
    return this.prove();
  }

  /** Resolves once the server has closed the connection, or has not within a sign of life. */
  async close(): Promise<void> {
    const { subscriber } = this;
    const { clock, silenceMs } = this.parts;
    this.closed = true;
    this.distrust();
    this.waiters.end();
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
    this.signs.hear(beat);
  }

  /**
   * A sign of life that the server has taken did not come back in time.
   *
   * @returns whether that is the fault of the connection
   */
  protected missed(_beat: string): boolean {
    return true;
  }

  /** It is not alive any more. */
  protected lose(): void {
    this.alive = false;
  }

  /** The connection has ended, or may have missed something: another one takes its place. */
  protected replace(subscriber: SubscriberClient): void {
    if (subscriber !== this.subscriber) return;
    this.drop(subscriber);
    this.distrust();
    this.startLater();
  }

  private judge(round: number, heard: boolean): void {
    if (heard) {
      this.heardRound = Math.max(this.heardRound, round);
      if (round > this.doubtedRound) this.becomeAlive();
      this.beatLater();
    } else if (round > this.heardRound) {
      // However many others are under way: they may come to nothing as well. One of them that is heard
      // makes it alive again.
      this.lose();
    }
  }

  private becomeAlive(): void {
    if (this.alive || this.closed) return;
    this.parts.onGap();
    this.alive = true;
  }

  private async isHeard(subscriber: SubscriberClient): Promise<boolean> {
    try {
      await this.armOnce(subscriber);
      return await this.signs.send((beat) => this.say(beat));
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

  private tellIfRefused(error: unknown): void {
    if (failureKind(error) === 'refused') this.parts.onRefused(error);
  }

  private beatLater(): void {
    this.later(this.parts.heartbeatMs, () => {
      void this.keepAlive();
    });
  }

  private async proveAtFirst(subscriber: SubscriberClient): Promise<void> {
    const heard = await this.prove();
    if (!heard && subscriber === this.subscriber) this.beatLater();
  }

  private async keepAlive(): Promise<void> {
    const { subscriber } = this;
    if (subscriber && !this.isInPlace(subscriber)) this.replace(subscriber);
    else if ((await this.prove()) || !subscriber || subscriber !== this.subscriber) return;
    // It has fallen silent, or never said a word: half-open, perhaps. A new connection finds out.
    else if (this.signs.areSwallowed || !this.isArmed(subscriber)) this.replace(subscriber);
    else this.beatLater();
  }

  private isArmed(subscriber: SubscriberClient): boolean {
    return this.arming?.subscriber === subscriber && this.arming.done;
  }

  private drop(subscriber: SubscriberClient | undefined): void {
    this.subscriber = undefined;
    this.arming = undefined;
    this.signs.giveUp();
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
