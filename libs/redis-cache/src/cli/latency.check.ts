import { DEFAULTS } from '../config/defaults.js';
import { durationMs } from '../config/duration.js';
import { span } from './figures.js';
import { foundBy, type Check } from './finding.js';
import { latencyOf } from './latency.js';

const found = foundBy('latency');
const SAMPLES = 200;
const LIMIT_MS = durationMs(DEFAULTS.timeouts.command, 'timeouts.command');
/** A call that is not answered from memory makes a few of them, one after the other. */
const SLOW_MS = LIMIT_MS / 5;

/** How long Redis takes, against what it may take of a call. */
export const checkLatency: Check = async ({ session }) => {
  const { p50Ms, p99Ms } = await latencyOf(session, SAMPLES);
  const text = `${span(p50Ms)} in the middle, ${span(p99Ms)} for 99 of 100`;
  if (p99Ms >= LIMIT_MS) {
    return [
      found(
        'error',
        `${text}: longer than timeouts.command (${span(LIMIT_MS)}), so that calls go on without Redis`,
        'Bring Redis closer (same zone), find what blocks it (SLOWLOG GET), or raise timeouts.command.',
      ),
    ];
  }
  if (p99Ms >= SLOW_MS) {
    return [
      found(
        'warning',
        text,
        'Bring Redis closer (same zone), or find what blocks it: SLOWLOG GET.',
      ),
    ];
  }
  return [found('ok', text)];
};
