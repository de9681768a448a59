import {
  bytes,
  count,
  duration,
  latency,
  NOTHING,
  percent,
  rate,
  roughly,
  time,
} from './format.js';

describe('figures in words', () => {
  it.each([
    [percent(0), '0 %'],
    [percent(0.0004), '<0.1 %'],
    [percent(0.9467), '94.7 %'],
    [percent(0.99999), '99.9 %'],
    [percent(1), '100 %'],
    [rate(0), '0'],
    [rate(0.001), '<0.01'],
    [rate(9.976), '9.98'],
    [rate(87.06), '87.1'],
    [rate(1_156.2), '1,156'],
    [count(99_999), '99,999'],
    [count(1_234_567), '1.23M'],
    [latency(0.0488), '48.8 µs'],
    [latency(2.144), '2.14 ms'],
    [latency(9.996), '10.0 ms'],
    [latency(263), '263 ms'],
    [latency(1_840), '1.84 s'],
    [duration(900), '0 s'],
    [duration(378_000), '6 min 18 s'],
    [duration(7_200_000), '2 h'],
    [roughly(378_000), '6 min'],
    [bytes(0), '0 B'],
    [bytes(1_536), '1.5 KiB'],
    [bytes(2 * 1024 ** 3), '2.0 GiB'],
  ])('%s', (said, expected) => {
    expect(said).toBe(expected);
  });

  it('are a dash where nobody knows', () => {
    const all = [percent(undefined), rate(undefined), count(null), latency(null), bytes(undefined)];
    expect(new Set(all)).toEqual(new Set([NOTHING]));
  });

  it('name the day where that is not today', () => {
    const atMs = Date.parse('2026-01-15T02:14:30');
    expect(time(atMs, atMs + 60_000)).toBe('02:14:30');
    expect(time(atMs, atMs + 25 * 3_600_000)).toBe('15 Jan 02:14:30');
  });
});
