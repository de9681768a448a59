import type { SubscriberClient } from '../connection/subscriber.js';
import type { Backoff } from '../resilience/backoff.js';
import type { Clock } from '../resilience/clock.js';
import { withDeadline } from '../resilience/deadline.js';
import { parseMessage, type BusMessage } from './bus-message.js';
import type { Coherence } from './coherence.js';

/**
 * How long a connection may take from being open to being ready. Nothing else ends one that is
 * half-open from its beginning.
 */
const HANDSHAKE_MS = 2_000;

/** What a {@link Bus} works with. */
export interface BusParts {
  /** A new connection for listening; undefined if there is nowhere to connect to yet. */
  readonly openSubscriber: () => SubscriberClient | undefined;
  /** Publishes by the connection that invalidations go out on; rejects while it is away. */
  readonly publish: (channel: string, message: string) => Promise<unknown>;
  readonly channel: string;
  /** Names this process. */
  readonly origin: string;
  readonly clock: Clock;
  readonly backoff: Backoff;
  /** Pause between two signs of life. */
  readonly heartbeatMs: number;
  /** How long one may be on its way. */
  readonly silenceMs: number;
  /** Called for what other processes tell. */
  readonly onMessage: (message: BusMessage) => void;
  /** Called for text on the channel that is no message. */
  readonly onMalformed: (text: string) => void;
  /** Messages may have been missed: whatever was kept by trusting the bus does not hold. */
  readonly onGap: () => void;
}

/**
 * The channel on which processes tell each other what was invalidated. It counts as alive while a
 * message that this process sends to itself, by the connection that invalidations go out on, comes
 * back by the connection that listens. Until that is proven, nobody may trust the near tier.
 */
export class Bus implements Coherence {
  private alive = false;
  private closed = false;
  private attempts = 0;
  private beats = 0;
  private rounds = 0;
  private connected: () => void = () => undefined;
  private subscriber: SubscriberClient | undefined;
  private subscribed: SubscriberClient | undefined;
  private stopTimer: () => void = () => undefined;
  private echo: { readonly beat: string; readonly settle: (heard: boolean) => void } | undefined;

  constructor(private readonly parts: BusParts) {}

  get trusted(): boolean {
    return this.alive;
  }

  get hearsOthers(): boolean {
    return this.alive;
  }

  /** What is told on one connection comes in order, so whoever hears itself has heard all before it. */
  upToDate(): Promise<boolean> {
    return this.prove();
  }

  /** Name of the channel on which this process hears itself. */
  private get ownChannel(): string {
    return `${this.parts.channel}:${this.parts.origin}`;
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
    // Before anything is subscribed to, so that no message is missed.
    subscriber.on('message', (channel, text) => {
      this.onText(channel, text);
    });
    subscriber.on('connect', () => {
      this.later(HANDSHAKE_MS, () => this.onEnd(subscriber));
    });
    subscriber.on('ready', () => {
      this.stopTimer();
      this.attempts = 0;
      this.connected();
      void this.prove();
    });
    subscriber.on('end', () => {
      this.onEnd(subscriber);
    });
    subscriber.on('error', heardByEnd);
    subscriber.connect().catch(heardByEnd);
  }

  /** Not to be trusted until it is proven again. */
  distrust(): void {
    this.alive = false;
  }

  /**
   * Proves the bus: subscribes, sends a message to itself and hears it.
   *
   * @param publish another way to send, while the usual one recovers
   * @returns whether it is alive; never rejects
   */
  async prove(publish = this.parts.publish): Promise<boolean> {
    const { subscriber } = this;
    if (this.closed || subscriber?.status !== 'ready') return false;
    const round = ++this.rounds;
    const heard = await this.isHeard(subscriber, publish);
    if (round !== this.rounds) return this.alive; // the one that began later decides
    if (subscriber !== this.subscriber) return false; // it has ended, and what follows is under way
    if (heard) this.becomeAlive();
    else this.distrust();
    this.beatLater();
    return this.alive;
  }

  /** The same once it is connected, which is waited for as long as a sign of life may take. */
  async proveWhenConnected(publish: BusParts['publish']): Promise<boolean> {
    if (this.subscriber?.status !== 'ready') {
      await new Promise<void>((resolve) => {
        const cancel = this.parts.clock.schedule(this.parts.silenceMs, resolve);
        this.connected = () => {
          cancel();
          resolve();
        };
      });
    }
    return this.prove(publish);
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

  private becomeAlive(): void {
    if (this.alive || this.closed) return;
    this.parts.onGap();
    this.alive = true;
  }

  private async isHeard(
    subscriber: SubscriberClient,
    publish: BusParts['publish'],
  ): Promise<boolean> {
    try {
      if (this.subscribed !== subscriber) await this.subscribe(subscriber);
      return await this.beat(publish);
    } catch {
      return false; // no answer is what this is here to find out
    }
  }

  private async subscribe(subscriber: SubscriberClient): Promise<void> {
    const { channel, clock, silenceMs } = this.parts;
    await withDeadline(subscriber.subscribe(channel, this.ownChannel), silenceMs, clock);
    this.subscribed = subscriber;
  }

  private async beat(publish: BusParts['publish']): Promise<boolean> {
    this.echo?.settle(false);
    const beat = String(++this.beats);
    let settle: (heard: boolean) => void = () => undefined;
    const heard = new Promise<boolean>((resolve) => {
      settle = (yes) => {
        cancel();
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
      await publish(this.ownChannel, beat);
    } catch {
      settle(false);
    }
    return heard;
  }

  private beatLater(): void {
    this.later(this.parts.heartbeatMs, () => void this.keepAlive());
  }

  private async keepAlive(): Promise<void> {
    const { subscriber } = this;
    const wasAlive = this.alive;
    if (await this.prove()) return;
    // It has fallen silent, or never said a word: half-open, perhaps. A new connection finds out.
    if (subscriber && (wasAlive || this.subscribed !== subscriber)) this.onEnd(subscriber);
  }

  private onText(channel: string, text: string): void {
    if (channel === this.ownChannel) {
      if (text === this.echo?.beat) this.echo.settle(true);
      return;
    }
    const message = parseMessage(text);
    if (!message) this.parts.onMalformed(text);
    else if (message.origin !== this.parts.origin) this.parts.onMessage(message);
  }

  private onEnd(subscriber: SubscriberClient): void {
    if (subscriber !== this.subscriber) return;
    this.drop(subscriber);
    this.distrust();
    this.startLater();
  }

  private drop(subscriber: SubscriberClient | undefined): void {
    this.subscriber = undefined;
    this.echo?.settle(false);
    subscriber?.removeAllListeners();
    subscriber?.on('error', heardByEnd);
    subscriber?.disconnect();
  }

  private startLater(): void {
    this.attempts += 1;
    this.later(this.parts.backoff(this.attempts), () => this.start());
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
