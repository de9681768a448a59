import type { SweepProgress } from '../stores/far-store.interface.js';

/** Which of its two walks a sweep is on: first the leases, then the rest, which are entries and stamps. */
export type SweepStep = 'leases' | 'rest';

/** How far the purge of a tenant has come. Counts are of both walks together. */
export interface PurgeProgress extends SweepProgress {
  readonly tenant: string;
  readonly step: SweepStep;
}
