interface Place {
  readonly name: string;
  visited: boolean;
}

/**
 * SIEVE as the paper states it, on an array from old to new and without a thought for speed: to
 * hold the real one against.
 *
 * @see Zhang et al., "SIEVE is Simpler than LRU", NSDI 2024, algorithm 1
 */
export class ReferenceSieve {
  private readonly places: Place[] = [];
  /** Index of the place the hand points to; -1 while it points beyond the newest. */
  private hand = -1;

  get size(): number {
    return this.places.length;
  }

  has(name: string): boolean {
    return this.places.some((place) => place.name === name);
  }

  push(name: string): void {
    this.places.push({ name, visited: false });
  }

  visit(name: string): void {
    for (const place of this.places) if (place.name === name) place.visited = true;
  }

  remove(name: string): void {
    const index = this.places.findIndex((place) => place.name === name);
    if (index < 0) return;
    this.places.splice(index, 1);
    if (index < this.hand) this.hand -= 1;
    if (this.hand >= this.places.length) this.hand = -1;
  }

  /** @returns the name of what was evicted */
  evict(): string | undefined {
    if (this.places.length === 0) return undefined;
    let index = Math.max(this.hand, 0);
    for (let place = this.places[index]; place?.visited; place = this.places[index]) {
      place.visited = false;
      index = (index + 1) % this.places.length;
    }
    const [victim] = this.places.splice(index, 1);
    this.hand = index < this.places.length ? index : -1;
    return victim?.name;
  }
}
