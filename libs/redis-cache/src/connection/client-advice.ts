import type { RedisClientLike } from './redis-client.interface.js';

/** The options of ioredis that are looked at here; a Cluster has some of them for its nodes. */
interface ClientOptions {
  readonly autoResendUnfulfilledCommands?: boolean;
  readonly clusterRetryStrategy?: unknown;
  readonly commandTimeout?: number;
  readonly enableOfflineQueue?: boolean;
  readonly keyPrefix?: string;
  readonly maxRetriesPerRequest?: number | null;
  readonly redisOptions?: ClientOptions;
  readonly readOnly?: boolean;
  readonly retryStrategy?: unknown;
  readonly scaleReads?: unknown;
}

interface Advice {
  readonly applies: (options: ClientOptions, client: RedisClientLike) => boolean;
  readonly text: string;
}

/** None of these breaks a call: time limits are kept by this library, whatever the client does. */
const ADVICE: readonly Advice[] = [
  {
    applies: ({ maxRetriesPerRequest }, { isCluster }) =>
      !isCluster && maxRetriesPerRequest === null,
    text:
      'maxRetriesPerRequest is null: commands sent just before an outage wait for its end and are ' +
      'applied then, long after the cache gave up on them. Use 0 or 1; a client shared with BullMQ ' +
      'needs null, so give the cache one of its own.',
  },
  {
    applies: ({ enableOfflineQueue }) => enableOfflineQueue !== false,
    text:
      'enableOfflineQueue is on: a command that meets a broken connection is kept in memory and ' +
      'applied later. Set it to false.',
  },
  {
    applies: ({ autoResendUnfulfilledCommands }, { isCluster }) =>
      !isCluster && autoResendUnfulfilledCommands !== false,
    text:
      'autoResendUnfulfilledCommands is on: commands under way when a connection breaks are sent ' +
      'again after the outage, when they may be outdated. Set it to false.',
  },
  {
    applies: ({ commandTimeout }) => commandTimeout === undefined,
    text:
      'commandTimeout is not set: commands to a Redis that hangs stay in memory until the connection ' +
      'breaks. Set it, or socketTimeout, to a second or two.',
  },
  {
    applies: ({ retryStrategy, clusterRetryStrategy }, { isCluster }) =>
      typeof (isCluster ? clusterRetryStrategy : retryStrategy) !== 'function',
    text: 'it has no retryStrategy: after the first outage the cache stays without Redis for good.',
  },
  {
    applies: ({ keyPrefix }) => Boolean(keyPrefix),
    text:
      'keyPrefix is set: it stands in front of the prefix of the cache in every key. That works, but ' +
      'whoever looks for keys or grants access to them has to reckon with both.',
  },
  {
    applies: ({ scaleReads }, { isCluster }) => isCluster && scaleReads !== 'master',
    text:
      "scaleReads is not 'master': a replica may still serve what was evicted on its master. " +
      "Set it to 'master'.",
  },
  {
    applies: ({ readOnly }) => readOnly === true,
    text: 'readOnly is on: a cache has to write.',
  },
];

/**
 * What hurts in the settings of a client that the user has made, one sentence or two for each, for
 * the log at boot. Settings that ioredis leaves to its default count as what that default is.
 */
export function clientAdvice(client: RedisClientLike): string[] {
  const own = client.options as ClientOptions;
  const options: ClientOptions = client.isCluster ? { ...own.redisOptions, ...own } : own;
  return ADVICE.filter(({ applies }) => applies(options, client)).map(({ text }) => text);
}
