import { randomUUID } from 'node:crypto';
import { ownerOf } from '../connection/cluster-slots.js';
import { failureKind, failureReason } from '../connection/failure-kind.js';
import { lackingPermission } from '../connection/permissions.js';
import { createSubscriber, type SubscriberClient } from '../connection/subscriber.js';
import { withDeadline } from '../resilience/deadline.js';
import { span } from './figures.js';
import { foundBy, type Check, type Finding } from './finding.js';
import type { Session } from './session.js';

const found = foundBy('bus');

/** Whether processes hear what others evict, and how soon. */
export const checkBus: Check = async (subject) => {
  const { session } = subject;
  const channel = `${session.keys.channel()}:${randomUUID()}`;
  const plain = await heard(session, undefined, async (subscriber) => {
    await subscriber.subscribe(channel);
    return () => session.connection.run((client) => client.publish(channel, ''));
  });
  if (plain.kind === 'failed') return [silent(session, plain.error)];
  const ok = found('ok', `messages arrive within ${span(plain.delayMs)}`);
  const shard = session.client.isCluster ? await sharded(session) : [];
  return [ok, ...shard, ...(await tracking(session))];
};

function silent({ keys }: Session, error: unknown): Finding {
  const lacking = lackingPermission(error, keys.territory());
  return found(
    'error',
    `messages do not arrive (${failureReason(error)}): no process answers from its memory`,
    lacking === undefined
      ? "Allow pub/sub, or set coherence: 'ttl' in the module."
      : `Grant the user ${lacking}.`,
  );
}

async function sharded(session: Session): Promise<Finding[]> {
  const channel = `${session.keys.shardChannel()}:${randomUUID()}`;
  const shard = await heard(session, channel, async (subscriber) => {
    await subscriber.ssubscribe(channel);
    return () => session.connection.run((client) => client.spublish(channel, ''));
  });
  if (shard.kind === 'heard') return [found('ok', `sharded: within ${span(shard.delayMs)}`)];
  return [
    found(
      'info',
      `no sharded pub/sub (${failureReason(shard.error)}): every node passes every message on`,
      'It takes Redis 7.0, and the rights +spublish +ssubscribe and to the channel in braces.',
    ),
  ];
}

async function tracking(session: Session): Promise<Finding[]> {
  const tried = await onSubscriber(session, undefined, async (subscriber) => {
    const id = String(await subscriber.call('CLIENT', 'ID'));
    const prefix = session.keys.opens();
    await subscriber.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', 'PREFIX', prefix);
  });
  if (tried.kind === 'done') return [found('ok', "coherence: 'tracking' is possible")];
  return [
    found(
      'info',
      `coherence: 'tracking' is not possible (${failureReason(tried.error)}); the bus is used`,
    ),
  ];
}

type Heard =
  | { readonly kind: 'heard'; readonly delayMs: number }
  | { readonly kind: 'failed'; readonly error: unknown };

/** @param prepare listens to a channel, and gives back what speaks on it */
async function heard(
  session: Session,
  shardChannel: string | undefined,
  prepare: (subscriber: SubscriberClient) => Promise<() => Promise<unknown>>,
): Promise<Heard> {
  const { clock, target } = session;
  let delayMs = 0;
  const tried = await onSubscriber(session, shardChannel, async (subscriber) => {
    const message = new Promise<void>((resolve) => {
      subscriber.on('message', () => resolve());
      subscriber.on('smessage', () => resolve());
    });
    const speak = await prepare(subscriber);
    const beganMs = clock.nowMs();
    await speak();
    await withDeadline(message, target.timeoutMs, clock);
    delayMs = clock.nowMs() - beganMs;
  });
  return tried.kind === 'done' ? { kind: 'heard', delayMs } : tried;
}

/** Has something tried on a connection of its own. */
async function onSubscriber(
  { client, target, clock }: Session,
  shardChannel: string | undefined,
  attempt: (subscriber: SubscriberClient) => Promise<void>,
): Promise<{ readonly kind: 'done' } | { readonly kind: 'failed'; readonly error: unknown }> {
  const node = shardChannel === undefined ? undefined : ownerOf(client, shardChannel);
  const subscriber = createSubscriber(client, { random: Math.random, node });
  if (!subscriber) return { kind: 'failed', error: new Error('the cluster has no master') };
  let failure: unknown;
  subscriber.on('error', (error) => (failure = error));
  try {
    await withDeadline(subscriber.connect(), target.timeoutMs, clock);
    await attempt(subscriber);
    return { kind: 'done' };
  } catch (error) {
    return { kind: 'failed', error: failureKind(error) === 'refused' ? error : (failure ?? error) };
  } finally {
    subscriber.disconnect();
  }
}
