import type { InvalidationReceiver } from './cache/invalidation-receiver.js';
import { ClusterMasters } from './connection/cluster-masters.js';
import { keyServedAt } from './connection/cluster-slots.js';
import { failureReason } from './connection/failure-kind.js';
import type { RedisConnection } from './connection/redis-connection.js';
import { createSubscriber, keyPrefixOf } from './connection/subscriber.js';
import type { Bus, BusParts } from './invalidation/bus.js';
import { ClusterTracking, type MasterNews } from './invalidation/cluster-tracking.js';
import type { Listening } from './invalidation/listener.js';
import { MasterTracking } from './invalidation/master-tracking.js';
import { Tracking } from './invalidation/tracking.js';
import { TrackingOrBus } from './invalidation/tracking-or-bus.js';
import type { KeySpace } from './keys/key-space.js';

/** What `coherence: 'tracking'` is made with. */
export interface TrackingDeps {
  readonly connection: RedisConnection;
  readonly keys: KeySpace;
  readonly origin: string;
  readonly receiver: InvalidationReceiver;
  readonly bus: BusParts;
  /** Tells a text once. */
  readonly warn: (text: string) => void;
}

/** Whatever follows such a prefix, the keys are all in one slot. */
const HASH_TAG = /\{[^}]+\}/;

/** Tracking, and the bus alone where the server does not support it. */
export function createTracking(bus: Bus, deps: TrackingDeps): Listening {
  const { client } = deps.connection;
  const onFallback = (error: unknown): void => {
    deps.warn(
      `coherence: 'tracking' is not possible (${failureReason(error)}), so the bus is used: what ` +
        'anybody changes in Redis by other means than this library goes unnoticed.',
    );
  };
  if (!client.isCluster) {
    return new TrackingOrBus((giveUp) => trackingOf(deps, giveUp), bus, onFallback);
  }
  if (HASH_TAG.test(keyPrefixOf(client))) {
    onFallback(`the keyPrefix '${keyPrefixOf(client)}' puts all keys of the cluster in one slot`);
    return bus;
  }
  const masters = new ClusterMasters(deps.connection);
  const { clock, heartbeatMs, onGap } = deps.bus;
  return new ClusterTracking({
    bus,
    masters,
    trackingOf: (address, news) => masterTrackingOf(address, masters, deps, news),
    clock,
    heartbeatMs,
    onGap,
    onFallback,
  });
}

function trackingOf(deps: TrackingDeps, onUnsupported: (error: unknown) => void): Tracking {
  const { keys, origin } = deps;
  return new Tracking({
    ...deps.bus,
    ...trackedKeys(deps),
    probeKey: keys.probe(origin),
    onUnsupported,
  });
}

function masterTrackingOf(
  address: string,
  masters: ClusterMasters,
  deps: TrackingDeps,
  { onProven, onLost, onUnsupported }: MasterNews,
): MasterTracking {
  const { keys, origin } = deps;
  const { client } = deps.connection;
  const { clientPrefix, ...tracked } = trackedKeys(deps);
  const probeKeyIn = (number: number, beat: string): string =>
    clientPrefix + keys.probeIn(number, origin, beat);
  return new MasterTracking({
    ...deps.bus,
    ...tracked,
    clientPrefix,
    openSubscriber: () => {
      const node = masters.at(address);
      return node && createSubscriber(client, { random: Math.random, node });
    },
    probeKey: (beat) =>
      keyServedAt(client, address, (number) => probeKeyIn(number, beat))?.slice(
        clientPrefix.length,
      ),
    beatOf: (key) => keys.beatOf(key, origin),
    onFlushed: deps.bus.onGap,
    onGap: onProven,
    onLost,
    onUnsupported,
  });
}

function trackedKeys({ connection, keys, receiver }: TrackingDeps) {
  const clientPrefix = keyPrefixOf(connection.client);
  return {
    prefix: clientPrefix + keys.opens(),
    clientPrefix,
    onKey: (key: string): void => {
      const kind = keys.roleOf(key);
      if (kind) receiver.applyTracked(kind, key);
    },
  };
}
