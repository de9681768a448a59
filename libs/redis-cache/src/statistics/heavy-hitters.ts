/** One of those with the most, and how much of it may be another's. */
export interface HeavyHitter<T> {
  readonly item: T;
  /** At least what it has had, and at most `excess` more. */
  readonly count: number;
  readonly excess: number;
}

interface Counter {
  count: number;
  excess: number;
}

/**
 * Those who have the most of something, among any number of them, in memory for `capacity`: Space-Saving
 * by Metwally, Agrawal and El Abbadi ("Efficient computation of frequent and top-k elements in data
 * streams", 2005). Whoever has more than 1/`capacity` of all is in it, and no count is above the truth
 * by more than that.
 *
 * Adding to one that is known takes a look-up; one that is not takes the place of the least.
 */
export class HeavyHitters<T> {
  private readonly counters = new Map<T, Counter>();

  constructor(private readonly capacity: number) {}

  add(item: T, weight = 1): void {
    const known = this.counters.get(item);
    if (known) {
      known.count += weight;
    } else if (this.counters.size < this.capacity) {
      this.counters.set(item, { count: weight, excess: 0 });
    } else {
      const [least, { count }] = this.least();
      this.counters.delete(least);
      this.counters.set(item, { count: count + weight, excess: count });
    }
  }

  /** All that are known, the most first. They do not change any more. */
  snapshot(): HeavyHitter<T>[] {
    return [...this.counters]
      .map(([item, { count, excess }]) => ({ item, count, excess }))
      .sort(byCount);
  }

  private least(): [T, Counter] {
    let least: [T, Counter] | undefined;
    for (const counter of this.counters) {
      if (!least || counter[1].count < least[1].count) least = counter;
    }
    if (!least) throw new Error('heavy hitters: a capacity of 0');
    return least;
  }
}

/**
 * What each has had since an earlier snapshot, the most first. Whoever had been out of the list
 * meanwhile is told with what it has had for certain.
 */
export function hittersSince<T>(
  now: readonly HeavyHitter<T>[],
  earlier: readonly HeavyHitter<T>[],
): HeavyHitter<T>[] {
  const before = new Map(earlier.map(({ item, count }) => [item, count]));
  return now
    .map(({ item, count, excess }) => {
      const had = before.get(item);
      return had === undefined || had < excess
        ? { item, count: count - excess, excess: 0 }
        : { item, count: count - had, excess: 0 };
    })
    .filter(({ count }) => count > 0)
    .sort(byCount);
}

function byCount(a: { readonly count: number }, b: { readonly count: number }): number {
  return b.count - a.count;
}
