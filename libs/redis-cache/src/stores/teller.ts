import type { RedisConnection } from '../connection/redis-connection.js';
import type { Reply } from '../resilience/reply.interface.js';

/** How the others are told of what a script does. */
export interface Telling {
  readonly byScript: readonly [message: string, channel: string];
  readonly after?: (ending?: string) => Promise<void>;
}

/** Tells the other processes what is done to what is stored. */
export class Teller {
  /** @param shardChannel where by sharded pub/sub; undefined while scripts tell them */
  constructor(
    private readonly connection: RedisConnection,
    private readonly channel: string,
    private readonly shardChannel: () => string | undefined,
  ) {}

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
