// @ts-check
import { duration, latency, percent } from './format.js';

/** @import { Alert } from '../../cache/alert.js' */

/** @param {Alert} alert @returns {string} what was measured */
export function measuredIn({ kind, cache, value }) {
  const of = cache === undefined ? '' : ` of ${cache}`;
  switch (kind) {
    case 'hitRate':
      return `Hit rate${of} is ${percent(value)}`;
    case 'latency':
      return `Calls${of} take ${latency(value)} in the mean`;
    case 'errors':
      return `${percent(value)} of the work${of} fails`;
    case 'disconnected':
      return `Redis is away for ${duration(value)}`;
  }
}

/** @param {Alert} alert @returns {string} which level it has passed */
export function limitIn({ kind, threshold }) {
  switch (kind) {
    case 'hitRate':
      return `Alert below ${percent(threshold)}.`;
    case 'latency':
      return `Alert above ${latency(threshold)}.`;
    case 'errors':
      return `Alert above ${percent(threshold)}.`;
    case 'disconnected':
      return `Alert after ${duration(threshold)}.`;
  }
}
