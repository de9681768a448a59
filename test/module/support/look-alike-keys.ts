import type { CacheKey } from 'nestjs-redis-cache';

/** Keys that look alike, or as something else of ours, and how each stands in Redis. */
export const LOOK_ALIKE_KEYS: readonly (readonly [CacheKey, string])[] = [
  ['+15551234567', '+15551234567'],
  ['', "''"],
  ["''", '%27%27'],
  ['1', '1'],
  [1, ':1'],
  [1n, ':1n'],
  [-0, ':-0'],
  [0, ':0'],
  [NaN, ':NaN'],
  [true, ':true'],
  ['true', 'true'],
  [new Date(0), ':Date(0)'],
  ['1970-01-01T00:00:00.000Z', '1970-01-01T00%3A00%3A00.000Z'],
  [['a', 1], 'a;:1'],
  ['a;:1', 'a%3B%3A1'],
  [['a', '1'], 'a;1'],
  [[], ''],
  [[['a', 1]], '(a;:1)'],
  [{ b: 2, a: 'x' }, '<a:x;b::2>'],
  [new Set([2, 1]), ':Set(:1;:2)'],
  ['a/b {c}*', 'a%2Fb%20%7Bc%7D%2A'],
  ['é', '%C3%A9'],
  ['x'.repeat(200), 'x'.repeat(200)],
];
