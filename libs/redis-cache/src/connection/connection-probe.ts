import { FarUnavailableError } from '../errors/far-tier.error.js';
import type { Clock } from '../resilience/clock.js';
import { withDeadline } from '../resilience/deadline.js';
import { refreshSlots } from './cluster-slots.js';
import { failureKind, failureReason } from './failure-kind.js';
import type { RedisClientLike } from './redis-client.interface.js';

/** What a probe goes by. */
export interface ProbeOptions {
  /** A key that never exists. */
  readonly missingKey: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** A database to be in, other than the first. Only for a client of ours: others may be elsewhere by now. */
  readonly database?: number;
}

/**
 * Asks whether Redis can serve a cache, writes included: a replica, or a server that ran out of disk,
 * answers `PING` happily. Deleting a key that never exists is the smallest write there is. Of a
 * Cluster every master has to answer, and to find the whole well, or commands would run into the one
 * that does not time and again.
 *
 * @throws the failure, if Redis is away. That this user may not run such a command proves it is not.
 */
export async function probe(client: RedisClientLike, options: ProbeOptions): Promise<void> {
  const { missingKey, timeoutMs, clock, database = 0 } = options;
  // ioredis forgets a node that it has lost, and then has none left that does not answer.
  if (client.isCluster) await refreshSlots(client);
  const masters = client.nodes?.('master') ?? [];
  const replies = [client.del(missingKey), ...masters.map(assertWell)].map(answered);
  if (database > 0) replies.push(assertDatabase(client, database));
  await withDeadline(Promise.all(replies), timeoutMs, clock);
}

/** Where it cannot be selected, ioredis goes on in the first one, beside whoever else is there. */
async function assertDatabase(client: RedisClientLike, database: number): Promise<void> {
  try {
    await client.select?.(database);
  } catch (error) {
    if (failureKind(error) !== 'refused') throw error;
    throw new FarUnavailableError(`database ${database} is refused: ${failureReason(error)}`);
  }
}

/** A master that has just come back refuses commands for a while, and not this one. */
async function assertWell(master: RedisClientLike): Promise<void> {
  const info = await master.cluster('INFO');
  if (String(info).includes('cluster_state:fail')) {
    throw new FarUnavailableError('A node of the cluster says that the cluster is down');
  }
}

/** Waits for a reply; a refusal is one. */
export async function answered(reply: Promise<unknown>): Promise<void> {
  try {
    await reply;
  } catch (error) {
    if (failureKind(error) !== 'refused') throw error;
  }
}
