import { DEFAULTS } from '../config/defaults.js';
import type { HostAndPort, Login, OwnConnectionOptions } from '../connection/connection-options.js';
import { parseConnectionUrl, type ServerAddress } from '../connection/connection-url.js';
import { redactUrl } from '../errors/redact.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { UsageError } from './command.error.js';
import { durationOf } from './flag-values.js';
import type { Terminal } from './terminal.js';
import { tlsOf, type TlsFlags, type TlsOptions } from './tls-flags.js';

/** What of the command line says where Redis is. */
export interface ConnectionFlags extends TlsFlags {
  readonly url?: readonly string[];
  readonly prefix?: string;
  readonly cluster?: boolean;
  readonly sentinel?: readonly string[];
  readonly sentinelName?: string;
  readonly sentinelTls?: boolean;
  readonly timeout?: string;
}

/** Where Redis is, and how it is spoken to. */
export interface Target {
  readonly kind: 'server' | 'sentinel' | 'cluster';
  /** For people to read; without user and password. */
  readonly name: string;
  readonly connection: OwnConnectionOptions;
  readonly prefix: string;
  /** For each command, and for connecting. */
  readonly timeoutMs: number;
  /** Those that are known by name: of a server itself, of a cluster some of its nodes, else sentinels. */
  readonly hosts: readonly string[];
  readonly security: {
    readonly tls: boolean;
    /** Whether the certificate of the server is checked. */
    readonly verified: boolean;
    readonly password: boolean;
  };
  /** Texts that are never shown. */
  readonly secrets: readonly string[];
}

/** What holds where nothing is said. */
export const CONNECTION_FLAG_DEFAULTS = {
  url: 'redis://127.0.0.1:6379',
  prefix: DEFAULTS.prefix,
  sentinelName: 'mymaster',
  timeout: '2s',
} as const;

const DEFAULT_SENTINEL_PORT = 26_379;
/** An IPv6 address stands in brackets, as in URLs. */
const SENTINEL = /^(?:\[([\da-f:.]+)\]|([^\s[\]/@:]+))(?::(\d{1,5}))?$/i;

/**
 * Where Redis is by the command line and, where that does not say, by the environment.
 *
 * @throws {UsageError} naming the flag or variable
 */
export function targetOf(flags: ConnectionFlags, env: Terminal['env']): Target {
  const addresses = addressesOf(flags, env);
  const [first] = addresses as [ServerAddress];
  const tls = tlsOf(flags, first.tls);
  const username = first.username ?? variable(env, 'REDIS_USERNAME');
  const password = first.password ?? variable(env, 'REDIS_PASSWORD');
  const sentinelPassword = variable(env, 'REDIS_SENTINEL_PASSWORD');
  const timeoutMs = timeoutOf(flags);
  const login: Login = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls }),
  };
  const place = flags.sentinel
    ? bySentinels(flags, flags.sentinel, first, login, { timeoutMs, sentinelPassword })
    : flags.cluster
      ? toCluster(addresses, login, timeoutMs)
      : toServer(first, login, timeoutMs);
  return {
    ...place,
    prefix: flags.prefix ?? variable(env, 'CACHE_PREFIX') ?? CONNECTION_FLAG_DEFAULTS.prefix,
    timeoutMs,
    security: {
      tls: tls !== undefined,
      verified: flags.tlsInsecure !== true,
      password: password !== undefined,
    },
    secrets: [password, sentinelPassword].filter((secret) => secret !== undefined),
  };
}

type Place = Pick<Target, 'kind' | 'name' | 'connection' | 'hosts'>;

function toServer(address: ServerAddress, login: Login, timeoutMs: number): Place {
  const { host, port, db, family } = address;
  return {
    kind: 'server',
    name: `${schemeOf(login)}://${placeOf(address)}${db ? `/${db}` : ''}`,
    connection: {
      host,
      port,
      ...dbOf(address),
      ...login,
      options: { connectTimeout: timeoutMs, ...(family !== undefined && { family }) },
    },
    hosts: [host],
  };
}

function toCluster(addresses: readonly ServerAddress[], login: Login, timeoutMs: number): Place {
  const nodes = addresses.map(({ host, port }) => ({ host, port }));
  return {
    kind: 'cluster',
    name: `the cluster of ${schemeOf(login)}://${nodes.map(placeOf).join(', ')}`,
    connection: {
      cluster: nodes,
      ...login,
      options: { redisOptions: { connectTimeout: timeoutMs }, slotsRefreshTimeout: timeoutMs },
    },
    hosts: nodes.map(({ host }) => host),
  };
}

/** Of the URL only what is no address counts: user, password, TLS, database. */
function bySentinels(
  { sentinelName: name = CONNECTION_FLAG_DEFAULTS.sentinelName, sentinelTls }: ConnectionFlags,
  places: readonly string[],
  address: ServerAddress,
  login: Login,
  { timeoutMs, sentinelPassword }: { timeoutMs: number; sentinelPassword: string | undefined },
): Place {
  const sentinels = places.map(sentinelOf);
  const options = {
    connectTimeout: timeoutMs,
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    ...(sentinelTls && { sentinelTLS: login.tls === undefined ? {} : (login.tls as TlsOptions) }),
  };
  return {
    kind: 'sentinel',
    name: `${name} of the sentinels ${sentinels.map(placeOf).join(', ')}`,
    connection: { sentinels, name, ...dbOf(address), ...login, options },
    hosts: sentinels.map(({ host }) => host),
  };
}

function addressesOf(flags: ConnectionFlags, env: Terminal['env']): ServerAddress[] {
  const said = flags.url?.flatMap((url) => url.split(','));
  const source = said ? '--url' : 'REDIS_URL';
  const urls = said ?? (variable(env, 'REDIS_URL') ?? CONNECTION_FLAG_DEFAULTS.url).split(',');
  if (urls.length > 1 && !flags.cluster) {
    throw new UsageError(
      `${source} names ${urls.length} servers; several are the nodes of a cluster. Add --cluster, or name one.`,
    );
  }
  if (flags.cluster && flags.sentinel) {
    throw new UsageError('--cluster and --sentinel exclude each other. Leave one of them out.');
  }
  return urls.map((url) => addressOf(url.trim(), source));
}

function addressOf(url: string, source: string): ServerAddress {
  try {
    return parseConnectionUrl(url, source);
  } catch (error) {
    if (!(error instanceof InvalidCacheOptionsError)) throw error;
    throw new UsageError(
      `${source} is '${redactUrl(url)}'; expected ${error.expected}. ` +
        'Percent-encode special characters of user and password.',
    );
  }
}

function timeoutOf({ timeout = CONNECTION_FLAG_DEFAULTS.timeout }: ConnectionFlags): number {
  const ms = durationOf(timeout, '--timeout');
  if (ms > 0) return ms;
  throw new UsageError(`--timeout is '${timeout}'; expected a time above 0, e.g. 2s.`);
}

function sentinelOf(text: string): Required<HostAndPort> {
  const [, address, name, port] = SENTINEL.exec(text) ?? [];
  const host = address ?? name;
  if (host !== undefined) {
    return { host, port: port === undefined ? DEFAULT_SENTINEL_PORT : Number(port) };
  }
  throw new UsageError(
    `--sentinel is '${redactUrl(text)}'; expected host:port, e.g. 10.0.0.1:26379. ` +
      'User and password of Redis stand in --url or REDIS_URL, that of the sentinels in REDIS_SENTINEL_PASSWORD.',
  );
}

function dbOf({ db }: ServerAddress): { db?: number } {
  return db === undefined ? {} : { db };
}

function placeOf({ host, port }: HostAndPort): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function schemeOf({ tls }: Login): string {
  return tls === undefined ? 'redis' : 'rediss';
}

/** Nothing behind the `=` means not set. */
function variable(env: Terminal['env'], name: string): string | undefined {
  return env[name] === '' ? undefined : env[name];
}
