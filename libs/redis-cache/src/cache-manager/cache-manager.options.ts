import type { ExecutionContext } from '@nestjs/common';
import { durationMs, type Duration } from '../config/duration.js';
import { knownFields } from '../config/option-checks.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';

/** Which responses `CacheInterceptor` shares where their key is only their URL. */
export interface CachedResponsesOptions {
  /**
   * Headers that say who sends a request. A response to one that has any of them is not cached, unless
   * `userOf` says whose it is. An empty list shares all responses within their tenant.
   * @default ['authorization', 'cookie']
   */
  credentialHeaders?: readonly string[];
  /**
   * The user of a request with such a header, who has cached responses of their own. Without one, if it
   * throws, or if it gives anything but a text or a number, the response is not cached.
   * @default none
   */
  userOf?: (context: ExecutionContext) => string | number | null | undefined;
}

/** Options of `CacheManagerModule`. */
export interface CacheManagerOptions {
  /** The name of the cache behind it; its policy stands in `caches` of the module. @default 'cache-manager' */
  cache?: string;
  /** How long what is set without a ttl is fresh. 0 does not expire. @default the cache's ttl */
  ttl?: Duration;
  /**
   * With less than this left of its ttl, `wrap` loads an entry anew behind its answer. 0 never does.
   * @default 0
   */
  refreshThreshold?: Duration;
  /** What `cacheId()` answers. @default the name of the cache */
  cacheId?: string;
  /** What `CacheInterceptor` may share. @default {} */
  responses?: CachedResponsesOptions;
}

/** The options with every default filled in. */
export interface ResolvedCacheManagerOptions {
  readonly cache: string;
  /** 0 does not expire. */
  readonly ttlMs: number | undefined;
  readonly refreshThresholdMs: number;
  readonly cacheId: string;
  readonly responses: {
    readonly credentialHeaders: readonly string[];
    readonly userOf: CachedResponsesOptions['userOf'];
  };
}

/** Token of {@link ResolvedCacheManagerOptions}. */
export const CACHE_MANAGER_OPTIONS = Symbol.for('nestjs-redis-cache.cache-manager-options');

const PLACE = 'options of CacheManagerModule';

const FIELDS = [
  'cache',
  'ttl',
  'refreshThreshold',
  'cacheId',
  'responses',
] satisfies (keyof CacheManagerOptions)[];

const RESPONSES_FIELDS = ['credentialHeaders', 'userOf'] satisfies (keyof CachedResponsesOptions)[];

/** What `CacheModule` takes beside, and what says it here. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  stores: 'Leave it out: the tiers of RedisCacheModule are the store.',
  namespace: 'Leave it out, or name another cache: a cache has its keys to itself.',
  nonBlocking: 'Leave it out: no call waits for Redis longer than timeouts.command.',
  refreshAllStores: 'Leave it out: there is one store.',
};

/** @throws {InvalidCacheOptionsError} naming option, received value, expectation and remedy */
export function resolveCacheManagerOptions(
  options: CacheManagerOptions,
): ResolvedCacheManagerOptions {
  for (const [field, remedy] of Object.entries(ELSEWHERE)) {
    if (Object.hasOwn(options, field)) {
      throw new InvalidCacheOptionsError(`${field} of CacheManagerModule`, true, 'none', remedy);
    }
  }
  knownFields(options, PLACE, FIELDS);
  const { cache = 'cache-manager', ttl, refreshThreshold = 0, responses = {} } = options;
  return {
    cache,
    ttlMs: ttl === undefined ? undefined : durationMs(ttl, 'ttl of CacheManagerModule'),
    refreshThresholdMs: durationMs(refreshThreshold, 'refreshThreshold of CacheManagerModule'),
    cacheId: options.cacheId ?? cache,
    responses: resolveResponses(responses),
  };
}

function resolveResponses(
  responses: CachedResponsesOptions,
): ResolvedCacheManagerOptions['responses'] {
  const place = 'responses of CacheManagerModule';
  knownFields(responses, place, RESPONSES_FIELDS);
  const { credentialHeaders = ['authorization', 'cookie'], userOf } = responses;
  if (!Array.isArray(credentialHeaders) || !credentialHeaders.every(isHeaderName)) {
    throw new InvalidCacheOptionsError(
      `${place}.credentialHeaders`,
      credentialHeaders,
      'an array of names of headers',
      `Write for instance ['authorization', 'x-api-key'], or [] to share all responses.`,
    );
  }
  if (userOf !== undefined && typeof userOf !== 'function') {
    throw new InvalidCacheOptionsError(
      `${place}.userOf`,
      userOf,
      'a function of the execution context',
      `Write for instance (context) => context.switchToHttp().getRequest().user?.id.`,
    );
  }
  return { credentialHeaders: credentialHeaders.map((name: string) => name.toLowerCase()), userOf };
}

function isHeaderName(name: unknown): name is string {
  return typeof name === 'string' && name !== '';
}
