import { failureKind } from './failure-kind.js';
import { begin } from '../resilience/begin.js';
import type { RedisClientLike } from './redis-client.interface.js';

const SLOTS = 16_384;
/** Of as many keys at random, one of a single slot is missing once in 10 million times. */
const MOST_KEYS_TRIED = 16 * SLOTS;

/** Has a Cluster's client learn anew which node serves which keys. */
export function refreshSlots(client: RedisClientLike): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!client.refreshSlotsCache) resolve();
    else client.refreshSlotsCache((error) => (error ? reject(error) : resolve()));
  });
}

/**
 * Sends a command, and to a Cluster once more if its keys have moved to another node: ioredis follows
 * them itself, but not out of a pipeline whose commands moved to several places, and with automatic
 * pipelining every command is in one. A command that was told to go elsewhere was not applied, nor one
 * of a pipeline whose keys have moved apart before it was sent. One that throws before it is sent fails
 * as one that was.
 */
export function followingMoves<T>(
  command: (client: RedisClientLike) => Promise<T>,
  client: RedisClientLike,
): Promise<T> {
  const sent = begin(() => command(client));
  if (!client.isCluster) return sent;
  return sent.catch(async (error: unknown) => {
    if (failureKind(error) !== 'moved') throw error;
    await refreshSlots(client);
    return command(client);
  });
}

/** The client of the master that serves the slot of a key, as far as a Cluster's client knows. */
export function ownerOf(client: RedisClientLike, key: string): RedisClientLike | undefined {
  const owner = client.slots?.[slotOf(key)]?.[0];
  if (owner === undefined) return undefined;
  return client.nodes?.('master').find(({ options }) => addressOf(options) === owner);
}

/**
 * The first of keys that a number makes different which lies in a slot of this master, as far as a
 * Cluster's client knows.
 *
 * @returns undefined if it serves none
 */
export function keyServedAt(
  client: RedisClientLike,
  address: string,
  keyOf: (number: number) => string,
): string | undefined {
  const { slots = [] } = client;
  const isServedThere = (slot: number): boolean => slots[slot]?.[0] === address;
  if (!slots.some((nodes) => nodes[0] === address)) return undefined;
  for (let number = 0; number < MOST_KEYS_TRIED; number += 1) {
    const key = keyOf(number);
    if (isServedThere(slotOf(key))) return key;
  }
  return undefined;
}

/** The slot of a key, or of a channel for sharded pub/sub. */
export function slotOf(key: string): number {
  // Only what is in the first pair of braces counts, if there is anything.
  const opening = key.indexOf('{');
  const closing = key.indexOf('}', opening + 1);
  const tagged = opening >= 0 && closing > opening + 1;
  return crc16(Buffer.from(tagged ? key.slice(opening + 1, closing) : key)) % SLOTS;
}

/** As ioredis names the nodes of a Cluster. */
export function addressOf(options: object): string {
  const { host = '127.0.0.1', port = 6379 } = options as { host?: string; port?: number };
  return `${host}:${port}`;
}

/** @see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/ appendix A */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
    }
  }
  return crc;
}
