import type { RateLimit } from './rate-limit.js';

/** Limits that many applications want, to be used as they are or as a beginning of their own. */
export const RATE_LIMITS = {
  /** Messages of one who talks. */
  chat: { name: 'chat', limit: 20, window: '1m' },
  /** Attempts to prove who one is. One too many shuts out. Global: the tenant is not known yet. */
  auth: { name: 'auth', limit: 5, window: '15m', block: '15m', scope: 'global' },
  /** Files, imports and the like, which are work to take in. */
  upload: { name: 'upload', limit: 5, window: '1m' },
  /** Queries that a cache cannot answer. */
  search: { name: 'search', limit: 30, window: '1m' },
} as const satisfies Record<string, RateLimit>;
