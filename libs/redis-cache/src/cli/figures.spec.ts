import { bytes, count, percent, rate, shareOf, span } from './figures.js';

describe('figures', () => {
  it.each([
    [bytes(0), '0 B'],
    [bytes(999), '999 B'],
    [bytes(1_000), '1.00 kB'],
    [bytes(999_999), '1.00 MB'],
    [bytes(12_345_678), '12.3 MB'],
    [bytes(5e15), '5,000 TB'],
    [span(0.4213), '0.42 ms'],
    [span(59_999), '60.0 s'],
    [span(120_000), '2 min'],
    [span(7_200_000), '2 h'],
    [span(200_000_000), '2 d'],
    [count(1234.4), '1,234'],
    [percent(0.97312), '97.3 %'],
    [rate(123.4), '123/s'],
    [percent(shareOf(3, 1)), '75.0 %'],
  ])('are short: %s', (shown, expected) => {
    expect(shown).toBe(expected);
  });

  it('are a dash where nothing is known, never 0', () => {
    for (const show of [bytes, span, count, percent, rate]) expect(show(undefined)).toBe('–');
    expect(shareOf(0, 0)).toBeUndefined();
    expect(shareOf(undefined, 1)).toBeUndefined();
  });
});
