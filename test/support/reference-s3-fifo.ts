interface Place {
  readonly name: string;
  uses: number;
}

const MAX_USES = 3;

/**
 * S3-FIFO on arrays from old to new and without a thought for speed, all of one size: to hold the real
 * one against.
 *
 * @see Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023, algorithm 1; with one
 *   use instead of two to be promoted
 */
export class ReferenceS3Fifo {
  private readonly small: Place[] = [];
  private readonly main: Place[] = [];

  get size(): number {
    return this.small.length + this.main.length;
  }

  has(name: string): boolean {
    return this.find(name) !== undefined;
  }

  isMain(name: string): boolean {
    return this.main.some((place) => place.name === name);
  }

  push(name: string, isMain: boolean): void {
    (isMain ? this.main : this.small).push({ name, uses: 0 });
  }

  use(name: string): void {
    const place = this.find(name);
    if (place) place.uses = Math.min(MAX_USES, place.uses + 1);
  }

  remove(name: string): void {
    for (const queue of [this.small, this.main]) {
      const index = queue.findIndex((place) => place.name === name);
      if (index >= 0) queue.splice(index, 1);
    }
  }

  /** @returns the name of what was evicted, and whether it was in the small queue */
  evict(): { readonly name: string; readonly wasSmall: boolean } | undefined {
    while (this.size > 0) {
      const wasSmall = this.main.length === 0 || this.small.length > 0.1 * this.size;
      const place = (wasSmall ? this.small : this.main).shift() as Place;
      if (place.uses === 0) return { name: place.name, wasSmall };
      this.main.push({ name: place.name, uses: wasSmall ? 0 : place.uses - 1 });
    }
    return undefined;
  }

  private find(name: string): Place | undefined {
    return [...this.small, ...this.main].find((place) => place.name === name);
  }
}
