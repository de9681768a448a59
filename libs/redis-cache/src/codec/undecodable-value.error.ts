/**
 * A stored payload that cannot be turned back into a value. Internal: it makes the read a miss and
 * never reaches a caller of the cache.
 */
export class UndecodableValueError extends Error {
  override readonly name = 'UndecodableValueError';
}
