import { parseInfo, type InfoReply } from './info-reply.js';
import type { RedisClientLike } from './redis-client.interface.js';

/** What a server says of itself. */
export interface ServerInfo {
  /** `Redis`, `Valkey`, or what else it calls itself. */
  readonly name: string;
  readonly version: string;
}

/** The oldest version that has what this library cannot do without. */
const OLDEST_MAJOR = 6;

/**
 * Asks a server, of a Cluster one of them, what it is.
 *
 * @returns undefined where it does not say
 * @throws the client's own error, also where the user may not ask
 */
export async function askServer(client: RedisClientLike): Promise<ServerInfo | undefined> {
  return serverOf(parseInfo(await client.info('server')));
}

/** @returns undefined where it does not say */
export function serverOf(fields: InfoReply): ServerInfo | undefined {
  const valkey = fields.get('valkey_version');
  if (valkey) return { name: 'Valkey', version: valkey };
  const version = fields.get('redis_version');
  return version ? { name: 'Redis', version } : undefined;
}

/** Whether a server is older than what this library is made for. */
export function isTooOld({ name, version }: ServerInfo): boolean {
  return name === 'Redis' && Number.parseInt(version, 10) < OLDEST_MAJOR;
}
