import type { KeyTrace } from './key-traces.js';

/** The part of requests, 0 to 1, that a least-recently-used cache of this size answers. */
export function lruHitRate(trace: KeyTrace, size: number, countFrom: number): number {
  const kept = new Set<number>();
  let hits = 0;
  trace.forEach((key, index) => {
    if (kept.delete(key)) {
      if (index >= countFrom) hits += 1;
    } else if (kept.size === size) {
      kept.delete(kept.values().next().value as number);
    }
    kept.add(key);
  });
  return hits / (trace.length - countFrom);
}

/**
 * The same of a cache that knows the future and evicts what is asked for last (Belady 1966). No
 * policy can do better.
 */
export function optimalHitRate(trace: KeyTrace, size: number, countFrom: number): number {
  const nextUses = nextUsesOf(trace);
  const keptUntil = new Map<number, number>();
  const farthest = new FarthestUse();
  let hits = 0;
  trace.forEach((key, index) => {
    const nextUse = nextUses[index] as number;
    if (keptUntil.has(key) && index >= countFrom) hits += 1;
    keptUntil.set(key, nextUse);
    farthest.push(nextUse, key);
    // That may be the newcomer: what is used later than all others need not be kept at all.
    if (keptUntil.size > size)
      keptUntil.delete(farthest.pop((use, of) => keptUntil.get(of) === use));
  });
  return hits / (trace.length - countFrom);
}

/** For each request, the index of the next one of the same key. */
function nextUsesOf(trace: KeyTrace): Float64Array {
  const nextUses = new Float64Array(trace.length);
  const seen = new Map<number, number>();
  for (let index = trace.length - 1; index >= 0; index--) {
    const key = trace[index] as number;
    nextUses[index] = seen.get(key) ?? trace.length + index;
    seen.set(key, index);
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
