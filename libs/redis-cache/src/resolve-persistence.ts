import { DEFAULTS } from './config/defaults.js';
import { positiveMs } from './config/duration.js';
import { knownFields, wholeNumber } from './config/option-checks.js';
import { InvalidCacheOptionsError } from './errors/invalid-options.error.js';
import { PersistedCaches } from './persistence/persisted-caches.js';
import type { PersistentStore } from './persistence/persistent-store.interface.js';
import type { PersistenceOptions, RedisCacheModuleOptions } from './redis-cache.options.js';

/** The persistent store, and how it is used. */
export interface ResolvedPersistence {
  readonly store: PersistentStore;
  readonly caches: PersistedCaches;
  readonly timeoutMs: number;
  readonly failureThreshold: number;
}

/**
 * To be called with policies that are valid.
 *
 * @throws {InvalidCacheOptionsError} it cannot be used, or is missing where a cache needs it
 */
export function resolvePersistence({
  persistence,
  defaults = {},
  caches = {},
}: RedisCacheModuleOptions): ResolvedPersistence | undefined {
  if (persistence === false) return undefined;
  const persisted = new PersistedCaches(defaults, caches);
  if (persistence === undefined) {
    if (persisted.some(() => true)) throw storeMissing();
    return undefined;
  }
  knownFields(persistence, 'persistence', ['store', 'timeout', 'failures']);
  const { timeout, failures } = { ...DEFAULTS.persistence, ...stated(persistence) };
  return {
    store: persistentStore(persistence.store),
    caches: persisted,
    timeoutMs: positiveMs(timeout, 'persistence.timeout'),
    failureThreshold: wholeNumber(failures, 'persistence.failures', 1),
  };
}

function storeMissing(): InvalidCacheOptionsError {
  return new InvalidCacheOptionsError(
    'persistence',
    undefined,
    'a store, as a cache says persist',
    `Write for instance persistence: { store: new PostgresStore({ client: pool }) }, or false.`,
  );
}

const STORE_METHODS = [
  'open',
  'look',
  'put',
  'invalidate',
  'erase',
  'sweep',
  'close',
] satisfies (keyof PersistentStore)[];

function persistentStore(store: unknown): PersistentStore {
  const methods = (store ?? {}) as Partial<Record<keyof PersistentStore, unknown>>;
  if (STORE_METHODS.every((name) => typeof methods[name] === 'function')) {
    return store as PersistentStore;
  }
  throw new InvalidCacheOptionsError(
    'persistence.store',
    store,
    `an object with the methods ${STORE_METHODS.join(', ')}`,
    `Take a store of nestjs-redis-cache/persistence, or make a PersistentStore of your own.`,
  );
}

function stated({ timeout, failures }: PersistenceOptions): Partial<PersistenceOptions> {
  return { ...(timeout !== undefined && { timeout }), ...(failures !== undefined && { failures }) };
}
