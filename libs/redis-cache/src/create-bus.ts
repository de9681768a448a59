import type { InvalidationReceiver } from './cache/invalidation-receiver.js';
import type { CacheEvents } from './cache/cache-events.js';
import type { RedisConnection } from './connection/redis-connection.js';
import { createSubscriber } from './connection/subscriber.js';
import { Bus } from './invalidation/bus.js';
import type { KeySpace } from './keys/key-space.js';
import { jitteredBackoff } from './resilience/backoff.js';
import type { Clock } from './resilience/clock.js';
import type { TypedEmitter } from './resilience/emitter.js';
import type { ResolvedOptions } from './resolve-options.js';

/** What the bus of one application is made with. */
export interface BusDeps {
  readonly options: ResolvedOptions;
  readonly connection: RedisConnection;
  readonly keys: KeySpace;
  readonly clock: Clock;
  readonly origin: string;
  readonly events: TypedEmitter<CacheEvents>;
  readonly receiver: InvalidationReceiver;
}

const LONGEST_PAUSE_MS = 1_000;
const FIRST_PAUSE_MS = 50;

/** The bus of one application, listening by a connection of its own. */
export function createBus(deps: BusDeps): Bus {
  const { options, connection, keys, clock, origin, events, receiver } = deps;
  return new Bus({
    openSubscriber: () => createSubscriber(connection.client, Math.random),
    publish: (channel, message) => connection.run((client) => client.publish(channel, message)),
    channel: keys.channel(),
    origin,
    clock,
    backoff: jitteredBackoff({
      firstMs: FIRST_PAUSE_MS,
      maxMs: LONGEST_PAUSE_MS,
      random: Math.random,
    }),
    heartbeatMs: options.heartbeatMs,
    silenceMs: options.silenceMs,
    onMessage: (message) => {
      receiver.apply(message);
    },
    onMalformed: (text) => {
      events.emit('malformedMessage', { text: text.slice(0, 100) });
    },
    onGap: () => {
      receiver.forgetEverything();
    },
  });
}
