import type { RedisConnection } from '../connection/redis-connection.js';
import { parseStamp } from '../invalidation/bus-message.js';
import type { Stamp } from '../invalidation/stamp-table.js';
import type { FarLook } from './far-store.interface.js';

/** See {@link FarStore.look}. */
export async function lookAt(
  connection: RedisConnection,
  entryKey: string,
  leaseKey: string,
): Promise<FarLook> {
  const [bytes, token, leftMs] = await connection.run((client) =>
    Promise.all([client.getBuffer(entryKey), client.getBuffer(leaseKey), client.pttl(leaseKey)]),
  );
  return {
    bytes: bytes ?? undefined,
    // It may have gone between the two answers.
    lease: token && leftMs >= 0 ? { token: token.toString(), leftMs } : undefined,
  };
}

/** See {@link FarStore.peekStamps}. */
export async function peekAtStamps(
  connection: RedisConnection,
  stampKeys: readonly string[],
): Promise<(Stamp | undefined)[]> {
  const texts = await connection.run((client) =>
    Promise.all(stampKeys.map((key) => client.getBuffer(key))),
  );
  return texts.map((text) => (text ? parseStamp(text.toString()) : undefined));
}
