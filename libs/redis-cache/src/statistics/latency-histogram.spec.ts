import fc from 'fast-check';
import { LatencyHistogram, NO_LATENCIES } from './latency-histogram.js';

function recorded(...latenciesMs: number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const ms of latenciesMs) histogram.record(ms);
  return histogram;
}

/** The value that `part` of them do not exceed, exactly. */
function exactQuantile(latenciesMs: readonly number[], part: number): number {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(part * sorted.length)) - 1] ?? NaN;
}

const someLatencies = fc.array(
  fc.oneof(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1e5, noNaN: true }),
  ),
  { minLength: 1, maxLength: 100 },
);

describe('LatencyHistogram', () => {
  it('knows nothing before anything was recorded', () => {
    const { count, sumMs, meanMs } = new LatencyHistogram().snapshot();
    expect({ count, sumMs, meanMs }).toEqual({ count: 0, sumMs: 0, meanMs: undefined });
    expect(NO_LATENCIES.quantileMs(0.5)).toBeUndefined();
    expect(NO_LATENCIES.countBelow(1)).toBe(0);
  });

  it('counts and adds up exactly', () => {
    const { count, sumMs, meanMs } = recorded(1, 2.5, 40).snapshot();
    expect({ count, sumMs, meanMs }).toEqual({ count: 3, sumMs: 43.5, meanMs: 14.5 });
  });

  it('tells every quantile within 6.25 %, and within 0.13 µs below 2 µs', () => {
    fc.assert(
      fc.property(someLatencies, fc.double({ min: 0.001, max: 1, noNaN: true }), (all, part) => {
        const exact = exactQuantile(all, part);
        const told =
          recorded(...all)
            .snapshot()
            .quantileMs(part) ?? NaN;
        expect(Math.abs(told - exact)).toBeLessThanOrEqual(Math.max(exact * 0.0625, 0.00013));
      }),
    );
  });

  it('counts what is below a power of two of milliseconds exactly', () => {
    fc.assert(
      fc.property(someLatencies, fc.integer({ min: -9, max: 17 }), (all, exponent) => {
        const boundMs = 2 ** exponent;
        const below = all.filter((ms) => ms < boundMs).length;
        expect(
          recorded(...all)
            .snapshot()
            .countBelow(boundMs),
        ).toBe(below);
      }),
    );
  });

  it('takes what is out of its range for its ends', () => {
    const odd = recorded(-1, NaN, Infinity, 1e9).snapshot();
    expect(odd.count).toBe(4);
    expect(odd.quantileMs(0.5)).toBeCloseTo(0, 3);
    expect(odd.quantileMs(1)).toBeGreaterThan(120_000);
    expect(odd.countBelow(1)).toBe(2);
  });

  it('gives snapshots that do not change any more', () => {
    const histogram = recorded(1);
    const before = histogram.snapshot();
    histogram.record(100);
    expect([before.count, before.quantileMs(1)]).toEqual([1, expect.closeTo(1, 0)]);
  });

  it('adds snapshots up, and takes earlier ones away, as if they had been recorded apart', () => {
    fc.assert(
      fc.property(someLatencies, someLatencies, (earlier, later) => {
        const histogram = recorded(...earlier);
        const before = histogram.snapshot();
        for (const ms of later) histogram.record(ms);
        const apart = recorded(...later).snapshot();
        const since = histogram.snapshot().minus(before);
        const both = before.plus(apart);
        for (const part of [0.01, 0.5, 0.99, 1]) {
          expect(since.quantileMs(part)).toBe(apart.quantileMs(part));
          expect(both.quantileMs(part)).toBe(histogram.snapshot().quantileMs(part));
        }
        expect([since.count, both.count]).toEqual([later.length, histogram.count]);
        expect(since.sumMs).toBeCloseTo(apart.sumMs, 3);
      }),
    );
  });
});
