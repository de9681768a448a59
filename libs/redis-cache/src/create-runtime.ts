import { randomBytes, randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { BackgroundTasks } from './cache/background-tasks.js';
import { CacheActivities } from './cache/cache-activities.js';
import type { CacheEvents } from './cache/cache-events.js';
import { CallLog } from './cache/call-log.js';
import { CachePolicies } from './cache/cache-policies.js';
import { CacheRuntime } from './cache/cache-runtime.js';
import type { EngineParts } from './cache/engine-parts.js';
import { EntryScopes } from './cache/entry-scopes.js';
import { FlightTable } from './cache/flight-table.js';
import { GuardedTracing } from './cache/guarded-tracing.js';
import { InvalidationReceiver } from './cache/invalidation-receiver.js';
import { recoverBy } from './cache/recovery.js';
import { RolloutSync } from './cache/rollout-sync.js';
import { SoleWork } from './cache/sole-work.js';
import { StatisticsReporter } from './cache/statistics-reporter.js';
import type { Surroundings } from './cache/surroundings.js';
import type { RedisConnection } from './connection/redis-connection.js';
import { redisFigures } from './connection/redis-figures.js';
import { createCoherence } from './create-coherence.js';
import { createPersistence } from './create-persistence.js';
import { ALONE, BY_TTL } from './invalidation/coherence.js';
import { EvictionLog } from './invalidation/eviction-log.js';
import { Invalidations } from './invalidation/invalidation.js';
import { Journal } from './invalidation/journal.js';
import type { Listening } from './invalidation/listener.js';
import { StampTable } from './invalidation/stamp-table.js';
import { KeySpace } from './keys/key-space.js';
import { withDeadline } from './resilience/deadline.js';
import { TypedEmitter } from './resilience/emitter.js';
import type { ResolvedOptions } from './resolve-options.js';
import { Rollouts } from './rollout/rollouts.js';
import { NearTier } from './stores/near-tier.js';
import { newStampId } from './stores/new-stamp-id.js';
import { RedisFarStore } from './stores/redis-far.store.js';
import { TenantResolver } from './tenancy/tenant-resolver.js';
import { warnOfPersistence } from './persistence.warning.js';
import { warnOfTransactions } from './transaction.warning.js';
import { warnOfUncacheable } from './uncacheable.warning.js';

/** How long the figures of Redis are waited for. They are for people, and hold nothing up. */
const INFO_TIMEOUT_MS = 1_000;

/** Of what caches in shadow mode would have, without values: about 15 MB of memory at most. */
const GHOST_BOUNDS = { maxBytes: 16_777_216, maxEntries: 50_000, tenantShare: 0.5 };

/** Puts the engine together for one application, not yet connected. */
export function createRuntime(
  options: ResolvedOptions,
  connection: RedisConnection | null,
  surroundings: Surroundings,
): CacheRuntime {
  const logger = new Logger('RedisCache');
  const events = new TypedEmitter<CacheEvents>((event, error) => {
    logger.error(`A listener of '${event}' threw`, error);
  });
  warnOfUncacheable(events, logger);
  warnOfTransactions(events, logger);
  const policies = new CachePolicies(options.defaults, options.caches, options.nearTtl);
  const parts = baseParts(options, events, policies, surroundings);
  const joint = connection && connect(options, connection, parts, () => rolloutSync.look());
  const link = joint?.far;
  const whole: EngineParts = {
    ...parts,
    far: options.far ? link : undefined,
    link,
    coherence: joint ? (joint.listening ?? BY_TTL) : ALONE,
    persistent: createPersistence(options, parts, link),
  };
  warnOfPersistence(events, logger);
  const rolloutSync = new RolloutSync({
    rollouts: whole.rollouts,
    link,
    clock: whole.clock,
    onError: (error) => events.emit('farError', { operation: 'rollout', error }),
  });
  if (joint) recoverBy(whole, joint.far, joint.listening, rolloutSync);
  const connectionState = () => connection?.state;
  return new CacheRuntime({
    engine: surroundings.createEngine(whole),
    policies,
    tenants: new TenantResolver(options.resolveTenant),
    events,
    clock: whole.clock,
    soleWork: new SoleWork(whole),
    statistics: new StatisticsReporter({
      parts: whole,
      connectionState,
      busDelayMs: () => joint?.listening?.delayMs,
      malformedMessages: countOf(events, 'malformedMessage'),
    }),
    redisFigures: async () =>
      connection?.available
        ? redisFigures(connection.client, INFO_TIMEOUT_MS, whole.clock)
        : undefined,
    usesFar: options.far,
    connectionState,
    calls: whole.calls,
    rollouts: whole.rollouts,
    rolloutSync,
    scopes: new EntryScopes(whole.keys, whole.activities, whole.rollouts),
    invalidations: whole.invalidations,
    keys: whole.keys,
    currentTransaction: options.currentTransaction,
    open: () => {
      joint?.listening?.start();
      connection?.start();
      whole.persistent?.start();
      rolloutSync.start();
    },
    close: async () => {
      rolloutSync.close();
      // Side by side: a Redis that hangs is waited for once.
      const ended = joint?.listening?.close() ?? Promise.resolve();
      const listening = withDeadline(ended, options.closeTimeoutMs, whole.clock);
      await Promise.all([listening.catch(givenUp), connection?.close(), whole.persistent?.close()]);
    },
    closeTimeoutMs: options.closeTimeoutMs,
  });
}

type BaseParts = Omit<EngineParts, 'far' | 'link' | 'coherence' | 'persistent'>;

function baseParts(
  options: ResolvedOptions,
  events: TypedEmitter<CacheEvents>,
  policies: CachePolicies,
  { clock, fraction }: Surroundings,
): BaseParts {
  const keys = new KeySpace(options.prefix);
  const invalidations = new Invalidations(keys);
  const activities = new CacheActivities(fraction);
  const stamps = new StampTable();
  const onTracingError = (error: unknown) => {
    events.emit('backgroundError', { task: 'tracing', error });
  };
  return {
    near: options.near ? new NearTier(options.near) : undefined,
    rollouts: new Rollouts({
      configuredOf: (cache) => policies.rolloutOf(cache),
      names: () => policies.names,
      newEpoch: newStampId,
      apart: !options.far,
      onEnd: (cache) => stamps.forgetWhere((key) => keys.isStampOf(cache, key)),
      onChange: (change) => events.emit('rollout', change),
    }),
    ghosts: new NearTier(GHOST_BOUNDS),
    keys,
    stamps,
    evictionLog: new EvictionLog(),
    invalidations,
    journal: new Journal(options.journal, invalidations, clock),
    flights: new FlightTable(),
    clock,
    random: {
      fraction,
      token: () => randomBytes(12).toString('base64url'),
      stampId: newStampId,
    },
    events,
    background: new BackgroundTasks((task, error) => {
      events.emit('backgroundError', { task, error });
    }),
    activities,
    calls: new CallLog(),
    tracing: options.tracing && new GuardedTracing(options.tracing, onTracingError),
    counters: (cache) => activities.of(cache).counters,
    commandTimeoutMs: options.commandTimeoutMs,
    leaseMs: options.leaseMs,
    degradedTtlMs: options.degradedTtlMs,
  };
}

/** The far store and, where the near tiers are kept in step, what this process listens with. */
function connect(
  options: ResolvedOptions,
  connection: RedisConnection,
  parts: BaseParts,
  onRollout: () => void,
): { far: RedisFarStore; listening: Listening | undefined } {
  const { keys, clock, events } = parts;
  const origin = randomUUID();
  connection.events.on('state', (change) => {
    events.emit('state', change);
  });
  const receiver = new InvalidationReceiver({
    ...parts,
    link: { nowMs: (hereMs) => connection.serverNowMs(hereMs) },
  });
  const link = createCoherence({
    options,
    connection,
    keys,
    clock,
    origin,
    events,
    receiver,
    onRollout,
  });
  return {
    far: new RedisFarStore(connection, keys, origin, {
      shardChannel: link?.shardChannel,
      // With tracking the server itself tells that the entry has changed, and nobody may keep it then.
      maxEntryBytes: options.coherence === 'bus' ? options.maxToldBytes : 0,
    }),
    listening: link?.listening,
  };
}

/** How often an event has happened since. */
function countOf(events: TypedEmitter<CacheEvents>, event: keyof CacheEvents): () => number {
  let count = 0;
  events.on(event, () => {
    count += 1;
  });
  return () => count;
}

/** What hangs while it is closed ends by itself, later. */
function givenUp(): void {
  return undefined;
}
