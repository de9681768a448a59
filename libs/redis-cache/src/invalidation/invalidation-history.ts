import { readPatternName, type KeyPattern } from '../keys/key-pattern.js';
import { NewestMap } from '../resilience/newest-map.js';
import type { InvalidationLevel } from './invalidation.js';

/** An invalidation, as this process saw it. */
export interface SeenInvalidation {
  /** What was invalidated: the entry, or something that it belongs to. Also `entry` when it was replaced. */
  readonly level: InvalidationLevel;
  /** This process, or another one by the bus. */
  readonly by: 'this process' | 'another process';
  /** When it was acknowledged here, or heard; by the clock of this process, since 1970. */
  readonly atMs: number;
}

type Seen = Omit<SeenInvalidation, 'level'>;

/** Keys remembered at most. */
const MAX_KEYS = 10_000;

/** Patterns remembered at most. */
const MAX_PATTERNS = 100;

/** What was invalidated lately, for those who ask why an entry is gone. Nothing is decided by it. */
export class InvalidationHistory {
  private readonly keys: NewestMap<string, Seen>;
  private readonly patterns: NewestMap<string, Seen & { readonly pattern: KeyPattern }>;

  constructor(maxKeys = MAX_KEYS, maxPatterns = MAX_PATTERNS) {
    this.keys = new NewestMap(maxKeys);
    this.patterns = new NewestMap(maxPatterns);
  }

  /** @param key of the entry or stamp, or the name of the pattern */
  note(key: string, seen: Seen): void {
    const pattern = readPatternName(key);
    if (pattern) this.patterns.put(key, { ...seen, pattern });
    else this.keys.put(key, seen);
  }

  /**
   * The latest that has hit an entry.
   *
   * @param stamps keys of its stamps
   */
  last(
    entryKey: string,
    stamps: ReadonlyMap<string, InvalidationLevel>,
  ): SeenInvalidation | undefined {
    const hits: SeenInvalidation[] = [];
    for (const [key, level] of [[entryKey, 'entry'] as const, ...stamps]) {
      const seen = this.keys.get(key);
      if (seen) hits.push({ level, ...seen });
    }
    for (const { pattern, by, atMs } of this.patterns.values()) {
      if (pattern.takes(entryKey)) hits.push({ level: 'pattern', by, atMs });
    }
    return hits.sort((a, b) => b.atMs - a.atMs)[0];
  }
}
