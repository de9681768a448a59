import { zeroCounters, type CacheCounters } from '../../cache/cache-counters.js';
import type { CacheFigures, LatencyFigures } from '../../cache/cache-statistics.js';
import type { AdminHealth, OperatorFigures, OperatorStatistics } from '../admin.contract.js';

/** What a spec says of some figures; all else is as in a cache that is well. */
export interface Stated {
  readonly atMs?: number;
  readonly counters?: Partial<CacheCounters>;
  readonly lastMinute?: Partial<CacheCounters>;
  /** Commands of the last minute. */
  readonly commands?: number;
  readonly health?: Partial<AdminHealth>;
}

export function figuresWith({
  atMs = 1_000_000,
  counters,
  lastMinute,
  commands = 0,
  health,
}: Stated): OperatorFigures {
  const window = { fromMs: atMs - 60_000, toMs: atMs };
  return {
    principal: 'operator',
    alerts: [],
    counters: { ...zeroCounters(), ...counters },
    lastMinute: statisticsOf(window, lastMinute, commands),
    health: {
      atMs,
      status: 'ok',
      mode: 'redis',
      connection: { kind: 'ready', sinceMs: 1_000 },
      breaker: { kind: 'closed', failures: 0 },
      bus: { trusted: true, delayMs: 1 },
      journal: { size: 0, unacknowledged: 0 },
      near: { entries: 0, bytes: 0, evictions: 0 },
      flights: 0,
      stream: { listeners: 1, maxListeners: 20 },
      ...health,
    },
  };
}

export function statisticsOf(
  period: OperatorStatistics['period'],
  counters: Partial<CacheCounters> = {},
  commands = 0,
): OperatorStatistics {
  const none = latencyOf(0);
  const total: CacheFigures = {
    ...zeroCounters(),
    ...counters,
    latency: { near: none, far: latencyOf(commands), load: none },
    near: { entries: 0, bytes: 0 },
  };
  const nowhere = { here: 0, remote: 0 };
  return {
    principal: 'operator',
    mode: 'redis',
    connection: 'ready',
    period,
    total,
    caches: {},
    evictions: {
      entry: nowhere,
      pattern: nowhere,
      tag: nowhere,
      cache: nowhere,
      tenant: nowhere,
      all: nowhere,
    },
    tenants: { calls: [], loads: [] },
    near: { entries: 0, bytes: 0, evictions: 0 },
    flights: 0,
    journal: { size: 0, unacknowledged: 0 },
    bus: { trusted: true, delayMs: 1, malformed: 0 },
    persistence: undefined,
  };
}

function latencyOf(count: number): LatencyFigures {
  const ms = count === 0 ? undefined : 1;
  return { count, meanMs: ms, p50Ms: ms, p90Ms: ms, p99Ms: ms, maxMs: ms };
}
