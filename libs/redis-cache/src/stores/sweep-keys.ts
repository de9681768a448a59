import type { RedisConnection } from '../connection/redis-connection.js';
import type { KeySelection } from '../keys/key-selection.js';
import type { SweepProgress } from './far-store.interface.js';
import type { SlotRule } from './slot-rule.js';
import { walkKeys } from './walk-keys.js';

/**
 * Walks through all keys of every master and deletes those that `selection` takes.
 *
 * @throws {FarUnavailableError} some may have been missed; see {@link walkKeys}
 */
export async function sweepKeys(
  connection: RedisConnection,
  slots: SlotRule,
  selection: KeySelection,
  onProgress: (progress: SweepProgress) => void,
): Promise<number> {
  let scanned = 0;
  let deleted = 0;
  for await (const { keys, ...at } of walkKeys(connection, selection.match)) {
    scanned += keys.length;
    deleted += await unlink(
      connection,
      slots,
      keys.filter((key) => selection.takes(key)),
    );
    onProgress({ ...at, scanned, deleted });
  }
  return deleted;
}

/** By one command, or where it must not reach over slots by one for each key. */
async function unlink(
  connection: RedisConnection,
  slots: SlotRule,
  keys: readonly string[],
): Promise<number> {
  if (keys.length === 0) return 0;
  if (!slots.keysApart) {
    try {
      return await connection.run((client) => client.unlink(...keys));
    } catch (error) {
      if (!slots.isWhy(error)) throw error;
    }
  }
  const counts = await connection.run((client) =>
    Promise.all(keys.map((key) => client.unlink(key))),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
