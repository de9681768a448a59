import type { CacheScope } from '../config/cache-policy.js';
import { durationMs, type Duration } from '../config/duration.js';
import { knownFields, wholeNumber } from '../config/option-checks.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';

/** How many calls are allowed within how long. */
export interface RateLimit {
  /** Calls under limits of one name count together, whoever checks them. */
  name: string;
  /**
   * Calls allowed within any span of `window`: a whole number from 0, which allows none, to 10,000.
   * Each call within the window takes about 10 bytes of Redis.
   */
  limit: number;
  /** How long a call counts, 1 ms or more. The window slides: it has no fixed beginning. */
  window: Duration;
  /**
   * How long a call too many shuts its caller out, counted from that call. It lasts longer where the
   * window would allow no call by then. 0 shuts nobody out: a call is allowed as soon as another has
   * left the window.
   * @default 0
   */
  block?: Duration;
  /**
   * `'tenant'`: keys of each tenant count by themselves, and a call without a tenant is an error.
   * `'global'`: the keys of all count together.
   * @default 'tenant'
   */
  scope?: CacheScope;
}

/** What is counted by: a {@link RateLimit} without its name and scope. */
export interface LimitRule {
  readonly limit: number;
  readonly windowMs: number;
  readonly blockMs: number;
}

export interface ResolvedRateLimit extends LimitRule {
  readonly name: string;
  readonly scope: CacheScope;
}

const FIELDS = ['name', 'limit', 'window', 'block', 'scope'] satisfies (keyof RateLimit)[];

/** The calls within a window are kept one by one, and looked through by one script. */
const MAX_LIMIT = 10_000;

/**
 * A limit with its defaults filled in.
 *
 * @throws {InvalidCacheOptionsError} naming the field, what was received, what was expected
 */
export function resolveRateLimit(given: RateLimit): ResolvedRateLimit {
  knownFields(given, 'rate limit', FIELDS);
  const { name, limit, window, block = 0, scope = 'tenant' } = given;
  if (typeof name !== 'string' || name === '') {
    throw new InvalidCacheOptionsError(
      'name of a rate limit',
      name,
      'a text that is not empty',
      `Write for instance 'chat'.`,
    );
  }
  if (!['tenant', 'global'].includes(scope)) {
    throw new InvalidCacheOptionsError(
      `scope of the rate limit ${name}`,
      scope,
      `'tenant' or 'global'`,
      `Leave it out for 'tenant'.`,
    );
  }
  return { name, scope, ...limitRule(name, limit, window, block) };
}

/** @throws {InvalidCacheOptionsError} see {@link resolveRateLimit} */
export function limitRule(
  name: string,
  limit: number,
  window: Duration,
  block: Duration,
): LimitRule {
  wholeNumber(limit, `limit of the rate limit ${name}`, 0);
  if (limit > MAX_LIMIT) {
    throw new InvalidCacheOptionsError(
      `limit of the rate limit ${name}`,
      limit,
      `at most ${MAX_LIMIT}`,
      'Take a shorter window with a smaller limit.',
    );
  }
  const windowMs = durationMs(window, `window of the rate limit ${name}`);
  if (windowMs === 0) {
    throw new InvalidCacheOptionsError(
      `window of the rate limit ${name}`,
      window,
      'a duration of 1 ms or more',
      `Write for instance '1m'.`,
    );
  }
  return { limit, windowMs, blockMs: durationMs(block, `block of the rate limit ${name}`) };
}
