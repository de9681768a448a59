import type { MigrationMode } from './migration-mode.js';

/** Why an entry is in the Map, and not in the cache. */
export type LeftReason =
  /** The cache cannot give it back as it is: a class instance without `type`, a function. */
  | 'uncacheable'
  /** It is larger than `maxBytes`. */
  | 'too-large'
  /** Redis is away, or did not say that it has it. */
  | 'away'
  /** Redis did not keep it, or the cache stores nothing: a `ttl` of 0, `maxmemory`. */
  | 'refused'
  /** The cache has another value: see `differing` of `drain`. */
  | 'differing'
  /** A function of the options or the Map itself threw, or there is no tenant for the key. */
  | 'failed';

/** What a migration did since it began in this process. */
export interface MigrationStatistics {
  readonly mode: MigrationMode;
  /** Whether the Map is being emptied, so that writes do not stay in it. */
  readonly draining: boolean;
  /** Entries in the Map; undefined where it does not tell. */
  readonly inMap: number | undefined;
  /** Reads in shadow that were compared with the cache. */
  readonly compared: number;
  /** Of these, how many found another value. */
  readonly differing: number;
  /** Of these, how many found none, as it was written before the shadow began or has ended. */
  readonly onlyInMap: number;
  /** Reads in shadow that were not compared, as too many comparisons were under way. */
  readonly uncompared: number;
  /** Entries that only the cache had, and that came back to the Map. */
  readonly restored: number;
  /** Entries that reads have copied from the Map to the cache. */
  readonly copied: number;
  /** Entries that have left the Map for the cache. */
  readonly moved: number;
  /** Entries that have left the Map as their life was over. */
  readonly expired: number;
  /** How often an entry had to stay in the Map, by reason. */
  readonly left: Readonly<Record<LeftReason, number>>;
}

export const NOTHING_LEFT: MigrationStatistics['left'] = {
  uncacheable: 0,
  'too-large': 0,
  away: 0,
  refused: 0,
  differing: 0,
  failed: 0,
};

/** The counters among them. */
export class MigrationCounters {
  compared = 0;
  differing = 0;
  onlyInMap = 0;
  uncompared = 0;
  restored = 0;
  copied = 0;
  moved = 0;
  expired = 0;
  readonly left: Record<LeftReason, number> = { ...NOTHING_LEFT };
}
