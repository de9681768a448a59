import { createClient } from '../../libs/redis-cache/src/connection/create-client.js';
import type { RedisConnectionParts } from '../../libs/redis-cache/src/connection/connection-parts.js';
import type { OwnConnectionOptions } from '../../libs/redis-cache/src/connection/connection-options.js';
import type { ConnectionState } from '../../libs/redis-cache/src/connection/connection-state.js';
import type { RedisClientLike } from '../../libs/redis-cache/src/connection/redis-client.interface.js';
import { RedisConnection } from '../../libs/redis-cache/src/connection/redis-connection.js';
import { SystemClock } from '../../libs/redis-cache/src/resilience/clock.js';

const open = new Set<RedisConnection>();

/** A connection over a client of our own, begun, and closed by {@link closeConnections}. */
export function connectTo(
  options: OwnConnectionOptions,
  parts: Partial<RedisConnectionParts> = {},
): RedisConnection {
  return connectOver(createClient(options), { owned: true, ...parts });
}

/** A connection over a client of the test's, borrowed unless said otherwise. */
export function connectOver(
  client: RedisClientLike,
  parts: Partial<RedisConnectionParts> = {},
): RedisConnection {
  const connection = new RedisConnection({
    client,
    owned: false,
    clock: new SystemClock(),
    random: Math.random,
    ...parts,
  });
  open.add(connection);
  connection.start();
  return connection;
}

/** To be called after each test. */
export async function closeConnections(): Promise<void> {
  const connections = [...open];
  open.clear();
  await Promise.all(connections.map((connection) => connection.close()));
}

/** Resolves as soon as the connection is in a state of this kind, and fails if that takes too long. */
export function reaches<K extends ConnectionState['kind']>(
  connection: RedisConnection,
  kind: K,
  withinMs = 5_000,
): Promise<Extract<ConnectionState, { kind: K }>> {
  type State = Extract<ConnectionState, { kind: K }>;
  return new Promise((resolve, reject) => {
    if (connection.state.kind === kind) {
      resolve(connection.state as State);
      return;
    }
    const timer = setTimeout(() => {
      off();
      reject(new Error(`Still ${JSON.stringify(connection.state)}, not ${kind}.`));
    }, withinMs);
    const off = connection.events.on('state', ({ to }) => {
      if (to.kind !== kind) return;
      clearTimeout(timer);
      off();
      resolve(to as State);
    });
  });
}
