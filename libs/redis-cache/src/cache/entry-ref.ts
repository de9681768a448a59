/** Which entry is meant: everything that identifies it. */
export interface EntryRef {
  /** Its owner; null in the global scope. */
  readonly tenant: string | null;
  readonly cache: string;
  /** Shape version of its cache. */
  readonly version: number;
  /** The encoded key, as it stands in Redis. */
  readonly key: string;
  /** The whole Redis key. */
  readonly redisKey: string;
}
