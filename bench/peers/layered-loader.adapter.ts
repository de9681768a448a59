import { Cluster as Cluster6, Redis as Redis6, type RedisOptions } from 'ioredis-6';
import {
  createGroupNotificationPair,
  createNotificationPair,
  enrichRedisConfig,
  GroupLoader,
  Loader,
  RedisCache,
  RedisGroupCache,
} from 'layered-loader';
import type { NodeOptions, PeerCache, PeerNode } from '../peer-cache.js';
import { BOUNDED, ignore, SUBSCRIBER } from './connections.js';
import { installed } from './installed-version.js';

/** What a load needs beside its key: who asks brings its own. */
interface LoadParams {
  readonly key: string;
  readonly load: () => Promise<unknown>;
}

type Groups = GroupLoader<unknown, LoadParams>;

/** Connections of one node. */
interface Clients {
  readonly cache: Redis6 | Cluster6;
  readonly publisher: Redis6 | Cluster6;
  readonly consumer: Redis6 | Cluster6;
}

export const peers: readonly PeerCache[] = [
  {
    name: 'layered-loader',
    version: `${installed('layered-loader')}, ioredis 6 (declares Node 22, was run on Node 20)`,
    settings:
      'Loader with memory and RedisCache (json), GroupLoader for tenants, Redis notification pairs, enrichRedisConfig; ioredis 6 with commandTimeout 500 ms, maxRetriesPerRequest 1, no offline queue, retry within 500 ms.',
    strengths:
      'Synchronous reads from memory, bulk loads, several data sources with fallback, refresh with a staleness check, statistics, SNS/SQS as another bus.',
    clusters: true,
    create,
  },
];

async function create(redisUrl: string, options: NodeOptions): Promise<PeerNode> {
  const clients = {
    cache: open(redisUrl, options),
    publisher: open(redisUrl, options),
    consumer: open(redisUrl, options, SUBSCRIBER),
  };
  const all = Object.values(clients);
  await Promise.all(all.map((client) => client.connect().catch(ignore)));
  const close = (): void => {
    for (const client of all) client.disconnect();
  };
  const loader = loaderOver(clients, options);
  const groups = groupsOver(clients, options);
  // Subscribing waits for a server; an application that boots without one goes on.
  if (clients.cache.status === 'ready') await Promise.all([loader.init(), groups.init()]);
  return {
    get: (key) => loader.get({ key, load: nothing }),
    set: (key, value) => loader.forceSetValue(key, value),
    wrap: <T>(key: string, load: () => Promise<T>) => loader.get({ key, load }) as Promise<T>,
    evict: (key) => loader.invalidateCacheFor(key),
    clear: () => loader.invalidateCache(),
    tenant: (id) => groupOf(groups, id, close),
    close,
  };
}

function loaderOver(
  clients: Clients,
  { prefix, ttlSeconds }: NodeOptions,
): Loader<unknown, LoadParams> {
  const ttlInMsecs = ttlSeconds * 1_000;
  const { publisher, consumer } = createNotificationPair<unknown>({
    channel: `${prefix}-notifications`,
    publisherRedis: clients.publisher,
    consumerRedis: clients.consumer,
    errorHandler: ignore,
  });
  return new Loader<unknown, LoadParams>({
    inMemoryCache: { ttlInMsecs, maxItems: 10_000 },
    asyncCache: new RedisCache(clients.cache, { prefix, json: true, ttlInMsecs }),
    dataSourceGetOneFn: ({ load }) => load(),
    cacheKeyFromLoadParamsResolver: ({ key }) => key,
    notificationPublisher: publisher,
    notificationConsumer: consumer,
    cacheUpdateErrorHandler: ignore,
    loadErrorHandler: ignore,
  });
}

/** Its groups, which its documentation offers for tenants. */
function groupsOver(clients: Clients, { prefix, ttlSeconds }: NodeOptions): Groups {
  const ttlInMsecs = ttlSeconds * 1_000;
  const { publisher, consumer } = createGroupNotificationPair<unknown>({
    channel: `${prefix}-group-notifications`,
    publisherRedis: clients.publisher,
    consumerRedis: clients.consumer,
    errorHandler: ignore,
  });
  return new GroupLoader<unknown, LoadParams>({
    inMemoryCache: { ttlInMsecs, maxGroups: 1_000, maxItemsPerGroup: 1_000 },
    asyncCache: new RedisGroupCache(clients.cache, {
      prefix: `${prefix}-g`,
      json: true,
      ttlInMsecs,
    }),
    dataSources: [
      {
        name: 'loads',
        getFromGroup: ({ load }) => load(),
        getManyFromGroup: () => Promise.resolve([]),
      },
    ],
    cacheKeyFromLoadParamsResolver: ({ key }) => key,
    notificationPublisher: publisher,
    notificationConsumer: consumer,
    cacheUpdateErrorHandler: ignore,
    loadErrorHandler: ignore,
  });
}

function groupOf(groups: Groups, id: string, close: () => void): PeerNode {
  return {
    get: (key) => groups.get({ key, load: nothing }, id),
    set: (key, value) => groups.forceSetValueForGroup(key, value, id),
    wrap: <T>(key: string, load: () => Promise<T>) => groups.get({ key, load }, id) as Promise<T>,
    evict: (key) => groups.invalidateCacheFor(key, id),
    clear: () => groups.invalidateCacheForGroup(id),
    close,
  };
}

/** Undefined is its word for nothing found. */
function nothing(): Promise<undefined> {
  return Promise.resolve(undefined);
}

function open(
  url: string,
  { cluster }: NodeOptions,
  options: RedisOptions = {},
): Redis6 | Cluster6 {
  const { retryStrategy, enableOfflineQueue, ...ofEach } = BOUNDED;
  const client = cluster
    ? new Cluster6([...cluster], {
        ...enrichRedisConfig({ redisOptions: ofEach, clusterRetryStrategy: retryStrategy }),
        lazyConnect: true,
      })
    : new Redis6(url, { ...enrichRedisConfig({ ...BOUNDED, ...options }), lazyConnect: true });
  client.on('error', ignore);
  return client;
}
