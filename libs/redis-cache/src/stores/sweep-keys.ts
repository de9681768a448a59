import type { RedisConnection } from '../connection/redis-connection.js';
import type { KeySelection } from '../keys/key-selection.js';
import type { SweepProgress } from './far-store.interface.js';
import { walkKeys } from './walk-keys.js';

/**
 * Walks through all keys of every master and deletes those that `selection` takes.
 *
 * @throws {FarUnavailableError} some may have been missed; see {@link walkKeys}
 */
export async function sweepKeys(
  connection: RedisConnection,
  selection: KeySelection,
  onProgress: (progress: SweepProgress) => void,
): Promise<number> {
  let scanned = 0;
  let deleted = 0;
  for await (const { keys, ...at } of walkKeys(connection, selection.match)) {
    scanned += keys.length;
    deleted += await unlink(
      connection,
      keys.filter((key) => selection.takes(key)),
    );
    onProgress({ ...at, scanned, deleted });
  }
  return deleted;
}

/** By one command; of a Cluster by one for each key, as a command must not reach over slots. */
async function unlink(connection: RedisConnection, keys: readonly string[]): Promise<number> {
  if (keys.length === 0) return 0;
  return connection.run(async (client) => {
    if (!client.isCluster) return client.unlink(...keys);
    const counts = await Promise.all(keys.map((key) => client.unlink(key)));
    return counts.reduce((sum, count) => sum + count, 0);
  });
}
