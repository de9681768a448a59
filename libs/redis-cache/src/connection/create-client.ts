import { inspect } from 'node:util';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import {
  CLUSTER_DEFAULTS,
  REDIS_DEFAULTS,
  reservedClusterOptions,
  reservedNodeOptions,
  reservedRedisOptions,
} from './client-settings.js';
import type { ClusterConnection, Login, OwnConnectionOptions } from './connection-options.js';
import { parseConnectionUrl } from './connection-url.js';

/** What a client is made with besides the user's options. */
export interface CreateClientSettings {
  /** Jitter of the reconnects, from 0 up to, but not, 1. @default Math.random */
  readonly random?: () => number;
  /** A node of a Cluster that was asked something and is silent for this long is cut. @default 2000 */
  readonly hungAfterMs?: number;
}

/**
 * Makes a client of our own, not yet connected, set up so that an outage of Redis is no more than
 * cache misses. Its `error` events are heard, so that ioredis does not print them; and printing the
 * client shows no password.
 *
 * @param options as `assertConnectionOptions` has passed them
 */
export function createClient(
  options: OwnConnectionOptions,
  { random = Math.random, hungAfterMs = 2_000 }: CreateClientSettings = {},
): Redis | Cluster {
  const client =
    'cluster' in options
      ? createCluster(options, random, hungAfterMs)
      : new Redis({ ...redisOptions(options), ...reservedRedisOptions(random) });
  client.on('error', heardElsewhere);
  Object.defineProperty(client, inspect.custom, {
    value: () => `${client.isCluster ? 'Cluster' : 'Redis'} { status: '${client.status}' }`,
  });
  return client;
}

function redisOptions(options: Exclude<OwnConnectionOptions, ClusterConnection>): RedisOptions {
  const base: RedisOptions = { ...REDIS_DEFAULTS, ...options.options };
  if ('url' in options) {
    const { tls, ...address } = parseConnectionUrl(options.url, 'connection.url');
    // Options of TLS go with the URL, as a certificate has no place in it.
    return { ...base, ...address, ...tlsOption(tls && (base.tls ?? true)) };
  }
  const { options: _extra, tls, ...login } = options;
  return 'sentinels' in login
    ? {
        // Without it ioredis asks the sentinels, and then connects to Redis in the clear.
        ...(tls && { enableTLSForSentinelMode: true }),
        ...base,
        ...login,
        sentinels: [...login.sentinels],
        ...tlsOption(tls),
      }
    : { ...base, ...login, ...tlsOption(tls) };
}

function createCluster(options: ClusterConnection, random: () => number, hungMs: number): Cluster {
  const nodes = options.cluster.map((node, i) =>
    typeof node === 'string' ? parseConnectionUrl(node, `connection.cluster[${i}]`) : node,
  );
  const { redisOptions: extra, ...clusterExtra } = options.options ?? {};
  return new Cluster(
    nodes.map(({ host, port }) => ({ host, port })),
    {
      ...CLUSTER_DEFAULTS,
      ...clusterExtra,
      ...reservedClusterOptions(random),
      redisOptions: {
        ...REDIS_DEFAULTS,
        // One node may hang while the others answer, so each connection watches itself.
        socketTimeout: hungMs,
        ...extra,
        ...login({ ...nodes[0], ...options }),
        ...reservedNodeOptions(),
      },
    },
  );
}

function login({ username, password, tls }: Login): RedisOptions {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...tlsOption(tls),
  };
}

function tlsOption(tls: Login['tls']): RedisOptions {
  return tls ? { tls: tls === true ? {} : tls } : {};
}

/** Failures reach the state of the connection that owns the client, which listens for itself. */
function heardElsewhere(): void {
  return undefined;
}
