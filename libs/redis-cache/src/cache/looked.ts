/** A look-up without a load. */
export type Looked =
  /** A fresh value, and what is left of its ttl. */
  | { readonly kind: 'hit'; readonly value: unknown; readonly ttlLeftMs: number }
  | { readonly kind: 'miss' };

export const MISS: Looked = { kind: 'miss' };

export function hitOf(value: unknown, ttlLeftMs: number): Looked {
  return { kind: 'hit', value, ttlLeftMs };
}
