import type {
  AdminCache,
  AdminEvent,
  OperatorFigures,
  OperatorStatistics,
  SlowLoad,
} from '../../../libs/redis-cache/src/admin/admin.contract.js';
import type { CacheCounters } from '../../../libs/redis-cache/src/cache/cache-counters.js';
import type {
  BusyTenant,
  CacheFigures,
  LatencyFigures,
} from '../../../libs/redis-cache/src/cache/cache-statistics.js';
import {
  CACHES,
  MINUTE,
  NOW_MS,
  SECOND,
  seeded,
  TENANTS,
  type Cache,
  type Outage,
  type Random,
} from './cast.js';
import { events, loads, policyOf } from './records.js';
import { tally, type SomeCounters } from './tally.js';

// A night that never was, for pictures that are the same every time: six caches of voice agents, and a
// Redis that is away for a while.

const TICK_MS = 2 * SECOND;
const ALERT_AFTER_MS = 30 * SECOND;
const BEGIN_MS = NOW_MS - 17 * MINUTE;
const STARTED_MS = NOW_MS - 76 * 60 * MINUTE;

/** All counters at some time. */
interface Moment {
  readonly atMs: number;
  readonly sums: ReadonlyMap<string, CacheCounters>;
}

/** All that the page is told. */
export interface Story {
  readonly figures: readonly OperatorFigures[];
  readonly windows: Readonly<Record<string, OperatorStatistics>>;
  readonly caches: readonly AdminCache[];
  readonly loads: readonly SlowLoad[];
  readonly events: readonly AdminEvent[];
}

/** What the server has to tell at the end of it. */
export function storyOf(outage: Outage): Story {
  const random = seeded(20_260_115);
  const sums = new Map<string, CacheCounters>(CACHES.map(({ name }) => [name, tally({})]));
  const past: Moment[] = [{ atMs: BEGIN_MS, sums: new Map(sums) }];
  const figures: OperatorFigures[] = [];
  for (let atMs = BEGIN_MS + TICK_MS; atMs <= NOW_MS; atMs += TICK_MS) {
    const isAway = atMs >= outage.fromMs && atMs < outage.toMs;
    const wave = 1 + 0.12 * Math.sin((atMs - BEGIN_MS) / (3.1 * MINUTE)) + 0.08 * (random() - 0.5);
    const warmth =
      atMs < outage.toMs ? 1 : 1 - 0.25 * Math.exp((outage.toMs - atMs) / (40 * SECOND));
    for (const each of CACHES) {
      const known = of(sums, each.name);
      const more = happened(each, (TICK_MS / SECOND) * wave, isAway, isAway ? 0.93 : warmth);
      sums.set(each.name, tally(known, more));
    }
    past.push({ atMs, sums: new Map(sums) });
    figures.push(figuresAt(atMs, past, outage, random));
  }
  const windows = Object.fromEntries(
    [1, 5, 15].map((minutes) => [
      `${minutes}m`,
      statistics(minutes * MINUTE, NOW_MS, past, outage, () => 0.5),
    ]),
  );
  const policies = CACHES.map(policyOf).sort((a, b) => (a.name < b.name ? -1 : 1));
  return { figures, windows, caches: policies, loads: loads(random), events: events(outage) };
}

function happened(
  { reads, hits, near, scope }: Cache,
  seconds: number,
  isAway: boolean,
  warmth: number,
): SomeCounters {
  const all = Math.round(reads * seconds);
  const answered = Math.round(all * (isAway ? hits * near : hits) * warmth);
  const nearHits = isAway ? answered : Math.round(answered * near);
  const misses = all - answered;
  const loads = Math.ceil(misses * 0.94);
  const absent = isAway ? 0 : Math.round(misses * 0.71);
  const outdated = isAway ? 0 : Math.min(misses - absent, Math.round(misses * 0.12));
  return {
    nearHits,
    farHits: answered - nearHits,
    misses,
    missedBy: {
      absent,
      outdated,
      suspended: isAway ? misses : 0,
      expired: isAway ? 0 : misses - absent - outdated,
    },
    loads,
    loadErrors: scope === 'tenant' && loads > 20 ? Math.round(loads * 0.004) : 0,
    joined: misses - loads,
    fills: loads,
    staleServed: Math.round(all * 0.003),
    farErrors: 0,
  };
}

function figuresAt(
  atMs: number,
  past: readonly Moment[],
  outage: Outage,
  random: Random,
): OperatorFigures {
  const lastMinute = statistics(MINUTE, atMs, past, outage, random);
  const isAway = lastMinute.mode === 'fallback';
  const { near, flights, journal, bus } = lastMinute;
  return {
    principal: 'operator',
    alerts: atMs - outage.fromMs >= ALERT_AFTER_MS && isAway ? [alertOf(outage, atMs)] : [],
    counters: tally({}, ...(past.at(-1)?.sums.values() ?? [])),
    lastMinute,
    health: {
      atMs,
      status: isAway ? 'degraded' : 'ok',
      mode: lastMinute.mode,
      connection: isAway
        ? { kind: 'suspended', sinceMs: outage.fromMs, reason: 'the server closed the connection' }
        : { kind: 'ready', sinceMs: atMs < outage.fromMs ? STARTED_MS : outage.toMs },
      breaker: isAway ? { kind: 'open', sinceMs: outage.fromMs } : { kind: 'closed', failures: 0 },
      bus: { trusted: bus.trusted, ...(bus.delayMs !== undefined && { delayMs: bus.delayMs }) },
      journal,
      near,
      flights,
      stream: { listeners: 1, maxListeners: 20 },
    },
  };
}

function alertOf({ fromMs }: Outage, atMs: number): OperatorFigures['alerts'][number] {
  const raised = {
    value: atMs - fromMs,
    threshold: ALERT_AFTER_MS,
    sinceMs: fromMs + ALERT_AFTER_MS,
  };
  return { id: 'disconnected', kind: 'disconnected', ...raised };
}

function statistics(
  lengthMs: number,
  atMs: number,
  past: readonly Moment[],
  outage: Outage,
  random: Random,
): OperatorStatistics {
  const isAway = atMs >= outage.fromMs && atMs < outage.toMs;
  const latest = past.at(-1) as Moment;
  const first = past.find((each) => each.atMs >= atMs - lengthMs) ?? latest;
  const caches = Object.fromEntries(
    CACHES.map((each) => [each.name, cacheFigures(each, latest.sums, first.sums, isAway, random)]),
  );
  const all = Object.values(caches);
  const counters = tally({}, ...all);
  const reads = counters.nearHits + counters.farHits + counters.misses;
  const near = { entries: 16_970, bytes: 21_480_000 };
  return {
    principal: 'operator',
    mode: isAway ? 'fallback' : 'redis',
    connection: isAway ? 'suspended' : 'ready',
    period: { fromMs: first.atMs, toMs: atMs },
    total: {
      ...counters,
      latency: {
        near: latency(400, 0.0007, 0.004),
        far: isAway ? NONE : latency(counters.farHits, 0.41, 1.5 + random()),
        load: latency(counters.loads, 31, 240 + 160 * random()),
      },
      near,
    },
    caches,
    evictions: {
      entry: { here: 118, remote: 342 },
      pattern: { here: 0, remote: 0 },
      tag: { here: 9, remote: 21 },
      cache: { here: 0, remote: 0 },
      tenant: { here: 0, remote: 0 },
      all: { here: 0, remote: 0 },
    },
    tenants: {
      calls: TENANTS.map((tenant, at) => busy(tenant, reads * 0.31 * 0.66 ** at)),
      loads: TENANTS.map((tenant, at) => busy(tenant, counters.loads * 0.31 * 0.66 ** at)),
    },
    near: { ...near, evictions: 2_310 },
    flights: 3,
    journal: { size: isAway ? 131 : 94, unacknowledged: isAway ? 37 : 0 },
    persistence: undefined,
    bus: { trusted: !isAway, delayMs: isAway ? undefined : 0.6, malformed: 0 },
    redis: isAway ? null : REDIS,
  };
}

function cacheFigures(
  { name, loadMs, entries }: Cache,
  later: Moment['sums'],
  earlier: Moment['sums'],
  isAway: boolean,
  random: Random,
): CacheFigures {
  const counters = tally(of(later, name), negative(of(earlier, name)));
  return {
    ...counters,
    latency: {
      near: latency(80, 0.0007, 0.004),
      far: isAway ? NONE : latency(counters.farHits, 0.4, 1.6),
      load: latency(counters.loads, loadMs * 0.6, loadMs * (2.1 + random())),
    },
    near: { entries, bytes: entries * 1_266 },
  };
}

const NONE: LatencyFigures = {
  count: 0,
  meanMs: undefined,
  p50Ms: undefined,
  p90Ms: undefined,
  p99Ms: undefined,
  maxMs: undefined,
};

const REDIS = {
  version: '7.2.6',
  servers: 1,
  uptimeSeconds: 1_894_320,
  memoryBytes: 412_000_000,
  maxMemoryBytes: 2 * 1024 ** 3,
  clients: 38,
  keyspaceHits: 48_211_902,
  keyspaceMisses: 2_904_113,
  commands: 912_300_481,
  commandsPerSecond: 1_842,
  expiredKeys: 1_204_882,
  evictedKeys: 0,
};

function latency(count: number, p50Ms: number, p99Ms: number): LatencyFigures {
  if (count === 0) return NONE;
  return { count, meanMs: p50Ms * 1.2, p50Ms, p90Ms: p50Ms * 2, p99Ms, maxMs: p99Ms * 1.4 };
}

function busy(tenant: string, count: number): BusyTenant {
  return { tenant, count: Math.round(count), excess: 0 };
}

function of(sums: Moment['sums'], name: string): CacheCounters {
  return sums.get(name) ?? tally({});
}

function negative(counters: CacheCounters): CacheCounters {
  const turned = (_: string, value: unknown): unknown =>
    typeof value === 'number' ? -value : value;
  return JSON.parse(JSON.stringify(counters, turned)) as CacheCounters;
}
