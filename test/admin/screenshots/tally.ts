import type { CacheCounters } from '../../../libs/redis-cache/src/cache/cache-counters.js';

/** Some of the counters. */
export interface SomeCounters extends Partial<Omit<CacheCounters, 'missedBy' | 'bypassedBy'>> {
  readonly missedBy?: Partial<CacheCounters['missedBy']>;
  readonly bypassedBy?: Partial<CacheCounters['bypassedBy']>;
}

/** Their sum; what none of them says is zero. */
export function tally(...parts: readonly SomeCounters[]): CacheCounters {
  const sum = (name: Exclude<keyof CacheCounters, 'missedBy' | 'bypassedBy'>): number =>
    total(parts.map((part) => part[name]));
  const missed = (cause: keyof CacheCounters['missedBy']): number =>
    total(parts.map(({ missedBy }) => missedBy?.[cause]));
  return {
    nearHits: sum('nearHits'),
    farHits: sum('farHits'),
    persistentHits: sum('persistentHits'),
    misses: sum('misses'),
    missedBy: {
      absent: missed('absent'),
      expired: missed('expired'),
      outdated: missed('outdated'),
      undecodable: missed('undecodable'),
      newer: missed('newer'),
      suspended: missed('suspended'),
      timeout: missed('timeout'),
      refused: missed('refused'),
    },
    staleServed: sum('staleServed'),
    joined: sum('joined'),
    leasesWon: sum('leasesWon'),
    leasesLost: sum('leasesLost'),
    waited: sum('waited'),
    loads: sum('loads'),
    loadErrors: sum('loadErrors'),
    refreshes: sum('refreshes'),
    fills: sum('fills'),
    persistentFills: sum('persistentFills'),
    refusedFills: sum('refusedFills'),
    evictions: sum('evictions'),
    remoteEvictions: sum('remoteEvictions'),
    bypassed: sum('bypassed'),
    bypassedBy: {
      condition: 0,
      full: 0,
      recursion: 0,
      overdue: 0,
      uncopyable: 0,
      closed: 0,
      off: 0,
      shadow: 0,
    },
    shadowHits: sum('shadowHits'),
    shadowMisses: sum('shadowMisses'),
    uncacheable: sum('uncacheable'),
    outdated: sum('outdated'),
    undecodable: sum('undecodable'),
    farErrors: sum('farErrors'),
  };
}

function total(values: readonly (number | undefined)[]): number {
  return values.reduce<number>((all, value) => all + (value ?? 0), 0);
}
