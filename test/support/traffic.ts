/** Numbers from 0 up to, but not, 1, the same in every run (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface ZipfOptions {
  readonly keys: number;
  readonly requests: number;
  /** How much more often the popular keys are asked for; 0 asks for all alike. */
  readonly skew: number;
  readonly seed: number;
}

/** Requests as the traffic of a cache is: a few keys are asked for often, most seldom. */
export function zipfTrace({ keys, requests, skew, seed }: ZipfOptions): string[] {
  const random = seededRandom(seed);
  const sums: number[] = [];
  let total = 0;
  for (let rank = 1; rank <= keys; rank++) sums.push((total += rank ** -skew));
  return Array.from({ length: requests }, () => {
    const drawn = random() * total;
    return `key-${String(sums.findIndex((sum) => sum > drawn))}`;
  });
}
