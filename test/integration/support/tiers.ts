import type { CachePolicy } from 'nestjs-redis-cache';

/** For `describe.each`: a name, a word fit for keys, and the defaults of every cache. */
export const TIERS: readonly [name: string, word: string, defaults: CachePolicy][] = [
  ['both tiers', 'both', {}],
  ['near: false', 'far', { near: false }],
];
