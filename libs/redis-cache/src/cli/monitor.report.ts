import type { Rates } from './rates.js';
import type { Sighting } from './sighting.js';

/** One look, and what has changed since the one before. */
export interface MonitorReport extends Sighting {
  readonly redis: string;
  readonly at: string;
  /** Null at the first look. */
  readonly rates: Rates | null;
  /** Why the last look failed; what stands beside it is older then. */
  readonly problem: string | null;
}
