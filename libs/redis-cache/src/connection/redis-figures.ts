import type { Clock } from '../resilience/clock.js';
import { withDeadline } from '../resilience/deadline.js';
import { parseInfo, type InfoReply } from './info-reply.js';
import type { RedisClientLike } from './redis-client.interface.js';

/** What Redis says of itself. A figure that the server does not tell is undefined. */
export interface RedisFigures {
  /** Of Redis; where the server is another one, the version of Redis that it stands in for. */
  readonly version: string | undefined;
  /** Servers asked: the masters of a cluster, else 1. The other figures are of all together. */
  readonly servers: number;
  readonly uptimeSeconds: number | undefined;
  readonly memoryBytes: number | undefined;
  /** 0 for no limit. */
  readonly maxMemoryBytes: number | undefined;
  readonly clients: number | undefined;
  /** Look-ups of all clients since the server was started, ours and others'. */
  readonly keyspaceHits: number | undefined;
  readonly keyspaceMisses: number | undefined;
  readonly commands: number | undefined;
  readonly commandsPerSecond: number | undefined;
  readonly expiredKeys: number | undefined;
  /** Keys that the server has dropped for want of memory. */
  readonly evictedKeys: number | undefined;
}

/**
 * Asks for figures beside all other traffic: an answer that is late or refused says nothing of whether
 * Redis can be used, and is undefined.
 */
export async function redisFigures(
  client: RedisClientLike,
  timeoutMs: number,
  clock: Clock,
): Promise<RedisFigures | undefined> {
  if (client.status !== 'ready') return undefined;
  try {
    return figuresOf(await withDeadline(askInfo(client), timeoutMs, clock));
  } catch {
    return undefined; // that there are no figures is all that can be said
  }
}

/** What the server says of itself; of a Cluster each of its masters. */
export async function askInfo(client: RedisClientLike): Promise<InfoReply[]> {
  const servers = client.isCluster ? (client.nodes?.('master') ?? []) : [client];
  return (await Promise.all(servers.map((server) => server.info()))).map(parseInfo);
}

/** What several servers, one at least, say of themselves together. */
export function figuresOf(servers: readonly InfoReply[]): RedisFigures {
  const sum = (field: string) => joined(servers, field, (a, b) => a + b);
  return {
    version: servers[0]?.get('redis_version'),
    servers: servers.length,
    uptimeSeconds: joined(servers, 'uptime_in_seconds', Math.min),
    memoryBytes: sum('used_memory'),
    maxMemoryBytes: sum('maxmemory'),
    clients: sum('connected_clients'),
    keyspaceHits: sum('keyspace_hits'),
    keyspaceMisses: sum('keyspace_misses'),
    commands: sum('total_commands_processed'),
    commandsPerSecond: sum('instantaneous_ops_per_sec'),
    expiredKeys: sum('expired_keys'),
    evictedKeys: sum('evicted_keys'),
  };
}

/** Undefined unless every server tells it: a sum of some would pass for that of all. */
function joined(
  servers: readonly InfoReply[],
  field: string,
  join: (a: number, b: number) => number,
): number | undefined {
  const values = servers.map((info) => Number(info.get(field) ?? NaN));
  if (values.length === 0 || !values.every(Number.isFinite)) return undefined;
  return values.reduce((a, b) => join(a, b));
}
