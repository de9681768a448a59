import { failureKind } from '../connection/failure-kind.js';
import type { SubscriberClient } from '../connection/subscriber.js';
import { FarUnavailableError } from '../errors/far-tier.error.js';
import { Bus, type BusParts } from './bus.js';

/** What {@link Tracking} works with. */
export interface TrackingParts extends Omit<BusParts, 'shard'> {
  /** What the keys of this application begin with, in Redis. */
  readonly prefix: string;
  /** What the client itself puts in front of every key; cut off again here. */
  readonly clientPrefix: string;
  /** A key of this process alone, written to prove that the server tells of keys. */
  readonly probeKey: string;
  /** Called when the server refuses to track keys, or turns out not to. */
  readonly onUnsupported: (error: unknown) => void;
  /** Called for each key that somebody has written or deleted, this process included. */
  readonly onKey: (key: string) => void;
}

/** Where Redis tells a RESP2 connection of the keys that it tracks for it. */
const CHANNEL = '__redis__:invalidate';

/** Signs of life in a row of which the message comes and the key does not, before tracking is given up. */
const MAX_UNTOLD = 3;

/**
 * The bus, and on the same connection the server's word of every key under the prefix that anybody
 * changes: with a client of another kind, by expiry, for want of memory, or all at once. The bus is
 * still needed, since the server does not tell of what was not there: of an entry that is evicted
 * while it is being loaded, for one.
 *
 * The server tells of the keys that were changed in one turn of its event loop at the end of it, all
 * of them in one message. So the sign of life is a message to ourselves, which comes at once, and a
 * key written after it: when that is told, so is all that was written before the message.
 *
 * @see https://redis.io/docs/latest/develop/reference/client-side-caching/ on RESP2 and broadcasting
 */
export class Tracking extends Bus {
  /** The latest sign of life whose message was heard, and whose key was not yet. */
  private announced: string | undefined;
  /** Signs of life in a row of which only the message was heard. */
  private untold = 0;

  constructor(private readonly tracked: TrackingParts) {
    super(tracked);
  }

  protected override attach(subscriber: SubscriberClient): void {
    subscriber.on('messageBuffer', (channel, payload) => {
      if (channel.toString() !== CHANNEL) this.onText(channel.toString(), String(payload));
      else if (payload === null) this.tracked.onGap();
      else if (Array.isArray(payload)) this.onKeys(payload);
    });
  }

  protected override async arm(subscriber: SubscriberClient): Promise<void> {
    this.announced = undefined;
    await this.track(subscriber);
    await super.arm(subscriber);
  }

  protected override say(beat: string): Promise<unknown> {
    const { probeKey, voice, onUnsupported } = this.tracked;
    this.untold = this.announced === undefined ? 0 : this.untold + 1;
    if (this.untold === MAX_UNTOLD) {
      onUnsupported(new FarUnavailableError('it was accepted, and nothing is told'));
    }
    return Promise.all([super.say(beat), voice.touch(probeKey)]);
  }

  protected override onOwn(beat: string): void {
    this.announced = beat;
  }

  private async track(subscriber: SubscriberClient): Promise<void> {
    const { prefix, onUnsupported } = this.tracked;
    try {
      const id = String(await subscriber.call('CLIENT', 'ID'));
      // To itself: a connection that redirects to another one does not notice when that has gone.
      await subscriber.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', 'PREFIX', prefix);
      await subscriber.subscribe(CHANNEL);
    } catch (error) {
      if (failureKind(error) !== 'refused') throw error;
      onUnsupported(error);
      throw new FarUnavailableError('The server does not track keys');
    }
  }

  private onKeys(keys: readonly Buffer[]): void {
    const { clientPrefix, probeKey, onKey } = this.tracked;
    let proven: string | undefined;
    for (const bytes of keys) {
      const key = bytes.toString().slice(clientPrefix.length);
      if (key === probeKey) proven = this.announced;
      else onKey(key);
    }
    if (proven === undefined) return;
    this.announced = undefined;
    this.heard(proven);
  }
}
