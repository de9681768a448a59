import { clusterLayout } from '../connection/cluster-layout.js';
import { refreshSlots } from '../connection/cluster-slots.js';
import type { RedisClientLike } from '../connection/redis-client.interface.js';
import type { RedisConnection } from '../connection/redis-connection.js';
import { FarUnavailableError } from '../errors/far-tier.error.js';

/** Keys that the server looks at in one step, for less than a millisecond each. */
export const KEYS_A_STEP = 500;

/** One step of a walk. */
export interface WalkStep {
  /** Which master it is at, from 1. */
  readonly node: number;
  /** How many masters there are. */
  readonly nodes: number;
  /** Keys that match, without what the client puts before every key. */
  readonly keys: readonly string[];
}

/**
 * Walks through all keys of every master. `SCAN` gives each key that is there from its beginning to its
 * end, on one server whose keys do not move: so the connection must not have been lost meanwhile, nor
 * slots of a Cluster have moved. Who leaves before the end is not told of that.
 *
 * @param match a glob of Redis
 * @throws {FarUnavailableError} one of the two has happened
 * @see https://redis.io/docs/latest/commands/scan/#scan-guarantees
 */
export async function* walkKeys(
  connection: RedisConnection,
  match: string,
): AsyncGenerator<WalkStep, void> {
  const { state } = connection;
  const { nodes, unmoved } = await walkable(connection);
  const prefix = keyPrefixOf(connection.client);
  const glob = globOf(prefix) + match;
  for (const [i, node] of nodes.entries()) {
    let cursor = '0';
    do {
      const [next, found] = await connection.run(() =>
        node.scanBuffer(cursor, 'MATCH', glob, 'COUNT', KEYS_A_STEP),
      );
      const keys = found
        .filter((key) => key.subarray(0, prefix.length).equals(prefix))
        .map((key) => key.subarray(prefix.length).toString());
      yield { node: i + 1, nodes: nodes.length, keys };
      cursor = next.toString();
    } while (cursor !== '0');
  }
  await unmoved();
  if (connection.state !== state) {
    throw new FarUnavailableError('The connection was lost while keys were being looked for');
  }
}

/** The servers to walk through, and a check that no key has moved between them since. */
async function walkable(
  connection: RedisConnection,
): Promise<{ nodes: readonly RedisClientLike[]; unmoved: () => Promise<void> }> {
  const { client } = connection;
  if (!client.nodes) return { nodes: [client], unmoved: () => Promise.resolve() };
  await connection.run(refreshSlots);
  const nodes = client.nodes('master');
  // Judged outside of the command: that slots are moving is no outage.
  const layout = async () =>
    clusterLayout(
      await connection.run(() => Promise.all(nodes.map((node) => node.cluster('NODES')))),
    );
  const before = await layout();
  return {
    nodes,
    unmoved: async () => {
      if ((await layout()) === before) return;
      throw new FarUnavailableError('Slots of the cluster have moved to another node');
    },
  };
}

/** What the client puts before every key, be it text or bytes. */
function keyPrefixOf({ options }: RedisClientLike): Buffer {
  const { keyPrefix = '' } = options as { keyPrefix?: string | Buffer };
  return Buffer.from(keyPrefix as string);
}

/** A glob that matches these bytes, and perhaps others of the same length: any for one that is not ASCII. */
function globOf(bytes: Buffer): string {
  const escaped = bytes.toString('latin1').replace(/[*?[\]^\\]/g, '\\$&');
  return escaped.replace(/[\x80-\xff]/g, '?');
}
