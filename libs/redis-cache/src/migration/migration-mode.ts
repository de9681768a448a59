import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';

/**
 * How far a migration has come.
 *
 * | mode | reads | writes |
 * |---|---|---|
 * | `map-only` | the Map | the Map; the cache's entry is evicted |
 * | `shadow` | the Map, compared with the cache behind the answer; then the cache | both |
 * | `cache-first` | the cache, then the Map | both |
 * | `cache-only` | the cache | the cache |
 */
export type MigrationMode = (typeof MIGRATION_MODES)[number];

export const MIGRATION_MODES = ['map-only', 'shadow', 'cache-first', 'cache-only'] as const;

/** Variables of the environment, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

const VARIABLE_PREFIX = 'CACHE_MIGRATION_';

/** The variable that sets the mode of a cache: `CACHE_MIGRATION_LEAD_BYPHONE` for `lead.byPhone`. */
function modeVariable(cache: string): string {
  return VARIABLE_PREFIX + cache.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase();
}

/**
 * The mode that the environment sets for a cache; undefined where it sets none.
 *
 * @throws {InvalidCacheOptionsError} the variable names no mode
 */
export function modeOfEnvironment(
  cache: string,
  environment: Environment,
): MigrationMode | undefined {
  const variable = modeVariable(cache);
  const value = environment[variable];
  return value === undefined || value === '' ? undefined : migrationMode(value, variable);
}

/** @throws {InvalidCacheOptionsError} `value` is no mode */
export function migrationMode(value: unknown, option: string): MigrationMode {
  const mode = MIGRATION_MODES.find((known) => known === value);
  if (mode !== undefined) return mode;
  throw new InvalidCacheOptionsError(
    option,
    value,
    `one of ${MIGRATION_MODES.join(', ')}`,
    `Begin with map-only, which is what the code did before.`,
  );
}

/** By how many steps a switch goes forward; less than 0 back. */
export function stepsBetween(from: MigrationMode, to: MigrationMode): number {
  return MIGRATION_MODES.indexOf(to) - MIGRATION_MODES.indexOf(from);
}
