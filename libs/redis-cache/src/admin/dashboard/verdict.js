// @ts-check
import { limitIn, measuredIn } from './alert-text.js';
import { count, latency, percent } from './format.js';
import { share } from './figures.js';

/** @import { AdminHealth, OperatorFigures } from '../admin.contract.js' */
/** @import { CacheFigures, CacheStatistics } from '../../cache/cache-statistics.js' */
/** @import { Alert } from '../../cache/alert.js' */
/** @import { PageState } from './store.js' */

/**
 * - `waiting`: nothing is known yet
 * - `well`, `notice` (of interest), `trouble` (act soon), `outage` (act now)
 * - `blind`: the page does not hear the server, so what it shows may be over
 *
 * @typedef {'waiting' | 'well' | 'notice' | 'trouble' | 'outage' | 'blind'} Level
 */

/**
 * How the cache is, in one line and one sentence.
 *
 * @typedef {object} Verdict
 * @property {Level} level
 * @property {string} title
 * @property {string} detail
 * @property {number | undefined} [sinceMs]
 */

/** Shares of errors are spoken of from here on, and no sooner than there are so many. */
const MANY_ERRORS = 0.05;
const MIN_SAMPLE = 20;

const WITHOUT_REDIS = 'Calls are answered from this process, or as without a cache.';

/** @param {PageState} state @returns {Verdict} what matters most */
export function verdictOf({ link, session, figures, own }) {
  if (link.kind === 'lost') return blind(link.reason, (figures ?? own) !== undefined);
  if (session && figures) return ofOperator(figures);
  if (session && own) return ofTenant(own.mode);
  return { level: 'waiting', title: 'Connecting', detail: 'Waiting for the first figures.' };
}

/** @param {string} reason @param {boolean} hasFigures @returns {Verdict} */
function blind(reason, hasFigures) {
  const below = hasFigures ? ' All figures below are old.' : '';
  return {
    level: 'blind',
    title: 'Not connected',
    detail: `${reason}. This page tries again every second.${below}`,
  };
}

/** @param {'redis' | 'memory' | 'fallback'} mode @returns {Verdict} */
function ofTenant(mode) {
  switch (mode) {
    case 'redis':
      return { level: 'well', title: 'Well', detail: 'Redis is used.' };
    case 'memory':
      return { level: 'well', title: 'Well', detail: 'In the memory of this process alone.' };
    case 'fallback':
      return { level: 'outage', title: 'Redis is away', detail: 'Calls are answered without it.' };
  }
}

/** @param {NonNullable<PageState['figures']>} figures @returns {Verdict} */
function ofOperator(figures) {
  const { health, lastMinute, alerts } = figures;
  return (
    ofConnection(health) ??
    ofAlerts(alerts) ??
    ofLoads(lastMinute.total) ??
    ofCommands(health, lastMinute) ??
    ofParts(health) ??
    well(figures)
  );
}

/** @param {AdminHealth} health @returns {Verdict | undefined} */
function ofConnection({ mode, connection, journal }) {
  if (mode === 'memory') return ofLink(connection, journal.unacknowledged);
  switch (connection?.kind) {
    case undefined:
    case 'ready':
      return undefined;
    case 'connecting':
      return {
        level: 'outage',
        title: 'Redis was not reached yet',
        detail: WITHOUT_REDIS,
      };
    case 'suspended':
      return {
        level: 'outage',
        title: 'Redis is away',
        detail: `${sentence(connection.reason)} ${WITHOUT_REDIS} ${waiting(journal.unacknowledged)}`,
        sinceMs: connection.sinceMs,
      };
    case 'recovering':
      return {
        level: 'trouble',
        title: 'Redis is back, and not used yet',
        detail: 'Evictions of the meantime are replayed to it first.',
        sinceMs: connection.sinceMs,
      };
    case 'closed':
      return { level: 'outage', title: 'The application is closing', detail: WITHOUT_REDIS };
  }
}

/**
 * Where entries are kept in the process alone, and Redis is only told what is evicted.
 *
 * @param {AdminHealth['connection']} connection
 * @param {number} evictions that wait
 * @returns {Verdict | undefined}
 */
function ofLink(connection, evictions) {
  if (!connection || connection.kind === 'ready') return undefined;
  return {
    level: 'notice',
    title: 'Redis is not told of evictions yet',
    detail: `Entries are served from this process. ${waiting(evictions)}`,
    sinceMs: 'sinceMs' in connection ? connection.sinceMs : undefined,
  };
}

/** @param {readonly Alert[]} alerts @returns {Verdict | undefined} */
function ofAlerts([first, ...others]) {
  if (!first) return undefined;
  const more = others.length > 0 ? ` ${count(others.length)} more below.` : '';
  return {
    level: 'trouble',
    title: measuredIn(first),
    detail: limitIn(first) + more,
    sinceMs: first.sinceMs,
  };
}

/** @param {CacheFigures} total of the last minute @returns {Verdict | undefined} */
function ofLoads({ loads, loadErrors }) {
  const failed = share(loadErrors, loads) ?? 0;
  if (loads < MIN_SAMPLE || failed < MANY_ERRORS) return undefined;
  return {
    level: 'trouble',
    title: `${percent(failed)} of loads failed`,
    detail: 'The methods themselves threw in the last minute; their callers got these errors.',
  };
}

/**
 * @param {AdminHealth} health
 * @param {CacheStatistics} lastMinute
 * @returns {Verdict | undefined}
 */
function ofCommands({ connection }, { period, total: { farErrors, latency: work } }) {
  const failed = share(farErrors, work.far.count) ?? 0;
  if (work.far.count < MIN_SAMPLE || failed < MANY_ERRORS) return undefined;
  // What failed in an outage that is over says nothing of now.
  if (connection?.kind === 'ready' && connection.sinceMs > period.fromMs) return undefined;
  return {
    level: 'trouble',
    title: `${percent(failed)} of commands failed`,
    detail:
      'Redis refused them, or answered too late, in the last minute; calls went on without it.',
  };
}

/** @param {AdminHealth} health @returns {Verdict | undefined} */
function ofParts({ mode, bus, breaker, lackingPermissions }) {
  if (!bus.trusted) {
    return {
      level: 'trouble',
      title: 'Evictions of others are not heard',
      detail:
        mode === 'memory'
          ? 'Until the bus is proven again nothing is kept for long.'
          : 'Until the bus is proven again every read asks Redis: right, and slower.',
    };
  }
  if (lackingPermissions !== undefined) {
    return {
      level: 'trouble',
      title: 'The user of Redis lacks permissions',
      detail: sentence(lackingPermissions),
    };
  }
  if (breaker?.kind !== 'closed' || breaker.failures === 0) return undefined;
  return {
    level: 'notice',
    title: 'Redis failed a moment ago',
    detail: `${count(breaker.failures)} failed in a row; a few more, and it counts as away.`,
  };
}

/** @param {OperatorFigures} figures @returns {Verdict} */
function well({ health, lastMinute }) {
  if (health.mode === 'memory') {
    const link = health.connection ? 'Redis is told what is evicted' : 'no Redis is set up';
    return { level: 'well', title: 'Well', detail: `In this process alone: ${link}.` };
  }
  const { p99Ms } = lastMinute.total.latency.far;
  const speed = p99Ms === undefined ? '' : `; 99 % of its answers came within ${latency(p99Ms)}`;
  return { level: 'well', title: 'Well', detail: `Redis is used${speed}.` };
}

/** @param {number} evictions */
function waiting(evictions) {
  if (evictions === 0) return 'No eviction waits for a replay.';
  return `${count(evictions)} ${evictions === 1 ? 'eviction waits' : 'evictions wait'} for a replay.`;
}

/** @param {string} text @returns {string} with a capital and a full stop */
function sentence(text) {
  const trimmed = text.trim();
  const closed = /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
  return closed.charAt(0).toUpperCase() + closed.slice(1);
}
