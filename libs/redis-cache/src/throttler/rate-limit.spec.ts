import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { RATE_LIMITS } from './rate-limit.presets.js';
import { resolveRateLimit, type RateLimit } from './rate-limit.js';
import { resolveRateLimitOptions } from './rate-limit.options.js';

const CHAT: RateLimit = { name: 'chat', limit: 20, window: '1m' };

describe('resolveRateLimit', () => {
  it('fills in what is not given', () => {
    expect(resolveRateLimit(CHAT)).toEqual({
      name: 'chat',
      limit: 20,
      windowMs: 60_000,
      blockMs: 0,
      scope: 'tenant',
    });
  });

  it.each<[string, object]>([
    ['name of a rate limit', { name: '' }],
    ['limit of the rate limit chat', { limit: -1 }],
    ['limit of the rate limit chat', { limit: 2.5 }],
    ['limit of the rate limit chat', { limit: '20' }],
    ['limit of the rate limit chat', { limit: 10_001 }],
    ['window of the rate limit chat', { window: 0 }],
    ['window of the rate limit chat', { window: 'soon' }],
    ['block of the rate limit chat', { block: -1 }],
    ['scope of the rate limit chat', { scope: 'all' }],
    ['rate limit.ttl', { ttl: '1m' }],
  ])('refuses a %s that cannot be used: %p', (option, change) => {
    const resolve = () => resolveRateLimit({ ...CHAT, ...change });
    expect(resolve).toThrow(InvalidCacheOptionsError);
    expect(resolve).toThrow(expect.objectContaining({ option }));
  });

  it('takes the limits that are given with the library', () => {
    expect(Object.values(RATE_LIMITS).map(resolveRateLimit)).toEqual([
      { name: 'chat', limit: 20, windowMs: 60_000, blockMs: 0, scope: 'tenant' },
      { name: 'auth', limit: 5, windowMs: 900_000, blockMs: 900_000, scope: 'global' },
      { name: 'upload', limit: 5, windowMs: 60_000, blockMs: 0, scope: 'tenant' },
      { name: 'search', limit: 30, windowMs: 60_000, blockMs: 0, scope: 'tenant' },
    ]);
  });
});

describe('resolveRateLimitOptions', () => {
  it.each<[string, object]>([
    ['maxCalls of RateLimitModule', { maxCalls: 99 }],
    ['options of RateLimitModule.maxKeys', { maxKeys: 1 }],
  ])('refuses %s', (option, options) => {
    expect(() => resolveRateLimitOptions(options)).toThrow(expect.objectContaining({ option }));
  });
});
