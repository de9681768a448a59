import type { Answered } from '../cache/call-log.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';

/** Value of `X-Cache-Status`. */
export type CacheStatus = 'HIT' | 'MISS' | 'STALE' | 'BYPASS';

const STATUS: Readonly<Record<Answered['status'], CacheStatus>> = {
  hit: 'HIT',
  miss: 'MISS',
  stale: 'STALE',
  bypass: 'BYPASS',
};

/** Structured field values, RFC 9651: what a token is, and what a string may hold. */
const TOKEN = /^[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*$/;
const STRING = /^[\x20-\x7e]+$/;

export function xCacheStatus({ status }: Answered): CacheStatus {
  return STATUS[status];
}

/**
 * A member of the list in the header `Cache-Status`, RFC 9211.
 *
 * @param cache what {@link cacheIdentifier} gave
 */
export function cacheStatus(cache: string, answered: Answered): string {
  return [cache, ...parameters(answered)].join('; ');
}

function parameters(answered: Answered): string[] {
  switch (answered.status) {
    case 'hit':
      return ['hit', `detail=${answered.tier}`];
    case 'stale':
      return ['hit', `ttl=${Math.min(-1, -Math.floor(answered.expiredForMs / 1_000))}`];
    case 'miss': {
      const { reason, collapsed } = answered;
      const hadOne = reason === 'expired' || reason === 'outdated';
      return [
        `fwd=${hadOne ? 'stale' : 'miss'}`,
        ...(collapsed ? ['collapsed'] : []),
        ...(reason === undefined ? [] : [`detail=${reason}`]),
      ];
    }
    case 'bypass':
      return ['fwd=bypass', `detail=${answered.reason}`];
  }
}

/**
 * The name of a cache as it stands in `Cache-Status`.
 *
 * @throws {InvalidCacheOptionsError} it is empty, or has characters beyond printable ASCII
 */
export function cacheIdentifier(name: string): string {
  if (typeof name !== 'string' || !STRING.test(name)) {
    throw new InvalidCacheOptionsError(
      'name of cacheStatusInterceptor',
      name,
      'printable ASCII characters',
      `Write for instance 'crm'.`,
    );
  }
  return TOKEN.test(name) ? name : `"${name.replaceAll(/["\\]/g, '\\$&')}"`;
}
