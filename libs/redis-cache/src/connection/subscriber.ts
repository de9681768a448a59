import { reservedRedisOptions } from './client-settings.js';
import type { RedisClientLike } from './redis-client.interface.js';

/** A connection that does nothing but listen. */
export interface SubscriberClient {
  readonly status: string;
  readonly options: object;
  /** `smessage` is of sharded pub/sub. */
  on(event: 'message' | 'smessage', listener: (channel: string, message: string) => void): unknown;
  /** The bytes of a message; what the server tells of tracked keys is a list of them, or null for all. */
  on(
    event: 'messageBuffer',
    listener: (channel: Buffer, message: Buffer | Buffer[] | null) => void,
  ): unknown;
  /** `moved`: the slot of a channel of sharded pub/sub is served by another node. */
  on(event: 'connect' | 'ready' | 'end' | 'moved', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeAllListeners(): unknown;
  connect(): Promise<void>;
  /** Ends the connection; resolves once the server knows. */
  quit(): Promise<unknown>;
  disconnect(): void;
  subscribe(...channels: string[]): Promise<unknown>;
  ssubscribe(...channels: string[]): Promise<unknown>;
  call(command: string, ...args: string[]): Promise<unknown>;
}

interface Duplicable {
  duplicate(options: object): SubscriberClient;
}

/** Where a connection for listening is made to, and how. */
export interface SubscriberSettings {
  /** From 0 up to, but not, 1: which of a Cluster's masters, where it does not matter. */
  readonly random: () => number;
  /** Of a Cluster: this one of its nodes instead. */
  readonly node?: RedisClientLike | undefined;
}

/**
 * Makes a connection for listening, not yet connected, to where `client` is connected; of a Cluster
 * to one of its masters, for what is published reaches every node. It never reconnects: a connection
 * that breaks has missed messages, and whoever listens has to know. It speaks RESP2: of what RESP3
 * pushes, ioredis passes on no more than messages.
 *
 * @returns undefined while a Cluster knows of no node
 */
export function createSubscriber(
  client: RedisClientLike,
  { random, node }: SubscriberSettings,
): SubscriberClient | undefined {
  const nodes = client.isCluster ? (client.nodes?.('master') ?? []) : [client];
  const origin = node ?? nodes[Math.floor(random() * nodes.length)];
  return (origin as unknown as Duplicable | undefined)?.duplicate({
    ...reservedRedisOptions(random),
    protocol: 2,
    keyPrefix: keyPrefixOf(client),
    retryStrategy: null,
    enableAutoPipelining: false,
    readOnly: false,
  });
}

/** What a client puts in front of every key, and of channels for sharded pub/sub. */
export function keyPrefixOf({ options }: RedisClientLike): string {
  const { keyPrefix, redisOptions } = options as {
    keyPrefix?: string;
    redisOptions?: { keyPrefix?: string };
  };
  return keyPrefix ?? redisOptions?.keyPrefix ?? '';
}
