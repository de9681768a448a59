/** Keys remembered at most. */
const MAX_KEYS = 10_000;

/**
 * Which entries were evicted or replaced lately, by this process or as the bus told. A write whose key
 * is known only from its result could not hold the lease meanwhile; this tells it what it has missed.
 */
export class EvictionLog {
  private readonly noted = new Map<string, number>();
  private count = 0;
  private lastForgotten = 0;

  constructor(private readonly maxKeys = MAX_KEYS) {}

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
    this.lastForgotten = oldest[1];
  }

  /** Whether the entry was, or may have been, evicted or replaced after that point. */
  since(key: string, point: number): boolean {
    return (this.noted.get(key) ?? this.lastForgotten) > point;
  }

  /** Messages may have been missed: whatever began before may have been evicted. */
  forget(): void {
    this.count += 1;
    this.noted.clear();
    this.lastForgotten = this.count;
  }
}
