/** Which keys of Redis are meant. */
export interface KeySelection {
  /** A glob of Redis for `SCAN`, which lets through all that are meant, and perhaps others. */
  readonly match: string;
  /** Whether just this key is meant. */
  takes(redisKey: string): boolean;
}
