import { randomUUID } from 'node:crypto';
import { createClient } from '../connection/create-client.js';
import { failureReason } from '../connection/failure-kind.js';
import { RedisConnection } from '../connection/redis-connection.js';
import { KeySpace } from '../keys/key-space.js';
import { SystemClock, type Clock } from '../resilience/clock.js';
import { RedisFarStore } from '../stores/redis-far.store.js';
import { AwayError } from './command.error.js';
import type { Target } from './connection-flags.js';

/** What a command works with, by the parts that applications work with. */
export interface Session {
  readonly target: Target;
  /** For what the cache itself never asks. */
  readonly client: ReturnType<typeof createClient>;
  readonly connection: RedisConnection;
  readonly keys: KeySpace;
  readonly far: RedisFarStore;
  readonly clock: Clock;
  /** How long it took until Redis could be used. */
  readonly connectMs: number;
}

/** The first attempt may meet a server that is just coming back; a person waits no longer for a second. */
const SECOND_ATTEMPT_MS = 400;
const CLOSE_TIMEOUT_MS = 500;

/**
 * Connects, has `work` done, and closes the connection, whatever comes of it.
 *
 * @throws {AwayError} Redis cannot be reached, or takes no writes
 */
export async function withSession<T>(
  target: Target,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const clock = new SystemClock();
  const keys = new KeySpace(target.prefix);
  const client = createClient(target.connection);
  const connection = new RedisConnection({
    client,
    owned: true,
    clock,
    random: Math.random,
    options: {
      commandTimeoutMs: target.timeoutMs,
      closeTimeoutMs: CLOSE_TIMEOUT_MS,
      probeKey: keys.probe('cli'),
    },
  });
  const far = new RedisFarStore(connection, keys, randomUUID());
  try {
    const beganMs = clock.nowMs();
    await connected(connection, target);
    const connectMs = clock.nowMs() - beganMs;
    return await work({ target, client, connection, keys, far, clock, connectMs });
  } finally {
    await connection.close();
  }
}

async function connected(connection: RedisConnection, { name, timeoutMs }: Target): Promise<void> {
  let heard = `no answer within ${timeoutMs} ms`;
  connection.client.on('error', (error) => (heard = failureReason(error)));
  const failed = new Promise<void>((resolve) => {
    connection.events.on('outage', () => resolve());
  });
  connection.start();
  await Promise.race([
    connection.whenSettled(timeoutMs),
    failed.then(() => connection.whenSettled(Math.min(timeoutMs, SECOND_ATTEMPT_MS))),
  ]);
  const { state } = connection;
  if (state.kind === 'ready') return;
  throw new AwayError(name, state.kind === 'suspended' ? state.reason : heard);
}
