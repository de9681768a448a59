import type { CacheWarmup } from './cache-warmup.interface.js';

/** Options of {@link CacheWarmer}. */
export interface CacheWarmerOptions {
  /**
   * Names the warmer, in its lease too: processes that are to share the work must agree on it. State
   * it where a bundler shortens names.
   * @default the name of the class
   */
  name?: string;
}

const KEY = 'nestjs-redis-cache:warmer';

/**
 * Marks a provider that fills caches when the application has booted, in one process of many; see
 * `warm` of the module's options. It has one instance: it cannot be request-scoped.
 */
export function CacheWarmer(
  options: CacheWarmerOptions = {},
): (target: abstract new (...args: never[]) => CacheWarmup) => void {
  return (target) => Reflect.defineMetadata(KEY, options, target);
}

/** The options a class was marked with; undefined where it is no warmer. */
export function warmerOptionsOf(target: object): CacheWarmerOptions | undefined {
  return Reflect.getOwnMetadata(KEY, target) as CacheWarmerOptions | undefined;
}
