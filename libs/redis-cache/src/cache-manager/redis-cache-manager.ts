import type { EventEmitter } from 'node:events';
import { Logger } from '@nestjs/common';
import { Keyv } from 'keyv';
import type { CacheService } from '../cache/cache.service.js';
import type { Cache } from '../cache/cache.js';
import { UncacheableValueError } from '../errors/uncacheable-value.error.js';
import type { ResolvedCacheManagerOptions } from './cache-manager.options.js';
import { ManagerEmitter } from './manager-emitter.js';
import type { ManagerEntry, ManagerEvent, ManagerListener } from './manager-events.js';
import { ManagerStore } from './manager-store.js';
import { expiresAtMs, ttlOf } from './manager-ttl.js';
import {
  readWrapOptions,
  valueOf,
  type OfValue,
  type RawValue,
  type WrapOptions,
} from './wrap-options.js';

/**
 * The `Cache` of cache-manager on a cache of ours: for the tenant of the context, over near tier and
 * Redis. Calls do not fail because of Redis; without a tenant they reject with `TenantMissingError`.
 */
export class RedisCacheManager {
  /** A Keyv on the same entries, for code that asks for it. */
  readonly stores: Keyv[];
  private readonly cache: Cache;
  private readonly logger = new Logger('CacheManager');
  private readonly events = new ManagerEmitter(this.logger);
  private hasWarned = false;

  constructor(
    private readonly caches: CacheService,
    private readonly options: ResolvedCacheManagerOptions,
  ) {
    this.cache = caches.cache(options.cache);
    const store = new ManagerStore(caches, { cache: options.cache });
    const plain = { serialize: undefined, deserialize: undefined, namespace: undefined };
    this.stores = [new Keyv({ store, ttl: options.ttlMs, ...plain })];
  }

  /** The value under `key`; undefined if there is none. */
  async get<T>(key: string): Promise<T | undefined> {
    const value = await this.events.attempt('get', { key }, () => this.cache.get(key));
    this.events.tell('get', { key, value });
    return value as T | undefined;
  }

  /** The values of several keys, in their order; undefined where there is none. */
  async mget<T>(keys: string[]): Promise<(T | undefined)[]> {
    const values = await this.events.attempt('mget', { keys }, () => this.cache.mget(keys));
    this.events.tell('mget', { keys, values });
    return values as (T | undefined)[];
  }

  /** When the entry expires, in milliseconds since 1970; undefined if there is none. */
  async ttl(key: string): Promise<number | undefined> {
    const found = await this.events.attempt('ttl', { key }, () => this.cache.getWithTtl(key));
    const value = found && expiresAtMs(found);
    this.events.tell('ttl', { key, value });
    return value;
  }

  /**
   * Stores a value; undefined, which cache-manager takes for a miss, removes the earlier one. So does a
   * value that cannot be carried exactly, with a warning: a class instance without `type`, say.
   *
   * @param ttl in milliseconds; 0 does not expire @default `ttl` of the options, then of the cache
   */
  async set<T>(key: string, value: T, ttl?: number): Promise<T> {
    await this.events.attempt('set', { key, value }, () => this.store(key, value, ttl));
    this.events.tell('set', { key, value });
    return value;
  }

  /** Stores several values, each as {@link set} does. */
  async mset<T>(entries: ManagerEntry<T>[]): Promise<ManagerEntry<T>[]> {
    const { ttlMs } = this.options;
    const list = entries.map(({ key, value, ttl }) => ({ key, value, ttl: ttl ?? ttlMs }));
    await this.events.attempt('mset', { list }, () =>
      Promise.all(list.map(({ key, value, ttl }) => this.store(key, value, ttl))),
    );
    this.events.tell('mset', { list });
    return list;
  }

  /** Evicts an entry. @returns true, whether it was there or not */
  async del(key: string): Promise<boolean> {
    await this.events.attempt('del', { key }, () => this.cache.del(key));
    this.events.tell('del', { key });
    return true;
  }

  /** Evicts several entries. @returns true, whether they were there or not */
  async mdel(keys: string[]): Promise<boolean> {
    await this.events.attempt('mdel', { keys }, () => this.cache.mdel(keys));
    this.events.tell('mdel', { keys });
    return true;
  }

  /** Evicts all that the tenant has in the cache, and nothing of another one. @returns true */
  async clear(): Promise<boolean> {
    try {
      await this.cache.flush();
    } catch (error) {
      this.events.tell('clear', error);
      throw error;
    }
    this.events.tell('clear');
    return true;
  }

  /**
   * The value under `key`, loaded and stored if it is not there, once for all who ask, in all processes.
   * `undefined` is not stored.
   *
   * @throws whatever `load` throws, unchanged
   */
  wrap<T>(
    key: string,
    load: () => T | Promise<T>,
    ttl?: OfValue<T, number>,
    refreshThreshold?: OfValue<T, number>,
  ): Promise<T>;
  wrap<T>(
    key: string,
    load: () => T | Promise<T>,
    options: WrapOptions<T> & { raw: true },
  ): Promise<RawValue<T>>;
  wrap<T>(key: string, load: () => T | Promise<T>, options: WrapOptions<T>): Promise<T>;
  async wrap<T>(
    key: string,
    load: () => T | Promise<T>,
    ttlOrOptions?: OfValue<T, number> | WrapOptions<T>,
    refreshThreshold?: OfValue<T, number>,
  ): Promise<T | RawValue<T>> {
    const said = readWrapOptions(ttlOrOptions, refreshThreshold);
    if (said.raw !== true) return this.wrapped(key, load, said);
    const tenant = this.tenantHere();
    const value = await this.wrapped(key, load, said);
    const found = await this.cacheOf(tenant).getWithTtl(key);
    return { value, expires: found && expiresAtMs(found) };
  }

  /** Calls `listener` at every `event`, of all tenants. One that throws disturbs nothing. */
  on(event: ManagerEvent, listener: ManagerListener): EventEmitter {
    return this.events.on(event, listener);
  }

  off(event: ManagerEvent, listener: ManagerListener): EventEmitter {
    return this.events.off(event, listener);
  }

  /** Nothing: the connection is the module's, and closed with the application. */
  disconnect(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  cacheId(): string {
    return this.options.cacheId;
  }

  private async wrapped<T>(
    key: string,
    load: () => T | Promise<T>,
    { ttl, refreshThreshold }: WrapOptions<T>,
  ): Promise<T> {
    const { ttlMs, refreshThresholdMs } = this.options;
    const threshold = refreshThreshold ?? refreshThresholdMs;
    const fixedTtl = typeof ttl === 'function' ? undefined : ttlOf(ttl ?? ttlMs);
    const seen: { held?: { readonly value: T }; isLoaded?: boolean } = {};
    const value = await this.cache.wrap(
      key,
      async () => {
        const { held } = seen;
        try {
          const loaded = await load();
          seen.isLoaded = true;
          if (held) this.events.tell('refresh', { key, value: loaded });
          return loaded;
        } catch (error) {
          if (held) this.events.tell('refresh', { key, value: held.value, error });
          throw error;
        }
      },
      {
        ttl: (loaded: T) => (typeof ttl === 'function' ? ttlOf(ttl(loaded) ?? ttlMs) : fixedTtl),
        unless: (loaded) => loaded === undefined,
        refreshWithin:
          threshold === 0
            ? undefined
            : (held: T) => {
                seen.held = { value: held };
                return valueOf(threshold, held) ?? refreshThresholdMs;
              },
      },
    );
    if (seen.isLoaded && !seen.held) this.events.tell('set', { key, value });
    return value;
  }

  private async store(key: string, value: unknown, ttl: number | undefined): Promise<void> {
    const tenant = this.tenantHere();
    try {
      const duration = value === undefined ? 0 : ttlOf(ttl ?? this.options.ttlMs);
      await this.cache.set(key, value, { ttl: duration });
    } catch (error) {
      if (!(error instanceof UncacheableValueError)) throw error;
      this.warnOnce(error);
      await this.cacheOf(tenant).del(key);
    }
  }

  /** For {@link cacheOf}: by the time that a call has waited, its scope may have another tenant. */
  private tenantHere(): string | undefined {
    return this.cache.scope === 'global' ? undefined : this.caches.currentTenant();
  }

  private cacheOf(tenant: string | undefined): Cache {
    return tenant === undefined ? this.cache : this.caches.forTenant(tenant).cache(this.cache.name);
  }

  private warnOnce({ message }: UncacheableValueError): void {
    if (this.hasWarned) return;
    this.hasWarned = true;
    this.logger.warn(`A value of the cache '${this.cache.name}' was not stored. ${message}`);
  }
}
