/** What a matcher comes to, as Jest and Vitest take it. */
export interface CacheVerdict {
  readonly pass: boolean;
  /** Why it failed; of one that passed, why its opposite would. */
  readonly message: () => string;
}
