import { DEFAULTS } from '../../libs/redis-cache/src/config/defaults.js';
import { PATIENCE } from '../integration/support/patience.js';

/** For modules of a guide that leave the times to the defaults: a busy machine is no outage. */
export function waitLongerByDefault(): void {
  Object.assign(DEFAULTS.timeouts, PATIENCE.timeouts);
  Object.assign(DEFAULTS.bus, PATIENCE.bus);
  Object.assign(DEFAULTS.persistence, { timeout: PATIENCE.timeouts.command });
}

/** The same at the beginning of a program of its own, which is run from the root of the repository. */
export const WAITING_LONGER = `require('./test/docs/patient-defaults.ts').waitLongerByDefault();\n`;
