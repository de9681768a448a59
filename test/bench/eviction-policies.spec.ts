import * as fc from 'fast-check';
import { lruHitRate, optimalHitRate } from '../../bench/data/eviction-policies.js';
import {
  evictionsIn,
  loop,
  shiftingHotSet,
  zipf,
  zipfWithScans,
} from '../../bench/data/key-traces.js';

const SIZES = fc.integer({ min: 1, max: 3 });
const TRACES = fc.array(fc.nat(4), { minLength: 1, maxLength: 12 });

describe('hit rates to compare with', () => {
  it('LRU evicts what was used longest ago', () => {
    // 1 is used again, so 2 goes when 3 comes.
    expect(lruHitRate(Uint32Array.of(1, 2, 1, 3, 1, 2), 2, 0)).toBeCloseTo(2 / 6);
  });

  it('LRU never hits in a loop that is longer than what is kept', () => {
    expect(lruHitRate(loop(300, 11), 10, 0)).toBe(0);
  });

  it('requests before the given one are not counted', () => {
    expect(lruHitRate(Uint32Array.of(1, 1, 2, 2), 2, 2)).toBe(0.5);
    expect(optimalHitRate(Uint32Array.of(1, 1, 2, 2), 2, 2)).toBe(0.5);
  });

  it('no choice of victims hits more often than the optimum', () => {
    fc.assert(
      fc.property(TRACES, SIZES, fc.uniqueArray(fc.nat(11)), (trace, size, at) => {
        const evictions = new Set(at);
        const requests = trace.filter((_, index) => !evictions.has(index)).length;
        fc.pre(requests > 0);
        const best = mostHits(trace, evictions, size, new Set(), 0) / requests;
        expect(optimalHitRate(Uint32Array.from(trace), size, 0, evictions)).toBeCloseTo(best);
      }),
      { numRuns: 300 },
    );
  });

  it('an eviction is no request, and makes the next one of its key a miss', () => {
    const trace = Uint32Array.of(1, 1, 1, 1);
    expect(lruHitRate(trace, 2, 0, new Set([2]))).toBeCloseTo(1 / 3);
    expect(optimalHitRate(trace, 2, 0, new Set([2]))).toBeCloseTo(1 / 3);
  });
});

describe('traces of keys', () => {
  it('Zipf asks for the keys in proportion to their rank', () => {
    const trace = zipf(200_000, 1_000, 1);
    const count = (key: number) => trace.filter((asked) => asked === key).length;
    expect(count(0) / count(9)).toBeCloseTo(10, -1);
    expect(trace.every((key) => key < 1_000)).toBe(true);
  });

  it('are evicted in so many of their places', () => {
    const evictions = evictionsIn(zipf(10_000, 100, 0.99), 0.05);
    expect(evictions.size / 10_000).toBeCloseTo(0.05, 2);
  });

  it('are the same each time', () => {
    expect(zipf(1_000, 100, 0.99)).toEqual(zipf(1_000, 100, 0.99));
  });

  it('scans ask for keys that nobody else asks for', () => {
    const trace = zipfWithScans(20_000, 1_000, 0.99);
    const scanned = trace.filter((key) => key >= 1_000);
    expect(scanned.length).toBeGreaterThan(1_000);
    expect(new Set(scanned).size).toBe(scanned.length);
  });

  it('a shifting hot set has other popular keys later', () => {
    const trace = shiftingHotSet(10_000, 1_000, 0.99);
    expect([...trace.subarray(0, 1_000)].filter((key) => key === 0).length).toBeGreaterThan(50);
    expect([...trace.subarray(5_000, 6_000)].filter((key) => key === 500).length).toBeGreaterThan(
      50,
    );
  });
});

/** By trying everything. */
function mostHits(
  trace: readonly number[],
  evictions: ReadonlySet<number>,
  size: number,
  kept: ReadonlySet<number>,
  at: number,
): number {
  const key = trace[at];
  if (key === undefined) return 0;
  const goOn = (next: ReadonlySet<number>) => mostHits(trace, evictions, size, next, at + 1);
  if (evictions.has(at)) return goOn(without(kept, key));
  if (kept.has(key)) return 1 + goOn(kept);
  const choices = [kept, ...[...kept].map((victim) => without(kept, victim))]
    .filter((rest) => rest.size < size)
    .map((rest) => new Set([...rest, key]));
  return Math.max(...[...choices, kept].map(goOn));
}

function without(kept: ReadonlySet<number>, victim: number): Set<number> {
  return new Set([...kept].filter((key) => key !== victim));
}
