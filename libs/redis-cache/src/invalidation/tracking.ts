import type { SubscriberClient } from '../connection/subscriber.js';
import { FarUnavailableError } from '../errors/far-tier.error.js';
import { Bus, type BusParts } from './bus.js';
import {
  passOnKeys,
  TRACKED_KEYS_CHANNEL,
  trackKeys,
  type TrackedKeysParts,
} from './tracked-keys.js';

/** What {@link Tracking} works with. */
export interface TrackingParts extends Omit<BusParts, 'shard'>, TrackedKeysParts {
  /** A key of this process alone, written to prove that the server tells of keys. */
  readonly probeKey: string;
}

/** Signs of life in a row of which the message comes and the key does not, before tracking is given up. */
const MAX_UNTOLD = 3;

/** Long enough that the key does not expire between two signs of life, which would be told, too. */
const PROBE_LIVES_MS = 600_000;

/**
 * The bus, and on the same connection the server's word of every key under the prefix that anybody
 * changes: with a client of another kind, by expiry, for want of memory, or all at once. The bus is
 * still needed, since the server does not tell of what was not there: of an entry that is evicted
 * while it is being loaded, for one. For a Cluster there is `ClusterTracking`.
 *
 * The server tells of the keys that were changed in one turn of its event loop at the end of it, all
 * of them in one message. So the sign of life is a message to ourselves, which comes at once, and a
 * key written after it: when that is told, so is all that was written before the message.
 */
export class Tracking extends Bus {
  /** The latest sign of life whose message was heard, and whose key was not yet. */
  private announced: string | undefined;
  /** Signs of life in a row, one after the other, of which only the message was heard. */
  private untold = 0;
  private latest = 0;
  /** The latest that had been sent when one was last counted as untold. */
  private latestCounted = 0;

  constructor(private readonly tracked: TrackingParts) {
    super(tracked);
  }

  protected override attach(subscriber: SubscriberClient): void {
    subscriber.on('messageBuffer', (channel, payload) => {
      if (channel.toString() !== TRACKED_KEYS_CHANNEL) {
        this.onText(channel.toString(), String(payload));
      } else if (payload === null) this.tracked.onGap();
      else if (Array.isArray(payload)) this.onKeys(payload);
    });
  }

  protected override async arm(subscriber: SubscriberClient): Promise<void> {
    this.announced = undefined;
    await trackKeys(subscriber, this.tracked);
    await super.arm(subscriber);
  }

  protected override say(beat: string): Promise<unknown> {
    const { probeKey, voice } = this.tracked;
    this.latest = Number(beat);
    return Promise.all([super.say(beat), voice.touch(probeKey, PROBE_LIVES_MS)]);
  }

  protected override onOwn(beat: string): void {
    this.announced = beat;
  }

  /** While messages come, the connection is well, and another one would be told no more. */
  protected override missed(beat: string): boolean {
    const isAnnounced = Number(this.announced) >= Number(beat);
    if (isAnnounced) this.noteUntold(Number(beat));
    else this.untold = 0;
    return !isAnnounced;
  }

  private noteUntold(beat: number): void {
    // Those that were on their way at a time say no more than one of them.
    if (beat <= this.latestCounted) return;
    this.latestCounted = this.latest;
    this.untold += 1;
    if (this.untold !== MAX_UNTOLD) return;
    this.tracked.onUnsupported(new FarUnavailableError('it was accepted, and nothing is told'));
  }

  private onKeys(keys: readonly Buffer[]): void {
    const proven = passOnKeys(keys, this.tracked, (key) =>
      key === this.tracked.probeKey ? (this.announced ?? '') : undefined,
    );
    if (!proven) return;
    this.announced = undefined;
    this.untold = 0;
    this.heard(proven);
  }
}
