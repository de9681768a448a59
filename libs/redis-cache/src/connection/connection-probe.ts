import { failureKind } from './failure-kind.js';
import type { RedisClientLike } from './redis-client.interface.js';

/**
 * Asks whether Redis can serve a cache, writes included: a replica or a server that is out of disk
 * answers `PING` happily. The deletion of a key that never exists is the smallest write there is. Of a
 * Cluster every master has to answer, or commands would run into the silent one again and again.
 *
 * @throws the failure, if Redis is away. A command that is refused to this user proves it is not.
 */
export async function probe(client: RedisClientLike, missingKey: string): Promise<void> {
  const masters = client.nodes?.('master') ?? [];
  await Promise.all([
    answered(client.del(missingKey)),
    ...masters.map((master) => answered(master.ping())),
  ]);
}

/** Waits for a reply; a refusal is one. */
export async function answered(reply: Promise<unknown>): Promise<void> {
  try {
    await reply;
  } catch (error) {
    if (failureKind(error) !== 'refused') throw error;
  }
}
