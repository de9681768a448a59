import type { ActivitySnapshot } from '../cache/cache-activity.js';

/** How often something happened: `type` says how the `operation` ended. */
export interface OperationCount {
  readonly operation: string;
  readonly type: string;
  readonly count: number;
}

/** All that is counted of a cache. What stands under `read` has each call once, but see `joined`. */
export function operationsOf({ counters, latency }: ActivitySnapshot): OperationCount[] {
  const of = (operation: string, counts: Readonly<Record<string, number>>, prefix = '') =>
    Object.entries(counts).map(([type, count]) => ({ operation, type: prefix + type, count }));
  return [
    ...of('read', {
      near_hit: counters.nearHits,
      far_hit: counters.farHits,
      persistent_hit: counters.persistentHits,
      stale: counters.staleServed,
      joined: counters.joined,
    }),
    ...of('read', { ...counters.missedBy }, 'miss_'),
    ...of('read', { ...counters.bypassedBy }, 'bypass_'),
    ...of('shadow', { hit: counters.shadowHits, miss: counters.shadowMisses }),
    ...of('load', {
      success: latency.load.count - counters.loadErrors,
      error: counters.loadErrors,
    }),
    ...of('refresh', { begun: counters.refreshes }),
    ...of('lease', {
      won: counters.leasesWon,
      lost: counters.leasesLost,
      waited: counters.waited,
    }),
    ...of('fill', {
      stored: counters.fills,
      persisted: counters.persistentFills,
      refused: counters.refusedFills,
      uncacheable: counters.uncacheable,
    }),
    ...of('evict', { here: counters.evictions, remote: counters.remoteEvictions }),
    ...of('far', {
      success: latency.far.count - counters.farErrors,
      error: counters.farErrors,
    }),
  ];
}
