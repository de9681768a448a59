/**
 * Whether the near tier may be trusted. While the bus is not proven alive, an eviction of another
 * process may have gone unnoticed, and reads go to Redis.
 */
export interface Coherence {
  readonly trusted: boolean;
}

/** Where there is nobody to hear from (no Redis), or a bounded staleness was chosen instead. */
export const ALWAYS_TRUSTED: Coherence = { trusted: true };
