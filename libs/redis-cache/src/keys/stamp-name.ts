/** The key of a stamp that `KeySpace` has made, taken apart. */
export interface NamedStamp {
  /** What all names begin with that are of the same tenant. */
  readonly opening: string;
  readonly ofTag: boolean;
}

/** Undefined for the key of an entry, and for the stamps that have no cache or tag: a tenant's, of all. */
export function readStampName(redisKey: string): NamedStamp | undefined {
  const behind = redisKey.indexOf('/') + 1;
  if (behind === 0 || !redisKey.endsWith('}:stamp')) return undefined;
  return { opening: redisKey.slice(0, behind), ofTag: redisKey[behind] === '#' };
}
