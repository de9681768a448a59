import type { SubscriberClient } from '../connection/subscriber.js';
import { FarUnavailableError } from '../errors/far-tier.error.js';
import { Listener } from './listener.js';
import type { ListenerParts } from './listener-parts.js';
import {
  passOnKeys,
  TRACKED_KEYS_CHANNEL,
  trackKeys,
  type TrackedKeysParts,
} from './tracked-keys.js';

/** What {@link MasterTracking} works with. */
export interface MasterTrackingParts extends ListenerParts, TrackedKeysParts {
  /** A key in a slot of the master that stands for a sign of life; undefined while it serves none. */
  readonly probeKey: (beat: string) => string | undefined;
  /** The sign of life of this process that a key stands for. */
  readonly beatOf: (key: string) => string | undefined;
  /** All keys of the master went at once. */
  readonly onFlushed: () => void;
  /** It is not to be trusted until `onGap` is called again. */
  readonly onLost: () => void;
}

/** Signs of life in a row that were written and not told, before tracking is given up. */
const MAX_UNTOLD = 3;

/** What is told of the end of such a key is of no use, and earlier ones are not to pile up. */
const PROBE_LIVES_MS = 10_000;

/**
 * The word of one master of a Cluster of every key under the prefix that anybody changes there. A
 * sign of life is a key of that master: when it is told, so is all that was written there before.
 */
export class MasterTracking extends Listener {
  /** The connection that was last asked to tell. */
  private armed: SubscriberClient | undefined;
  private told = 0;
  private untold = 0;

  constructor(private readonly tracked: MasterTrackingParts) {
    super(tracked);
  }

  protected override attach(subscriber: SubscriberClient): void {
    subscriber.on('messageBuffer', (channel, payload) => {
      if (channel.toString() !== TRACKED_KEYS_CHANNEL) return;
      if (payload === null) this.tracked.onFlushed();
      else if (Array.isArray(payload)) this.onKeys(payload);
    });
  }

  protected override async arm(subscriber: SubscriberClient): Promise<void> {
    await trackKeys(subscriber, this.tracked);
    this.armed = subscriber;
  }

  protected override async say(beat: string): Promise<void> {
    const { probeKey, voice } = this.tracked;
    const key = probeKey(beat);
    if (key === undefined) throw new FarUnavailableError('The master serves no slot');
    await voice.touch(key, PROBE_LIVES_MS);
    // The server tells of a key before it acknowledges it: what an answer comes before is not told.
    this.armed?.call('PING').then(() => {
      this.noteUntold(beat);
    }, heardByEnd);
  }

  protected override lose(): void {
    super.lose();
    this.tracked.onLost();
  }

  private noteUntold(beat: string): void {
    if (this.told >= Number(beat)) return;
    this.untold += 1;
    if (this.untold < MAX_UNTOLD) return;
    this.tracked.onUnsupported(new FarUnavailableError('it was accepted, and nothing is told'));
  }

  private onKeys(keys: readonly Buffer[]): void {
    const { tracked } = this;
    const beat = passOnKeys(keys, tracked, tracked.beatOf);
    if (beat === undefined) return;
    this.told = Math.max(this.told, Number(beat));
    this.untold = 0;
    this.heard(beat);
  }
}

/** A connection that breaks ends, and that is listened for. */
function heardByEnd(): void {
  return undefined;
}
