import type { CachePolicy, CacheScope } from '../config/cache-policy.js';
import type { Duration } from '../config/duration.js';
import type { CacheKey } from '../keys/arguments.js';

/** What all caching decorators may say. The functions are called with the method's arguments. */
export interface CachedMethodOptions {
  /**
   * Makes the key from the arguments; an array is several parts.
   * @default all arguments
   */
  key?: (...args: never[]) => CacheKey;
  /** False, or anything falsy, leaves the cache out of this call. @default always true */
  condition?: (...args: never[]) => boolean;
  /**
   * The tenant of this call, where it stands in the arguments instead of the context.
   * @default the tenant of the context
   */
  tenant?: (...args: never[]) => string;
}

/** Tags: always the same, or by the method's arguments. */
export type Tags = readonly string[] | ((...args: never[]) => readonly string[]);

/** How one cached method or put states its policy: as everywhere, or a ttl by the result. */
export interface MethodPolicy extends Omit<CachePolicy, 'ttl' | 'persist' | 'enabled' | 'rollout'> {
  /**
   * How long the entry is fresh, or a function of the result and the arguments that says so.
   * 0 stores nothing.
   */
  ttl?: Duration | ((result: never, ...args: never[]) => Duration);
  /** True keeps this result from being stored; called with the result, then the arguments. */
  unless?: (result: never, ...args: never[]) => boolean;
  /** Tags of the entry, known from the arguments; they belong to its tenant. @default none */
  tags?: Tags;
  /**
   * Tags that only the result names; called with the result, then the arguments. A result is not
   * stored if one of them is invalidated while the method runs.
   * @default none
   */
  resultTags?: (result: never, ...args: never[]) => readonly string[];
}

/** Options of `@Cacheable`. */
export interface CacheableOptions extends CachedMethodOptions, MethodPolicy {}

/** Options of `@CachePut`. */
export interface CachePutOptions extends CachedMethodOptions, MethodPolicy {
  /**
   * Makes the key from the result, then the arguments: for entries whose id the method assigns.
   * Excludes `key`.
   */
  resultKey?: (result: never, ...args: never[]) => CacheKey;
  /**
   * Within a transaction (see `transaction.current` of the module), store nothing, as the result is
   * not committed yet: evict the entry once it is, and not at all after a rollback. False stores the
   * result at once, as where there is no transaction.
   * @default true
   */
  afterCommit?: boolean;
}

/** Options of `@CacheEvict`. */
export interface CacheEvictOptions
  extends CachedMethodOptions, Pick<CachePolicy, 'scope' | 'version'> {
  /**
   * Evict all entries of the cache that the tenant has, however many, by one command. Excludes `key`
   * and `resultKey`.
   * @default false
   */
  allEntries?: boolean;
  /** Makes the key from the result, then the arguments. Excludes `key`. */
  resultKey?: (result: never, ...args: never[]) => CacheKey;
  /** True keeps the entry; called with the result, then the arguments. */
  unless?: (result: never, ...args: never[]) => boolean;
  /**
   * Evict before the method runs, and again after it, whether it succeeded or not: a reader in
   * between may have stored the earlier value anew. Excludes `resultKey` and `unless`.
   * @default false: only after the method has succeeded
   */
  beforeInvocation?: boolean;
  /**
   * Within a transaction (see `transaction.current` of the module), evict once it has committed, and
   * not at all after a rollback. False evicts at once, as where there is no transaction.
   * @default true
   */
  afterCommit?: boolean;
}

/** Options of `@CacheEvict` without a cache: what has a tag, in all caches of the tenant. */
export interface TagEvictOptions extends Omit<CachedMethodOptions, 'key'> {
  /** Tags known from the arguments. */
  tags?: Tags;
  /** Tags that only the result names; called with the result, then the arguments. */
  resultTags?: (result: never, ...args: never[]) => readonly string[];
  /** `'global'`: entries of the global caches instead of the tenant's. @default 'tenant' */
  scope?: CacheScope;
  /** True keeps the entries; called with the result, then the arguments. */
  unless?: (result: never, ...args: never[]) => boolean;
  /**
   * Evict before the method runs, and again after it, whether it succeeded or not. Excludes
   * `resultTags` and `unless`.
   * @default false: only after the method has succeeded
   */
  beforeInvocation?: boolean;
  /**
   * Within a transaction (see `transaction.current` of the module), evict once it has committed, and
   * not at all after a rollback. False evicts at once, as where there is no transaction.
   * @default true
   */
  afterCommit?: boolean;
}

/** Whether a method answers with a Promise or with an Observable. */
export type ResultKind = 'promise' | 'observable';

interface Definition<Kind extends string, Options> {
  readonly kind: Kind;
  /** Undefined names it after the class and the method. */
  readonly cache: string | undefined;
  readonly options: Options;
  readonly property: string | symbol;
  /** Name of the class whose body it stands in. */
  readonly declaredBy: string;
  /** Prototype of that class: others may have its name. */
  readonly declaredIn: object;
  /** For errors, e.g. `@Cacheable on LeadService.byPhone`. */
  readonly place: string;
  readonly result: ResultKind;
}

export type CacheableDefinition = Definition<'cacheable', CacheableOptions>;
export type CachePutDefinition = Definition<'put', CachePutOptions>;
export type CacheEvictDefinition = Definition<'evict', CacheEvictOptions>;
export type TagEvictDefinition = Definition<'evict-tags', TagEvictOptions>;

/** What one decorator said about one method. */
export type CachedMethodDefinition =
  CacheableDefinition | CachePutDefinition | CacheEvictDefinition | TagEvictDefinition;
