import { GROWTH_OF_WATCHING, jitteredBackoff } from './backoff.js';

describe('jitteredBackoff', () => {
  const bounds = { firstMs: 50, maxMs: 1_000 };

  it('doubles from attempt to attempt up to its maximum, and stays there', () => {
    const backoff = jitteredBackoff({ ...bounds, random: () => 0 });
    expect([1, 2, 3, 4, 5, 6, 7, 100_000].map(backoff)).toEqual([
      50, 100, 200, 400, 800, 1_000, 1_000, 1_000,
    ]);
  });

  it('grows as told: by a twentieth, a pause is about a twentieth of what went before', () => {
    const growth = GROWTH_OF_WATCHING;
    const backoff = jitteredBackoff({ firstMs: 50, maxMs: 2_000, growth, random: () => 0 });
    let passedMs = 0;
    for (let attempt = 1; passedMs < 60_000; attempt += 1) {
      const pauseMs = backoff(attempt);
      expect(pauseMs).toBeCloseTo(Math.min(2_000, 50 + passedMs / 20), 6);
      passedMs += pauseMs;
    }
  });

  it('is shortened by up to half', () => {
    const backoff = jitteredBackoff({ ...bounds, random: () => 0.999_999 });
    expect(backoff(1)).toBeCloseTo(25, 3);
    expect(backoff(99)).toBeCloseTo(500, 2);
  });

  it('takes the time before the first attempt for that of the first', () => {
    expect(jitteredBackoff({ ...bounds, random: () => 0 })(0)).toBe(50);
  });
});
