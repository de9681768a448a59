import { failureKind } from '../connection/failure-kind.js';
import type { SubscriberClient } from '../connection/subscriber.js';
import { FarUnavailableError } from '../errors/far-tier.error.js';
import { Listener, type ListenerParts } from './listener.js';

/** What {@link Tracking} works with. */
export interface TrackingParts extends ListenerParts {
  /** What the keys of this application begin with, in Redis. */
  readonly prefix: string;
  /** What the client itself puts in front of every key; cut off again here. */
  readonly clientPrefix: string;
  /** The channel on which this process hears itself. */
  readonly ownChannel: string;
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
 * Has the server tell of every key under the prefix that anybody changes: with a client of another
 * kind, by expiry, for want of memory, or all at once.
 *
 * The server tells of the keys that were changed in one turn of its event loop at the end of it, all
 * of them in one message. So the sign of life is a message to ourselves, which comes at once, and a
 * key written after it: when that is told, so is all that was written before the message.
 *
 * @see https://redis.io/docs/latest/develop/reference/client-side-caching/ on RESP2 and broadcasting
 */
export class Tracking extends Listener {
  private readonly ear: TrackingParts;
  /** The latest sign of life whose message was heard, and whose key was not yet. */
  private announced: string | undefined;
  /** Signs of life in a row of which only the message was heard. */
  private untold = 0;

  constructor(parts: TrackingParts) {
    super(parts);
    this.ear = parts;
  }

  protected attach(subscriber: SubscriberClient): void {
    subscriber.on('messageBuffer', (channel, payload) => {
      if (channel.toString() !== CHANNEL) this.announced = String(payload);
      else if (payload === null) this.ear.onGap();
      else if (Array.isArray(payload)) this.onKeys(payload);
    });
  }

  protected async arm(subscriber: SubscriberClient): Promise<void> {
    const { prefix, ownChannel, onUnsupported } = this.ear;
    this.announced = undefined;
    try {
      const id = String(await subscriber.call('CLIENT', 'ID'));
      // To itself: a connection that redirects to another one does not notice when that has gone.
      await subscriber.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', 'PREFIX', prefix);
      await subscriber.subscribe(CHANNEL, ownChannel);
    } catch (error) {
      if (failureKind(error) !== 'refused') throw error;
      onUnsupported(error);
      throw new FarUnavailableError('The server does not track keys');
    }
  }

  protected say(beat: string): Promise<unknown> {
    const { ownChannel, probeKey, voice, onUnsupported } = this.ear;
    this.untold = this.announced === undefined ? 0 : this.untold + 1;
    if (this.untold === MAX_UNTOLD) {
      onUnsupported(new FarUnavailableError('it was accepted, and nothing is told'));
    }
    return Promise.all([voice.publish(ownChannel, beat), voice.touch(probeKey)]);
  }

  private onKeys(keys: readonly Buffer[]): void {
    const { clientPrefix, probeKey, onKey } = this.ear;
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
