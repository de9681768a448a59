import type { Evictions, KeyTrace } from './key-traces.js';

/** The part of requests, 0 to 1, that a least-recently-used cache of this size answers. */
export function lruHitRate(
  trace: KeyTrace,
  size: number,
  countFrom: number,
  evictions?: Evictions,
): number {
  const kept = new Set<number>();
  return hitRateOf(trace, countFrom, evictions, {
    evict: (key) => kept.delete(key),
    ask: (key) => {
      const isHit = kept.delete(key);
      if (!isHit && kept.size === size) kept.delete(kept.values().next().value as number);
      kept.add(key);
      return isHit;
    },
  });
}

/**
 * The same of a cache that knows the future and evicts what is asked for last (Belady 1966). No
 * policy can do better.
 */
export function optimalHitRate(
  trace: KeyTrace,
  size: number,
  countFrom: number,
  evictions?: Evictions,
): number {
  const nextUses = nextUsesOf(trace, evictions);
  const keptUntil = new Map<number, number>();
  const farthest = new FarthestUse();
  return hitRateOf(trace, countFrom, evictions, {
    evict: (key) => keptUntil.delete(key),
    ask: (key, index) => {
      const nextUse = nextUses[index] as number;
      const isHit = keptUntil.has(key);
      keptUntil.set(key, nextUse);
      farthest.push(nextUse, key);
      // That may be the newcomer: what is used later than all others need not be kept at all.
      if (keptUntil.size > size)
        keptUntil.delete(farthest.pop((use, of) => keptUntil.get(of) === use));
      return isHit;
    },
  });
}

/** A cache that keeps each key that it is asked for. */
interface Policy {
  /** Whether it was there. */
  ask(key: number, index: number): boolean;
  evict(key: number): unknown;
}

function hitRateOf(
  trace: KeyTrace,
  countFrom: number,
  evictions: Evictions | undefined,
  policy: Policy,
): number {
  let hits = 0;
  let requests = 0;
  trace.forEach((key, index) => {
    if (evictions?.has(index)) {
      policy.evict(key);
      return;
    }
    const isHit = policy.ask(key, index);
    if (index < countFrom) return;
    requests += 1;
    if (isHit) hits += 1;
  });
  return hits / requests;
}

/** For each request, the index of the next one of the same key that can be a hit. */
function nextUsesOf(trace: KeyTrace, evictions?: Evictions): Float64Array {
  const nextUses = new Float64Array(trace.length);
  const seen = new Map<number, number>();
  for (let index = trace.length - 1; index >= 0; index--) {
    const key = trace[index] as number;
    nextUses[index] = seen.get(key) ?? trace.length + index;
    if (evictions?.has(index)) seen.delete(key);
    else seen.set(key, index);
  }
  return nextUses;
}

/** A heap of keys by their next use, the latest on top. Uses that are over stay until they are met. */
class FarthestUse {
  private readonly uses: number[] = [];
  private readonly keys: number[] = [];

  push(use: number, key: number): void {
    let place = this.uses.length;
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      if ((this.uses[parent] as number) >= use) break;
      this.move(parent, place);
      place = parent;
    }
    this.uses[place] = use;
    this.keys[place] = key;
  }

  /** @param isCurrent whether the key is kept, and to be used then */
  pop(isCurrent: (use: number, key: number) => boolean): number {
    for (;;) {
      const use = this.uses[0] as number;
      const key = this.keys[0] as number;
      this.removeTop();
      if (isCurrent(use, key)) return key;
    }
  }

  private removeTop(): void {
    const use = this.uses.pop() as number;
    const key = this.keys.pop() as number;
    const size = this.uses.length;
    if (size === 0) return;
    let place = 0;
    for (;;) {
      let child = place * 2 + 1;
      if (child >= size) break;
      if (child + 1 < size && (this.uses[child + 1] as number) > (this.uses[child] as number))
        child++;
      if ((this.uses[child] as number) <= use) break;
      this.move(child, place);
      place = child;
    }
    this.uses[place] = use;
    this.keys[place] = key;
  }

  private move(from: number, to: number): void {
    this.uses[to] = this.uses[from] as number;
    this.keys[to] = this.keys[from] as number;
  }
}
