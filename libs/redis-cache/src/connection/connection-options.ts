import type { ConnectionOptions as TlsOptions } from 'node:tls';
import type { ClusterOptions, RedisOptions } from 'ioredis';
import { assertOwnConnection, type ReservedOption } from './connection-checks.js';
import { isRedisClient } from './is-redis-client.js';
import type { RedisClientLike } from './redis-client.interface.js';

/** Further options of ioredis, e.g. `connectTimeout`, `family`, `natMap`, `sentinelPassword`. */
export type ExtraRedisOptions = Omit<RedisOptions, ReservedOption>;

/** Further options of ioredis' Cluster, e.g. `natMap`, `dnsLookup`, `redisOptions`. */
export type ExtraClusterOptions = Omit<ClusterOptions, ReservedOption>;

/** How to log in, and whether over TLS. */
export interface Login {
  /** User of Redis' access control list. @default the user `default` */
  username?: string;
  password?: string;
  /** `true`, or options of `tls.connect`. @default false */
  tls?: boolean | TlsOptions;
}

/** Where a server listens. */
export interface HostAndPort {
  host: string;
  /** @default 6379, of a sentinel 26379 */
  port?: number;
}

/** One server, by URL. */
export interface UrlConnection {
  /**
   * `redis://user:password@host:6379/0`, `rediss://` for TLS; `valkey://` and `valkeys://` mean the
   * same. Special characters of user and password are percent-encoded.
   */
  url: string;
  options?: ExtraRedisOptions;
}

/** One server. */
export interface HostConnection extends HostAndPort, Login {
  /** Number of the database. @default 0 */
  db?: number;
  options?: ExtraRedisOptions;
}

/** The master that sentinels name. */
export interface SentinelConnection extends Login {
  sentinels: readonly HostAndPort[];
  /** What the sentinels call the group of servers, e.g. `mymaster`. */
  name: string;
  /** Number of the database. @default 0 */
  db?: number;
  options?: ExtraRedisOptions;
}

/** A Redis Cluster. */
export interface ClusterConnection extends Login {
  /** Some of its nodes; the others are learned. Login and TLS of the first URL hold for all. */
  cluster: readonly (string | HostAndPort)[];
  options?: ExtraClusterOptions;
}

/** What this library makes clients of its own from. */
export type OwnConnectionOptions =
  UrlConnection | HostConnection | SentinelConnection | ClusterConnection;

/** Where Redis is: how to connect to it, a client of yours (never closed here), or `false` for none. */
export type RedisConnectionOptions = OwnConnectionOptions | RedisClientLike | false;

/**
 * Checks the module's `connection` option while the application boots.
 *
 * @throws {InvalidCacheOptionsError} naming the field, what was received without its secrets, and
 * what would have been right
 */
export function assertConnectionOptions(raw: unknown): asserts raw is RedisConnectionOptions {
  if (raw !== false && !isRedisClient(raw)) assertOwnConnection(raw);
}
