import { reservedRedisOptions } from './client-settings.js';
import type { RedisClientLike } from './redis-client.interface.js';

/** A connection that does nothing but listen to a channel. */
export interface SubscriberClient {
  readonly status: string;
  on(event: 'message', listener: (channel: string, message: string) => void): unknown;
  on(event: 'connect' | 'ready' | 'end', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeAllListeners(): unknown;
  connect(): Promise<void>;
  /** Ends the connection; resolves once the server knows. */
  quit(): Promise<unknown>;
  disconnect(): void;
  subscribe(...channels: string[]): Promise<unknown>;
}

interface Duplicable {
  duplicate(options: object): SubscriberClient;
}

/**
 * Makes a connection for listening, not yet connected, to where `client` is connected; of a Cluster
 * to one of its masters, for what is published reaches every node. It never reconnects: a connection
 * that breaks has missed messages, and whoever listens has to know.
 *
 * @returns undefined while a Cluster knows of no node
 */
export function createSubscriber(
  client: RedisClientLike,
  random: () => number,
): SubscriberClient | undefined {
  const nodes = client.isCluster ? (client.nodes?.('master') ?? []) : [client];
  const node = nodes[Math.floor(random() * nodes.length)];
  return (node as unknown as Duplicable | undefined)?.duplicate({
    ...reservedRedisOptions(random),
    retryStrategy: null,
    enableAutoPipelining: false,
    readOnly: false,
  });
}
