/**
 * What a cache sends to Redis: commands, and scripts by their names.
 *
 * | sent by | as |
 * |---|---|
 * | a read | `get`, `stamp`, and on a miss `acquire` |
 * | the look at rollouts, every 5 s | `get` |
 * | storing a value | `fill`; `@CachePut` sends `claim` before it |
 * | a `set` | `store`; `claim` and `fill` where the cache has a persistent store |
 * | an eviction of one entry | `evict` |
 * | an eviction by tag, cache, tenant or all | `renew-stamp` |
 */
export type TestRedisCommand =
  | 'acquire'
  | 'check-access'
  | 'claim'
  | 'del'
  | 'discard'
  | 'evict'
  | 'exists'
  | 'fill'
  | 'get'
  | 'info'
  | 'owe'
  | 'ping'
  | 'pttl'
  | 'publish'
  | 'release'
  | 'renew'
  | 'renew-stamp'
  | 'replace'
  | 'scan'
  | 'set'
  | 'settle'
  | 'stamp'
  | 'store'
  | 'subscribe'
  | 'time'
  | 'unlink';
