import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { durationMs, type Duration } from './duration.js';

const TEN_YEARS_MS = 315_360_000_000;

describe('durationMs', () => {
  it.each<[Duration, number]>([
    [0, 0],
    [1, 1],
    [900_000, 900_000],
    [1.4, 1],
    [1.5, 2],
    [0.4, 0],
    ['0ms', 0],
    ['0d', 0],
    ['250ms', 250],
    ['1.6ms', 2],
    ['10s', 10_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['0.5s', 500],
    ['1.5h', 5_400_000],
    ['0.0001s', 0],
    ['007s', 7_000],
    [TEN_YEARS_MS, TEN_YEARS_MS],
    ['3650d', TEN_YEARS_MS],
  ])('reads %j as %d ms', (duration, ms) => {
    expect(durationMs(duration, 'ttl')).toBe(ms);
  });

  it.each<[unknown, string]>([
    [-1, '-1'],
    [-0.1, '-0.1'],
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [-Infinity, '-Infinity'],
    [TEN_YEARS_MS + 1, '315360000001'],
    ['3651d', "'3651d'"],
    ['87601h', "'87601h'"],
    ['5', "'5'"],
    ['abc', "'abc'"],
    ['', "''"],
    ['m', "'m'"],
    ['-5m', "'-5m'"],
    ['+5m', "'+5m'"],
    ['.5h', "'.5h'"],
    ['5.h', "'5.h'"],
    ['1e3s', "'1e3s'"],
    ['5 m', "'5 m'"],
    [' 5m', "' 5m'"],
    ['5m\n', String.raw`'5m\n'`],
    ['5M', "'5M'"],
    ['5min', "'5min'"],
    ['1w', "'1w'"],
    ['1h30m', "'1h30m'"],
    ['Infinitys', "'Infinitys'"],
    [`${'9'.repeat(400)}d`, `'${'9'.repeat(60)}'... 341 more char…`],
    [5n, '5n'],
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [['5m'], "[ '5m' ]"],
    [{ minutes: 5 }, '{ minutes: 5 }'],
  ])('refuses %p', (value, shown) => {
    const read = () => durationMs(value as Duration, `caches['lead.byId'].ttl`);
    expect(read).toThrow(InvalidCacheOptionsError);
    expect(read).toThrow(
      new Error(
        `Option caches['lead.byId'].ttl is ${shown}; expected milliseconds from 0 to ten years, ` +
          `or a number with a unit (ms, s, m, h, d). Write for instance 900000 or '15m'.`,
      ),
    );
  });
});
