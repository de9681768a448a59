/**
 * Whether the near tier may be trusted. While the bus is not proven alive, an eviction of another
 * process may have gone unnoticed, and reads go to Redis.
 */
export interface Coherence {
  readonly trusted: boolean;

  /** Whether all that the others had invalidated when this was called is known here by now. */
  upToDate(): Promise<boolean>;
}

/** Where there are no others to hear from: no Redis is configured. */
export const ALONE: Coherence = { trusted: true, upToDate: () => Promise.resolve(true) };

/** Where a bounded staleness was chosen instead of a bus: `coherence: 'ttl'`. */
export const BY_TTL: Coherence = { trusted: true, upToDate: () => Promise.resolve(false) };
