import type { KeyPattern } from '../keys/key-pattern.js';

/** Keys remembered at most. */
const MAX_KEYS = 10_000;

/** Patterns remembered at most. */
const MAX_PATTERNS = 100;

/**
 * Which entries were evicted or replaced lately, by this process or as the bus told. A write whose key
 * is known only from its result could not hold the lease meanwhile; this tells it what it has missed.
 */
export class EvictionLog {
  private readonly noted = new Map<string, number>();
  private readonly patterns = new Map<string, { pattern: KeyPattern; at: number }>();
  private count = 0;
  private lastForgotten = 0;

  constructor(
    private readonly maxKeys = MAX_KEYS,
    private readonly maxPatterns = MAX_PATTERNS,
  ) {}

  /** A point in time to ask {@link since} with. */
  get now(): number {
    return this.count;
  }

  note(key: string): void {
    this.count += 1;
    this.noted.delete(key);
    this.noted.set(key, this.count);
    const [oldest] = this.noted;
    if (this.noted.size <= this.maxKeys || !oldest) return;
    this.noted.delete(oldest[0]);
    this.lastForgotten = Math.max(this.lastForgotten, oldest[1]);
  }

  /** Notes every entry that a pattern takes. */
  notePattern(pattern: KeyPattern): void {
    this.count += 1;
    this.patterns.delete(pattern.name);
    this.patterns.set(pattern.name, { pattern, at: this.count });
    const [oldest] = this.patterns;
    if (this.patterns.size <= this.maxPatterns || !oldest) return;
    this.patterns.delete(oldest[0]);
    this.lastForgotten = Math.max(this.lastForgotten, oldest[1].at);
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
