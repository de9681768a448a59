import { failureKind } from '../connection/failure-kind.js';
import { KEYS_A_STEP, walkKeys } from '../stores/walk-keys.js';
import type { Session } from './session.js';

/** How far a walk through the keys has come. */
export interface Walked {
  /** Whether every key of every server was looked at. */
  readonly complete: boolean;
  /** Keys that the servers have looked at, those of others too; about so many. */
  readonly lookedAt: number;
}

/** Where to stop, and who looks on. */
export interface WalkBounds {
  /** Keys that are looked at; 0 for all. */
  readonly maxKeys: number;
  readonly onStep: (lookedAt: number) => void;
}

/**
 * Walks through the keys that match, as `walkKeys` does, up to a bound.
 *
 * @param take is given the keys of each step
 */
export async function walkWithin(
  session: Session,
  match: string,
  { maxKeys, onStep }: WalkBounds,
  take: (keys: readonly string[]) => Promise<void>,
): Promise<Walked> {
  const all = await keysOfAll(session);
  let lookedAt = 0;
  for await (const { keys } of walkKeys(session.connection, match)) {
    if (maxKeys > 0 && lookedAt >= maxKeys) return { complete: false, lookedAt };
    lookedAt = Math.min(lookedAt + KEYS_A_STEP, all);
    await take(keys);
    onStep(lookedAt);
  }
  return { complete: true, lookedAt };
}

/** Keys of all servers; infinite where the user of Redis may not ask. */
async function keysOfAll({ client, connection }: Session): Promise<number> {
  const servers = 'nodes' in client ? client.nodes('master') : [client];
  try {
    const sizes = await connection.run(() => Promise.all(servers.map((server) => server.dbsize())));
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch (error) {
    if (failureKind(error) !== 'refused') throw error;
    return Infinity;
  }
}
