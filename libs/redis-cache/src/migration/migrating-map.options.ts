import { isDeepStrictEqual } from 'node:util';
import { durationMs, type Duration } from '../config/duration.js';
import { knownFields } from '../config/option-checks.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import type { CacheKey } from '../keys/arguments.js';
import type { MapSource } from './map-source.interface.js';
import {
  migrationMode,
  modeOfEnvironment,
  type Environment,
  type MigrationMode,
} from './migration-mode.js';

/** Where the cache keeps what the Map has under a key. */
export interface EntryAddress {
  /** Whose it is. Left out where the cache is global, and only there. */
  tenant?: string;
  /** Its key in the cache. */
  key: CacheKey;
}

/** Options of `MigratingMap`. */
export interface MigratingMapOptions<K, V> {
  /** The cache that takes the Map's place, e.g. `lead.byPhone`. Its policy is said in the module. */
  cache: string;
  /**
   * Where the cache keeps what the Map has under a key. Different keys need different addresses. The
   * tenant comes from the key alone and never from the context: a Map that several tenants share
   * would hand one the entry of another.
   */
  entry: (key: K) => EntryAddress;
  /**
   * The mode to begin in, unless `CACHE_MIGRATION_` and the name of the cache in capitals sets one in
   * the environment: `CACHE_MIGRATION_LEAD_BYPHONE=shadow`.
   * @default 'map-only'
   */
  mode?: MigrationMode;
  /**
   * How long an entry lives in the cache, which in a Map is for ever: a span, or a function of value
   * and key that says what is left. 0 is an entry whose life is over: it is not moved, and `drain`
   * removes it.
   * @default the cache's ttl
   */
  ttl?: Duration | ((value: V, key: K) => Duration);
  /** Whether what the cache has is what the Map has. @default isDeepStrictEqual of node:util */
  equals?: (inCache: V, inMap: V) => boolean;
  /** Where the variables are looked up. @default process.env */
  environment?: Environment;
}

/** The options with every default filled in. */
export interface ResolvedMapOptions<K, V> {
  readonly cache: string;
  readonly entry: (key: K) => EntryAddress;
  readonly mode: MigrationMode;
  /** Undefined where the cache's own is taken. */
  readonly ttlMs: ((value: V, key: K) => number) | undefined;
  readonly equals: (inCache: V, inMap: V) => boolean;
}

const FIELDS = [
  'cache',
  'entry',
  'mode',
  'ttl',
  'equals',
  'environment',
] satisfies (keyof MigratingMapOptions<unknown, unknown>)[];

/** @throws {InvalidCacheOptionsError} naming option, received value, expectation and remedy */
export function resolveMapOptions<K, V>(
  options: MigratingMapOptions<K, V>,
): ResolvedMapOptions<K, V> {
  knownFields(options, 'options of MigratingMap', FIELDS);
  const { cache, entry, mode = 'map-only', equals = isDeepStrictEqual } = options;
  const place = `of the MigratingMap '${cache}'`;
  callable(entry, `entry ${place}`, `(key) => ({ tenant: key.organizationId, key: key.phone })`);
  callable(equals, `equals ${place}`, `(inCache, inMap) => inCache.version === inMap.version`);
  const { environment = process.env } = options;
  return {
    cache,
    entry,
    mode: modeOfEnvironment(cache, environment) ?? migrationMode(mode, `mode ${place}`),
    ttlMs: ttlOf(options.ttl, `ttl ${place}`),
    equals,
  };
}

/** @throws {InvalidCacheOptionsError} what is in the Map would not be seen */
export function assertFits<K, V>(
  { cache, mode }: ResolvedMapOptions<K, V>,
  { size }: MapSource<K, V>,
): void {
  if (mode !== 'cache-only' || size === undefined || size === 0) return;
  throw new InvalidCacheOptionsError(
    `mode of the MigratingMap '${cache}'`,
    mode,
    `cache-first, as there are ${size} entries in the Map`,
    `Call drain() in cache-first until nothing is left.`,
  );
}

function ttlOf<K, V>(
  ttl: MigratingMapOptions<K, V>['ttl'],
  option: string,
): ResolvedMapOptions<K, V>['ttlMs'] {
  if (typeof ttl === 'function') return (value, key) => durationMs(ttl(value, key), option);
  if (ttl === undefined) return undefined;
  const ms = durationMs(ttl, option);
  return () => ms;
}

function callable(value: unknown, option: string, example: string): void {
  if (typeof value === 'function') return;
  throw new InvalidCacheOptionsError(option, value, 'a function', `Write for instance ${example}.`);
}
