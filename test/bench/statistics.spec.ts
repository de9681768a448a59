import { exactly, percentile, quotients, sampleOf } from '../../bench/measure/statistics.js';

describe('statistics of the benchmarks', () => {
  it('take the middle of an odd number of values', () => {
    expect(sampleOf([5, 1, 100])).toEqual({ median: 5, min: 1, max: 100 });
  });

  it('take the mean of the two in the middle of an even number', () => {
    expect(sampleOf([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
  });

  it('sort by size and not by text', () => {
    expect(percentile([10, 9, 100], 50)).toBe(10);
  });

  it.each([
    [0, 10],
    [25, 20],
    [90, 46],
    [100, 50],
  ])('take the %dth percentile between the nearest ranks', (percent, value) => {
    expect(percentile([50, 40, 30, 20, 10], percent)).toBeCloseTo(value);
  });

  it('refuse a percentile of nothing', () => {
    expect(() => percentile([], 50)).toThrow('There is nothing to take a percentile of.');
  });

  it('divide each round by the same round of the reference', () => {
    // The machine was slow in the second round, for both.
    expect(quotients([2, 200, 2], [1, 100, 1])).toEqual([2, 2, 2]);
  });

  it('give what was counted once as all three', () => {
    expect(exactly(7)).toEqual({ median: 7, min: 7, max: 7 });
  });
});
