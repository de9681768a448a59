import { byteLengthOf, type TextOrBytes } from '../codec/binary.js';
import type { RedisConnection } from '../connection/redis-connection.js';
import { BETWEEN_MESSAGES } from '../invalidation/bus-message.js';
import type { Reply } from '../resilience/reply.interface.js';
import type { StoredEntry } from './far-store.interface.js';

/** How the others are told of what a script does. */
export interface Telling {
  /** Its last arguments: message, channel, and of an entry whether it is told, 1 or 0. */
  readonly byScript: readonly (string | number)[];
  readonly after?: ((ending?: string) => Promise<void>) | undefined;
}

/** How a {@link Teller} tells. */
export interface TellerOptions {
  /** Where by sharded pub/sub; undefined while scripts tell. @default never by sharded pub/sub */
  readonly shardChannel?: (() => string | undefined) | undefined;
  /** The largest entry that is told along with the name of the one it takes the place of. @default 0: names alone */
  readonly maxEntryBytes?: number;
}

/** Tells the other processes what is done to what is stored. */
export class Teller {
  private readonly shardChannel: () => string | undefined;
  private readonly maxEntryBytes: number;

  constructor(
    private readonly connection: RedisConnection,
    private readonly channel: string,
    { shardChannel = () => undefined, maxEntryBytes = 0 }: TellerOptions,
  ) {
    this.shardChannel = shardChannel;
    this.maxEntryBytes = maxEntryBytes;
  }

  /**
   * Has the others told: by the script itself; or by a command of its own once the script is applied,
   * for the shard channel may be of another node. Were it told before, somebody could read again what
   * is about to go. If it cannot be told, the whole counts as not acknowledged.
   */
  telling(message: string): Telling {
    const shard = message === '' ? undefined : this.shardChannel();
    if (shard === undefined) return { byScript: [message, this.channel] };
    return {
      byScript: ['', ''],
      after: (ending = '') => this.publishToShard(shard, message + ending),
    };
  }

  /**
   * The same of an entry that is stored. The script adds it to the message, behind the mark of the one before, if others
   * keep such entries, and it is small enough, and text that ends where the message does.
   */
  tellingOf({ bytes, isKept = true }: StoredEntry, message: string): Telling {
    const { byScript, after } = this.telling(message);
    const isTold = message !== '' && isKept && this.canTell(bytes);
    return { byScript: [...byScript, isTold ? 1 : 0], after };
  }

  private canTell(entry: TextOrBytes): boolean {
    const { maxEntryBytes } = this;
    if (typeof entry !== 'string' || entry.length > maxEntryBytes) return false;
    return byteLengthOf(entry) <= maxEntryBytes && !entry.includes(BETWEEN_MESSAGES);
  }

  /** Tells them what the script leaves to do, if it has done anything. @returns whether it has */
  toldIfDone({ after }: Telling, doing: Reply<boolean>): Reply<boolean> {
    return after ? doing.then((done) => (done ? after().then(() => true) : false)) : doing;
  }

  /** Tells them by a command alone. */
  async tell(message: string): Promise<void> {
    const shard = this.shardChannel();
    if (shard !== undefined) return this.publishToShard(shard, message);
    await this.connection.update((client) => client.publish(this.channel, message));
  }

  private async publishToShard(channel: string, message: string): Promise<void> {
    await this.connection.update((client) => client.spublish(channel, message));
  }
}
