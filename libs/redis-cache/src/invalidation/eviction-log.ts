import type { KeyPattern } from '../keys/key-pattern.js';
import { NewestMap } from '../resilience/newest-map.js';

/** Keys remembered at most. */
const MAX_KEYS = 10_000;

/** Patterns remembered at most. */
const MAX_PATTERNS = 100;

/**
 * Which entries were evicted or replaced lately, by this process or as the bus told. A write whose key
 * is known only from its result could not hold the lease meanwhile; this tells it what it has missed.
 *
 * Few applications have such writes, so nothing is remembered before the first {@link point} is taken.
 */
export class EvictionLog {
  private readonly noted: NewestMap<string, number>;
  private readonly patterns: NewestMap<string, { pattern: KeyPattern; at: number }>;
  private count = 0;
  private lastForgotten = 0;
  private isAsked = false;

  constructor(maxKeys = MAX_KEYS, maxPatterns = MAX_PATTERNS) {
    this.noted = new NewestMap(maxKeys);
    this.patterns = new NewestMap(maxPatterns);
  }

  /** Now, to ask {@link since} with. */
  point(): number {
    this.isAsked = true;
    return this.count;
  }

  note(key: string): void {
    if (!this.isAsked) return;
    this.count += 1;
    this.lastForgotten = Math.max(this.lastForgotten, this.noted.put(key, this.count) ?? 0);
  }

  /** Notes every entry that a pattern takes. */
  notePattern(pattern: KeyPattern): void {
    if (!this.isAsked) return;
    this.count += 1;
    const dropped = this.patterns.put(pattern.name, { pattern, at: this.count });
    this.lastForgotten = Math.max(this.lastForgotten, dropped?.at ?? 0);
  }

  /** Whether the entry was, or may have been, evicted or replaced after that point. */
  since(key: string, point: number): boolean {
    if (Math.max(this.noted.get(key) ?? 0, this.lastForgotten) > point) return true;
    for (const { pattern, at } of this.patterns.values()) {
      if (at > point && pattern.takes(key)) return true;
    }
    return false;
  }

  /** Messages may have been missed: whatever began before may have been evicted. */
  forget(): void {
    this.count += 1;
    this.noted.clear();
    this.patterns.clear();
    this.lastForgotten = this.count;
  }
}
