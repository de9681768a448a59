import { failureKind } from './failure-kind.js';
import type { RedisClientLike } from './redis-client.interface.js';

/** Has a Cluster's client learn anew which node serves which keys. */
export function refreshSlots(client: RedisClientLike): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!client.refreshSlotsCache) resolve();
    else client.refreshSlotsCache((error) => (error ? reject(error) : resolve()));
  });
}

/**
 * Sends a command to a Cluster, and once more if its keys have moved to another node: ioredis follows
 * them itself, but not out of a pipeline whose commands moved to several places, and with automatic
 * pipelining every command is in one. A command that was told to go elsewhere was not applied, nor one
 * of a pipeline whose keys have moved apart before it was sent.
 */
export async function followingMoves<T>(
  command: (client: RedisClientLike) => Promise<T>,
  client: RedisClientLike,
): Promise<T> {
  try {
    return await command(client);
  } catch (error) {
    if (failureKind(error) !== 'moved') throw error;
    await refreshSlots(client);
    return command(client);
  }
}
