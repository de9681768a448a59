import { hitRateOf, type AppCache, type AppMetrics } from './app-metrics.js';
import type { RedisFigures } from '../connection/redis-figures.js';
import type { Sighting } from './sighting.js';

/** What Redis did, a second. Undefined where it does not tell. */
export interface RedisRates {
  readonly commands: number | undefined;
  readonly hits: number | undefined;
  readonly misses: number | undefined;
  readonly expired: number | undefined;
  readonly evicted: number | undefined;
}

/** What the applications did with one cache, a second. */
export interface CacheRates {
  readonly cache: string;
  readonly calls: number;
  /** Of the time between the two looks; null where there were no calls. */
  readonly hitRate: number | null;
  readonly near: number;
  readonly far: number;
  readonly misses: number;
  readonly loads: number;
  readonly loadErrors: number;
  readonly meanLoadMs: number | null;
}

/** What happened between two looks. */
export interface Rates {
  readonly overMs: number;
  readonly redis: RedisRates | null;
  /** The busiest first. */
  readonly caches: readonly CacheRates[];
}

export function ratesBetween(before: Sighting, now: Sighting): Rates {
  const overMs = now.atMs - before.atMs;
  const seconds = overMs / 1_000;
  return {
    overMs,
    redis: before.figures && now.figures && redisRates(before.figures, now.figures, seconds),
    caches:
      before.applications && now.applications
        ? cacheRates(before.applications, now.applications, seconds)
        : [],
  };
}

function redisRates(before: RedisFigures, now: RedisFigures, seconds: number): RedisRates {
  const of = (
    field: 'commands' | 'keyspaceHits' | 'keyspaceMisses' | 'expiredKeys' | 'evictedKeys',
  ) => {
    const [then, since] = [before[field], now[field]];
    return then === undefined || since === undefined ? undefined : grown(then, since) / seconds;
  };
  return {
    commands: of('commands'),
    hits: of('keyspaceHits'),
    misses: of('keyspaceMisses'),
    expired: of('expiredKeys'),
    evicted: of('evictedKeys'),
  };
}

function cacheRates(before: AppMetrics, now: AppMetrics, seconds: number): CacheRates[] {
  const earlier = new Map(before.caches.map((cache) => [cache.cache, cache]));
  return now.caches
    .map((cache) => cacheRate(sinceThen(earlier.get(cache.cache), cache), seconds))
    .sort((a, b) => b.calls - a.calls);
}

function cacheRate(counted: AppCache, seconds: number): CacheRates {
  const { cache, nearHits, farHits, stale, joined, misses, bypassed, loads, loadErrors } = counted;
  return {
    cache,
    calls: (nearHits + farHits + stale + joined + misses + bypassed) / seconds,
    hitRate: hitRateOf(counted) ?? null,
    near: nearHits / seconds,
    far: farHits / seconds,
    misses: misses / seconds,
    loads: loads / seconds,
    loadErrors: loadErrors / seconds,
    meanLoadMs: loads === 0 ? null : counted.loadMs / loads,
  };
}

function sinceThen(before: AppCache | undefined, now: AppCache): AppCache {
  const counts = Object.entries(now).map(([field, value]: [string, string | number]) => [
    field,
    typeof value === 'number'
      ? grown(Number(before?.[field as keyof AppCache] ?? 0), value)
      : value,
  ]);
  return Object.fromEntries(counts) as AppCache;
}

/** A counter that is less than before has begun anew. */
function grown(before: number, now: number): number {
  return now < before ? now : now - before;
}
