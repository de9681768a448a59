import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { BackgroundTasks } from './cache/background-tasks.js';
import { sumCounters } from './cache/cache-counters.js';
import { CacheEngine } from './cache/cache-engine.js';
import type { CacheEvents } from './cache/cache-events.js';
import { CachePolicies } from './cache/cache-policies.js';
import { CacheRuntime, CounterTable } from './cache/cache-runtime.js';
import type { CacheMode } from './cache/cache-statistics.js';
import type { EngineParts } from './cache/engine-parts.js';
import { FlightTable } from './cache/flight-table.js';
import type { RedisConnection } from './connection/redis-connection.js';
import { KeySpace } from './keys/key-space.js';
import { SystemClock } from './resilience/clock.js';
import { TypedEmitter } from './resilience/emitter.js';
import type { ResolvedOptions } from './resolve-options.js';
import { NearTier } from './stores/near-tier.js';
import { RedisFarStore } from './stores/redis-far.store.js';
import { TenantResolver } from './tenancy/tenant-resolver.js';
import { warnOfUncacheable } from './uncacheable.warning.js';

/** Puts the engine together for one application. */
export function createRuntime(
  options: ResolvedOptions,
  connection: RedisConnection | null,
): CacheRuntime {
  const logger = new Logger('RedisCache');
  const keys = new KeySpace(options.prefix);
  const counters = new CounterTable();
  const events = new TypedEmitter<CacheEvents>((event, error) => {
    logger.error(`A listener of '${event}' threw`, error);
  });
  const parts: EngineParts = {
    near: options.near ? new NearTier(options.near) : undefined,
    far: connection ? new RedisFarStore(connection, keys) : undefined,
    flights: new FlightTable(),
    clock: new SystemClock(),
    random: { fraction: Math.random, token: () => randomBytes(12).toString('base64url') },
    events,
    background: new BackgroundTasks((task, error) => {
      events.emit('backgroundError', { task, error });
    }),
    counters: (cache) => counters.of(cache),
    commandTimeoutMs: options.commandTimeoutMs,
    leaseMs: options.leaseMs,
    degradedTtlMs: options.degradedTtlMs,
  };
  warnOfUncacheable(events, logger);
  connection?.events.on('state', (change) => {
    events.emit('state', change);
  });
  const policies = new CachePolicies(options.defaults, options.caches, options.nearTtl);
  const statistics = () => {
    const caches = counters.snapshot();
    const { entries = 0, bytes = 0, evictions = 0 } = parts.near ?? {};
    return {
      mode: modeOf(connection),
      total: sumCounters(Object.values(caches)),
      caches,
      near: { entries, bytes, evictions },
      flights: parts.flights.size,
    };
  };
  const tenants = new TenantResolver(options.resolveTenant);
  return new CacheRuntime(new CacheEngine(parts), policies, tenants, events, statistics, keys);
}

function modeOf(connection: RedisConnection | null): CacheMode {
  if (!connection) return 'memory';
  return connection.available ? 'redis' : 'fallback';
}
