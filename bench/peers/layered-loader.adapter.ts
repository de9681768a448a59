import { Redis as Redis6, type RedisOptions } from 'ioredis-6';
import { createNotificationPair, enrichRedisConfig, Loader, RedisCache } from 'layered-loader';
import type { NodeOptions, PeerCache, PeerNode } from '../peer-cache.js';
import { BOUNDED, ignore, SUBSCRIBER } from './connections.js';
import { installed } from './installed-version.js';

/** What a load needs beside its key: who asks brings its own. */
interface LoadParams {
  readonly key: string;
  readonly load: () => Promise<unknown>;
}

export const peers: readonly PeerCache[] = [
  {
    name: 'layered-loader',
    version: `${installed('layered-loader')}, ioredis 6 (declares Node 22, was run on Node 20)`,
    settings:
      'Loader with memory and RedisCache (json), Redis notification pair, enrichRedisConfig; ioredis 6 with commandTimeout 500 ms, maxRetriesPerRequest 1, no offline queue, retry within 500 ms.',
    strengths:
      'Synchronous reads from memory, bulk loads, several data sources with fallback, refresh with a staleness check, statistics, SNS/SQS as another bus.',
    create,
  },
];

async function create(redisUrl: string, { prefix, ttlSeconds }: NodeOptions): Promise<PeerNode> {
  const ttlInMsecs = ttlSeconds * 1_000;
  const clients = [open(redisUrl), open(redisUrl), open(redisUrl, SUBSCRIBER)] as const;
  const [cacheRedis, publisherRedis, consumerRedis] = clients;
  await Promise.all(clients.map((client) => client.connect().catch(ignore)));
  const { publisher, consumer } = createNotificationPair<unknown>({
    channel: `${prefix}-notifications`,
    publisherRedis,
    consumerRedis,
    errorHandler: ignore,
  });
  const loader = new Loader<unknown, LoadParams>({
    inMemoryCache: { ttlInMsecs, maxItems: 10_000 },
    asyncCache: new RedisCache(cacheRedis, { prefix, json: true, ttlInMsecs }),
    dataSourceGetOneFn: ({ load }) => load(),
    cacheKeyFromLoadParamsResolver: ({ key }) => key,
    notificationPublisher: publisher,
    notificationConsumer: consumer,
    cacheUpdateErrorHandler: ignore,
    loadErrorHandler: ignore,
  });
  // Subscribing waits for a server; an application that boots without one goes on.
  if (cacheRedis.status === 'ready') await loader.init();
  return {
    get: (key) => loader.get({ key, load: () => Promise.resolve(undefined) }),
    set: (key, value) => loader.forceSetValue(key, value),
    wrap: <T>(key: string, load: () => Promise<T>) => loader.get({ key, load }) as Promise<T>,
    evict: (key) => loader.invalidateCacheFor(key),
    clear: () => loader.invalidateCache(),
    close: () => {
      for (const client of clients) client.disconnect();
    },
  };
}

function open(url: string, options: RedisOptions = {}): Redis6 {
  const client = new Redis6(url, {
    ...enrichRedisConfig({ ...BOUNDED, ...options }),
    lazyConnect: true,
  });
  client.on('error', ignore);
  return client;
}
