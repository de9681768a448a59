import type { ClusterOptions, RedisOptions } from 'ioredis';
import { GROWTH_OF_WATCHING, jitteredBackoff, type Backoff } from '../resilience/backoff.js';

type NodeOptions = NonNullable<ClusterOptions['redisOptions']>;

/** Of replies that a server takes no writes, one in this time makes ioredis look for another server. */
const READONLY_PAUSE_MS = 1_000;

/** Settings of our own clients which the user's `options` may overrule. */
export const REDIS_DEFAULTS = {
  connectTimeout: 1_000,
  // A connection that was cut and does not close is dropped after this; till then none replaces it.
  disconnectTimeout: 250,
  // A server that still loads its data is asked again after this at the latest.
  maxLoadingRetryTime: 100,
  keepAlive: 10_000,
  noDelay: true,
  connectionName: 'nestjs-redis-cache',
} as const satisfies RedisOptions;

/** As {@link REDIS_DEFAULTS}, for a Cluster as a whole. */
export const CLUSTER_DEFAULTS = {
  enableAutoPipelining: true,
  slotsRefreshTimeout: 1_000,
  // Without it a topology that changed is noticed by failing commands alone.
  slotsRefreshInterval: 5_000,
  // Retries inside the command's own time: they bridge the move of a slot, not an outage.
  retryDelayOnFailover: 50,
  retryDelayOnClusterDown: 50,
  retryDelayOnTryAgain: 25,
} as const satisfies ClusterOptions;

/**
 * Settings of our own clients that nobody may overrule: nothing is queued, nothing waits, and nothing is sent twice,
 * but to a Cluster in which a slot has moved. What cannot be sent now fails now, and the cache goes on without it.
 */
export function reservedRedisOptions(random: () => number): RedisOptions {
  return {
    ...reservedNodeOptions(),
    lazyConnect: true,
    enableOfflineQueue: false,
    retryStrategy: reconnectPause(random),
  };
}

/** As {@link reservedRedisOptions}, for a Cluster as a whole. */
export function reservedClusterOptions(random: () => number): ClusterOptions {
  return {
    lazyConnect: true,
    enableOfflineQueue: false,
    // A replica may not know yet of an eviction that its master has acknowledged.
    scaleReads: 'master',
    clusterRetryStrategy: reconnectPause(random),
  };
}

/** As {@link reservedRedisOptions}, for the connections to the nodes of a Cluster, which manages them. */
export function reservedNodeOptions(): NodeOptions {
  return {
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    // From 1 up, commands under way can outlive their connection and fail with a later one.
    maxRetriesPerRequest: 0,
    reconnectOnError: leaveReplica(),
  };
}

/** Never says stop: Redis may be away for a weekend. */
function reconnectPause(random: () => number): Backoff {
  return jitteredBackoff({ firstMs: 50, maxMs: 2_000, growth: GROWTH_OF_WATCHING, random });
}

/**
 * After a failover the old address may lead to a replica. Leaving at each of many `READONLY` replies
 * would have ioredis cut the connection as often, with a listener on the socket each time.
 */
function leaveReplica(): (error: Error) => boolean {
  let leftAtMs = -Infinity;
  return (error) => {
    const nowMs = performance.now();
    if (!/(?:^|-)READONLY /.test(error.message) || nowMs - leftAtMs < READONLY_PAUSE_MS)
      return false;
    leftAtMs = nowMs;
    return true;
  };
}
