import type { RedisConnection } from '../connection/redis-connection.js';

/** How this process speaks up: by the connection that invalidations go out on. Rejects while it is away. */
export interface Voice {
  /** To all who listen to the channel; in a cluster on any of its nodes. */
  publish(channel: string, message: string): Promise<unknown>;
  /** In a cluster, to all who listen to it on the nodes that serve the slot of the channel. */
  spublish(channel: string, message: string): Promise<unknown>;
  /** Writes a key that nobody reads, for as long, so that a server which tracks keys tells of it. */
  touch(key: string, forMs: number): Promise<unknown>;
}

/** Speaks while Redis recovers as well, for what is kept up to date has to be proven by then. */
export function voiceOf(connection: Pick<RedisConnection, 'update'>): Voice {
  return {
    publish: (channel, message) => connection.update((client) => client.publish(channel, message)),
    spublish: (channel, message) =>
      connection.update((client) => client.spublish(channel, message)),
    touch: (key, forMs) => connection.update((client) => client.set(key, '', 'PX', forMs)),
  };
}
