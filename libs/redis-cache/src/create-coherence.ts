import { Logger } from '@nestjs/common';
import type { CacheEvents } from './cache/cache-events.js';
import type { InvalidationReceiver } from './cache/invalidation-receiver.js';
import { addressOf, ownerOf, refreshSlots } from './connection/cluster-slots.js';
import { failureReason } from './connection/failure-kind.js';
import { lackingPermission } from './connection/permissions.js';
import type { RedisConnection } from './connection/redis-connection.js';
import { createSubscriber, keyPrefixOf } from './connection/subscriber.js';
import { createTracking } from './create-tracking.js';
import { Bus, type BusParts, type ShardChannel } from './invalidation/bus.js';
import type { Listening } from './invalidation/listener.js';
import { voiceOf } from './invalidation/voice.js';
import type { KeySpace } from './keys/key-space.js';
import { jitteredBackoff } from './resilience/backoff.js';
import type { Clock } from './resilience/clock.js';
import type { TypedEmitter } from './resilience/emitter.js';
import type { ResolvedOptions } from './resolve-options.js';

/** What the near tier of one application is kept in step with. */
export interface CoherenceDeps {
  readonly options: ResolvedOptions;
  readonly connection: RedisConnection;
  readonly keys: KeySpace;
  readonly clock: Clock;
  readonly origin: string;
  readonly events: TypedEmitter<CacheEvents>;
  readonly receiver: InvalidationReceiver;
  /** For whom caches are used may have changed. */
  readonly onRollout: () => void;
}

/** How one application hears of what others invalidate, by a connection of its own. */
export interface CoherenceLink {
  readonly listening: Listening;
  /** The channel for sharded pub/sub while messages are to go out on it, in a cluster. */
  readonly shardChannel: () => string | undefined;
}

const LONGEST_PAUSE_MS = 1_000;
const FIRST_PAUSE_MS = 50;

/** @returns undefined where the near tiers are not kept in step: `coherence: 'ttl'` */
export function createCoherence(deps: CoherenceDeps): CoherenceLink | undefined {
  const { coherence } = deps.options;
  if (coherence === 'ttl') return undefined;
  const warn = warnOnce(new Logger('RedisCache'));
  const bus = createBus(deps, warn);
  const tracks = coherence === 'tracking';
  return {
    listening: tracks ? createTracking(bus, { ...deps, bus: busParts(deps, warn), warn }) : bus,
    shardChannel: () => bus.shardChannel,
  };
}

function createBus(deps: CoherenceDeps, warn: Warn): Bus {
  const { client } = deps.connection;
  if (!client.isCluster) return new Bus(busParts(deps, warn));
  const shard = shardChannel(deps, warn);
  const home = keyPrefixOf(client) + shard.name;
  return new Bus({
    ...busParts(deps, warn),
    openSubscriber: () =>
      createSubscriber(client, { random: Math.random, node: ownerOf(client, home) }),
    shard,
  });
}

function shardChannel({ connection, keys, options }: CoherenceDeps, warn: Warn): ShardChannel {
  const { client } = connection;
  const name = keys.shardChannel();
  return {
    name,
    speak: options.sharded,
    isHome: (subscriber) => {
      const owner = ownerOf(client, keyPrefixOf(client) + name);
      return owner === undefined || addressOf(owner.options) === addressOf(subscriber.options);
    },
    onMoved: () => {
      refreshSlots(client).catch(triedAgain);
    },
    onMissing: () => {
      warn(
        'The cluster has no sharded pub/sub, which takes Redis 7.0: its nodes tell one another.',
      );
    },
  };
}

function busParts(
  { options, connection, keys, clock, origin, events, receiver, onRollout }: CoherenceDeps,
  warn: Warn,
): BusParts {
  return {
    openSubscriber: () => createSubscriber(connection.client, { random: Math.random }),
    channel: keys.channel(),
    voice: voiceOf(connection),
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
      if (message.kind === 'rollout') onRollout();
      else receiver.apply(message);
    },
    onMalformed: (text) => {
      events.emit('malformedMessage', { text: text.slice(0, 100) });
    },
    onGap: () => {
      receiver.forgetEverything();
      onRollout();
    },
    onRefused: (error) => {
      const lacking = lackingPermission(error, keys.territory());
      const remedy = lacking === undefined ? '' : ` Grant the user of Redis ${lacking}.`;
      const outcome = options.far ? 'answered from memory' : 'kept in memory for long';
      warn(
        `Redis refuses what it takes to hear what others evict (${failureReason(error)}): while it ` +
          `does, nothing is ${outcome}.${remedy}`,
      );
    },
  };
}

type Warn = (text: string) => void;

function warnOnce(logger: Logger): Warn {
  const told = new Set<string>();
  return (text) => {
    if (told.has(text)) return;
    told.add(text);
    logger.warn(text);
  };
}

/** The next connection that leads to the wrong node has them refreshed again. */
function triedAgain(): void {
  return undefined;
}
