import { createClient, type RedisClientOptions, type RedisClusterOptions } from '@keyv/redis';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { ClusterNode } from '../peer-cache.js';

/**
 * Settings for an outage, which the documentation of ioredis recommends to those who rather have an
 * error than an answer late: its defaults keep a command waiting for minutes.
 */
export const BOUNDED = {
  connectTimeout: 1_000,
  commandTimeout: 500,
  maxRetriesPerRequest: 1,
  enableOfflineQueue: false,
  retryStrategy: (attempt: number) => Math.min(50 * attempt, 500),
} satisfies RedisOptions;

export const IOREDIS_SETTINGS =
  'ioredis 5 with commandTimeout 500 ms, maxRetriesPerRequest 1, no offline queue, retry within 500 ms';

/** Connected if a server is there. Errors are the library's to see, by the commands that fail. */
export async function openIoredis(url: string, options: RedisOptions = {}): Promise<Redis> {
  const client = new Redis(url, { ...BOUNDED, ...options, lazyConnect: true });
  client.on('error', ignore);
  await client.connect().catch(ignore);
  return client;
}

/** The same for a cluster; its client needs a queue to subscribe, and an end to its attempts. */
export async function openIoredisCluster(nodes: readonly ClusterNode[]): Promise<Cluster> {
  const { retryStrategy, maxRetriesPerRequest, connectTimeout, commandTimeout } = BOUNDED;
  const client = new Cluster([...nodes], {
    redisOptions: { connectTimeout, commandTimeout, maxRetriesPerRequest },
    clusterRetryStrategy: retryStrategy,
    lazyConnect: true,
  });
  client.on('error', ignore);
  await client.connect().catch(ignore);
  return client;
}

/** For a subscriber: it has to be able to subscribe before it is connected. */
export const SUBSCRIBER = {
  enableOfflineQueue: true,
  maxRetriesPerRequest: null,
} satisfies RedisOptions;

export const NODE_REDIS_SETTINGS =
  'node-redis 5 with connectTimeout 1 s, pingInterval 500 ms, socketTimeout 1 s';

/** Finds a connection that hangs. */
export function nodeRedisOptions(url: string): RedisClientOptions {
  return { url, pingInterval: 500, socket: { connectTimeout: 1_000, socketTimeout: 1_000 } };
}

/** Options of a Keyv over {@link nodeRedis}. */
export const KEYV_REDIS = { throwOnConnectError: false, connectionTimeout: 500 } as const;

export const KEYV_REDIS_SETTINGS = `${NODE_REDIS_SETTINGS}, disableOfflineQueue, retry within 500 ms, connectionTimeout 500 ms`;

/** The client of `@keyv/redis`, bounded as its documentation describes it for a cache. */
export function nodeRedis(url: string): ReturnType<typeof createClient> {
  const { socket, ...options } = nodeRedisOptions(url);
  const reconnectStrategy = (attempt: number): number => Math.min(50 * 2 ** attempt, 500);
  const client = createClient({
    ...options,
    disableOfflineQueue: true,
    socket: { ...socket, reconnectStrategy },
  });
  client.on('error', ignore);
  return client;
}

/** Of a cluster. */
export function nodeRedisClusterOptions(nodes: readonly ClusterNode[]): RedisClusterOptions {
  return {
    rootNodes: nodes.map(({ host, port }) => ({ url: `redis://${host}:${port}` })),
    defaults: { pingInterval: 500, socket: { connectTimeout: 1_000, socketTimeout: 1_000 } },
  };
}

export function ignore(): void {
  // An outage is what these comparisons are about.
}
