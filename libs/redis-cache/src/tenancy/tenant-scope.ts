import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * What the tenant context holds. A scope may be opened before the tenant is known (by the
 * middleware) and filled in later (by a guard); `null` says that there is none on purpose, as in a
 * load of a global cache.
 */
export interface TenantScope {
  tenant: string | null | undefined;
  /** The loads this code runs inside of, innermost first. */
  readonly loading?: LoadChain;
}

/** Entries being loaded, each by the one after it. */
export interface LoadChain {
  readonly redisKey: string;
  readonly outer: LoadChain | undefined;
}

const KEY = Symbol.for('nestjs-redis-cache.tenant-scope');

/**
 * The context lives under a registered symbol on `globalThis`, so that two copies of the package in
 * one process (a bundle, CommonJS beside ESM) see the same tenant.
 */
export function tenantStorage(): AsyncLocalStorage<TenantScope> {
  const registry = globalThis as unknown as Record<
    symbol,
    AsyncLocalStorage<TenantScope> | undefined
  >;
  return (registry[KEY] ??= new AsyncLocalStorage<TenantScope>());
}
