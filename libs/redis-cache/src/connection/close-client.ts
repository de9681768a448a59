import type { Clock } from '../resilience/clock.js';
import { withDeadline } from '../resilience/deadline.js';
import { refreshSlots } from './cluster-slots.js';
import type { RedisClientLike } from './redis-client.interface.js';

/** How a client is closed. */
export interface CloseOptions {
  /** Let the replies under way arrive first. Pointless where Redis does not answer. */
  readonly graceful: boolean;
  /** How long it may take. */
  readonly withinMs: number;
  readonly clock: Clock;
}

/** Between attempts to connect there is nothing to end, and ioredis never says that it has ended. */
const BETWEEN_CONNECTIONS = new Set(['close', 'reconnecting', 'end']);

/** Closes a client for good. Never fails: a connection that cannot be ended is dropped. */
export async function closeClient(
  client: RedisClientLike,
  { graceful, withinMs, clock }: CloseOptions,
): Promise<void> {
  const stepMs = withinMs / 2;
  // Whether a step goes well or not, the next one is the same.
  const attempt = (step: Promise<unknown>): Promise<unknown> =>
    withDeadline(step, stepMs, clock).catch(() => undefined);

  const ended = new Promise<void>((resolve) => client.on('end', resolve));
  if (graceful && client.status === 'ready') await attempt(client.quit());
  const willEnd = !BETWEEN_CONNECTIONS.has(client.status);
  if (client.status !== 'end') client.disconnect();
  if (willEnd) await attempt(ended);
  if (client.isCluster) await attempt(endSlotLooks(client));
}

/**
 * A look at the slots that is under way when a Cluster's client is closed has ioredis plan the next one
 * when it ends, and so on, and the process never exits. Closed once more, it gives that up.
 */
async function endSlotLooks(client: RedisClientLike): Promise<void> {
  await refreshSlots(client).catch(() => undefined);
  client.disconnect();
}
