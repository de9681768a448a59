import { failureKind } from '../connection/failure-kind.js';
import type { SubscriberClient } from '../connection/subscriber.js';
import { messageHead, messagesIn, parseMessage, type BusMessage } from './bus-message.js';
import type { Heard } from './coherence.js';
import { Listener } from './listener.js';
import type { ListenerParts } from './listener-parts.js';

/** What a {@link Bus} works with. */
export interface BusParts extends ListenerParts {
  readonly channel: string;
  /** Of a Cluster: the channel for sharded pub/sub, for where the server has it. */
  readonly shard?: ShardChannel;
  /** Called for what other processes tell. */
  readonly onMessage: (message: Heard) => void;
  /** Called for text on the channel that is no message. */
  readonly onMalformed: (text: string) => void;
}

/** A channel that only the nodes of one slot pass on. */
export interface ShardChannel {
  readonly name: string;
  /** Whether messages go out on it, too, or are only listened to. */
  readonly speak: boolean;
  /** Whether a connection leads to the master that serves its slot, as far as is known. */
  readonly isHome: (subscriber: SubscriberClient) => boolean;
  /** A connection did not lead there, or does not any more. */
  readonly onMoved: () => void;
  /** The server has no sharded pub/sub. */
  readonly onMissing: () => void;
}

/**
 * The channel on which processes tell each other what was invalidated.
 *
 * In a cluster with sharded pub/sub there are two, and every process listens to both, so that it does
 * not matter which one another process uses. Messages on the one may overtake those on the other.
 */
export class Bus extends Listener {
  protected readonly ear: BusParts;
  /** Whether the connection in use listens to the shard channel, and whether we may speak there. */
  private shardState: 'unheard' | 'heard' | 'spoken' = 'unheard';
  /** What the names of its own channels end in. */
  private readonly ownEnding: string;
  private readonly ownHead: string;

  constructor(parts: BusParts) {
    super(parts);
    this.ear = parts;
    this.ownEnding = `:${parts.origin}`;
    this.ownHead = messageHead(parts.origin);
  }

  /** The shard channel, while messages are to go out on it: as long as this process hears itself there. */
  get shardChannel(): string | undefined {
    return this.trusted && this.shardState === 'spoken' ? this.ear.shard?.name : undefined;
  }

  protected attach(subscriber: SubscriberClient): void {
    const onText = (channel: string, text: string): void => {
      this.onText(channel, text);
    };
    subscriber.on('message', onText);
    const { shard } = this.ear;
    if (!shard) return;
    subscriber.on('smessage', onText);
    subscriber.on('moved', () => {
      shard.onMoved();
      this.replace(subscriber);
    });
  }

  protected async arm(subscriber: SubscriberClient): Promise<void> {
    const { channel, shard } = this.ear;
    this.shardState = 'unheard';
    if (shard && (await this.hearsShard(subscriber, shard))) {
      this.shardState = shard.speak ? 'spoken' : 'heard';
    }
    await subscriber.subscribe(channel, this.own(channel));
  }

  protected async say(beat: string): Promise<unknown> {
    const { channel, shard, voice, onRefused } = this.ear;
    if (shard && this.shardState === 'spoken') {
      try {
        return await voice.spublish(this.own(shard.name), beat);
      } catch (error) {
        if (failureKind(error) !== 'refused') throw error;
        this.shardState = 'heard';
        onRefused(error);
      }
    }
    return voice.publish(this.own(channel), beat);
  }

  protected override isInPlace(subscriber: SubscriberClient): boolean {
    return this.shardState === 'unheard' || this.ear.shard?.isHome(subscriber) !== false;
  }

  /** What was heard on a channel. */
  protected onText(channel: string, text: string): void {
    if (channel.endsWith(this.ownEnding)) {
      this.onOwn(text);
      return;
    }
    for (const told of messagesIn(text)) this.onTold(told);
  }

  private onTold(text: string): void {
    // Half of all that is told between two processes, and so dropped before it is read.
    if (text.startsWith(this.ownHead)) return;
    const message = parseMessage(text);
    if (message) this.ear.onMessage(this.believable(message));
    else this.ear.onMalformed(text);
  }

  /** The message of a sign of life has come back. */
  protected onOwn(beat: string): void {
    this.heard(beat);
  }

  /** Name of the channel on which this process hears itself. */
  protected own(channel: string): string {
    return channel + this.ownEnding;
  }

  private async hearsShard(subscriber: SubscriberClient, shard: ShardChannel): Promise<boolean> {
    try {
      await subscriber.ssubscribe(shard.name, this.own(shard.name));
      return true;
    } catch (error) {
      // Others may speak there: who may not listen must not believe that it hears everything.
      if (!isUnknownCommand(error)) throw error;
      shard.onMissing();
      return false;
    }
  }

  /** Of two renewals of a stamp the earlier may be heard last where they came by two ways. */
  private believable(message: BusMessage): Heard {
    if (message.kind !== 'stamp' || this.shardState === 'unheard') return message;
    return { kind: 'stamp', key: message.key };
  }
}

function isUnknownCommand(error: unknown): boolean {
  return error instanceof Error && /^ERR unknown command/i.test(error.message);
}
