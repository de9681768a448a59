import { randomOf } from './random.js';

/** Numbers of keys, in the order they are asked for. */
export type KeyTrace = Uint32Array;

/** At which places of a trace the key is not asked for: what is behind it has changed, and it is evicted. */
export type Evictions = ReadonlySet<number>;

/** So many of a trace, at random. */
export function evictionsIn(trace: KeyTrace, share: number, seed = 7): Evictions {
  const random = randomOf(seed);
  const evictions = new Set<number>();
  for (let index = 0; index < trace.length; index++) if (random() < share) evictions.add(index);
  return evictions;
}

/**
 * Zipf: the key of rank r is asked for in proportion to 1 / r^skew.
 *
 * @param from what number the most popular key has
 */
export function zipf(length: number, keys: number, skew: number, seed = 1, from = 0): KeyTrace {
  const cumulated = new Float64Array(keys);
  let sum = 0;
  for (let rank = 1; rank <= keys; rank++) cumulated[rank - 1] = sum += rank ** -skew;
  const random = randomOf(seed);
  return Uint32Array.from({ length }, () => from + firstAbove(cumulated, random() * sum));
}

/** Zipf, and now and then a scan: that many keys in a row that nobody asks for again. */
export function zipfWithScans(length: number, keys: number, skew: number): KeyTrace {
  const trace = zipf(length, keys, skew);
  const scan = keys / 20;
  let fresh = keys;
  for (let start = scan; start + scan <= length; start += scan * 5) {
    for (let index = start; index < start + scan; index++) trace[index] = fresh++;
  }
  return trace;
}

/** The same keys round and round, more than are kept. */
export function loop(length: number, keys: number): KeyTrace {
  return Uint32Array.from({ length }, (_, index) => index % keys);
}

/** Zipf over keys whose popularity moves on: in each tenth, other keys are the popular ones. */
export function shiftingHotSet(length: number, keys: number, skew: number): KeyTrace {
  const phases = 10;
  const trace = new Uint32Array(length);
  const each = Math.floor(length / phases);
  for (let phase = 0; phase < phases; phase++) {
    const part = zipf(each, keys, skew, phase + 1, 0);
    const shift = (keys / phases) * phase;
    for (let index = 0; index < each; index++) {
      trace[phase * each + index] = ((part[index] as number) + shift) % keys;
    }
  }
  return trace;
}

function firstAbove(cumulated: Float64Array, value: number): number {
  let low = 0;
  let high = cumulated.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cumulated[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
