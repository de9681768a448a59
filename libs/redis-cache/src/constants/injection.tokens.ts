// Registered symbols: two copies of the package in one process (CommonJS beside ESM) share them.
// Nest shows the names of those that it does not find, so they say what is to be imported.

/** Options with every default filled in and validated. */
export const RESOLVED_OPTIONS = Symbol.for('nestjs-redis-cache.resolved-options');

/** What the options say of warming. */
export const WARMING_OPTIONS = Symbol.for('nestjs-redis-cache.warming-options');

/** What the options say of alerts. */
export const ALERT_OPTIONS = Symbol.for('nestjs-redis-cache.alert-options');

/** Clock, chance and Redis of one application; `TestCache` of `nestjs-redis-cache/testing` takes their place. */
export const CACHE_SURROUNDINGS = Symbol.for('nestjs-redis-cache.surroundings');

/** The connection to Redis, or null where none is configured. */
export const REDIS_CONNECTION = Symbol.for('nestjs-redis-cache.connection of RedisCacheModule');

/** The ioredis client, or null where none is configured. See `InjectRedis`. */
export const REDIS_CLIENT = Symbol.for('nestjs-redis-cache.redis-client of RedisCacheModule');

/** What all caches of one application share. */
export const CACHE_RUNTIME = Symbol.for('nestjs-redis-cache.runtime of RedisCacheModule');

/** What the decorated methods of one application call. */
export const CACHE_OPERATIONS = Symbol.for(
  'nestjs-redis-cache.operations of RedisCacheModule, or in a test of RedisCacheTestingModule',
);

/** Token of one named cache. See `InjectCache`. */
export function cacheToken(name: string): symbol {
  return Symbol.for(`nestjs-redis-cache.cache of RedisCacheModule.forFeature('${name}')`);
}
