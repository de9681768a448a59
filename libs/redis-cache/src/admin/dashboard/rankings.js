// @ts-check
import { DataTable } from './data-table.js';
import { byId } from './dom.js';
import { readsOf, secondsOf, share } from './figures.js';
import { count, percent, rate, tenantName } from './format.js';

/** @import { MissCause } from '../../cache/cache-counters.js' */
/** @import { Store } from './store.js' */

/** Something with its part of a whole. @typedef {{ rank: number, name: string, value: number, part: number }} Ranked */

const SHOWN = 8;

/** @type {Readonly<Record<MissCause, string>>} */
const CAUSES = {
  absent: 'Nothing was there',
  expired: 'Past its ttl',
  outdated: 'Evicted by tag, cache or tenant',
  undecodable: 'Bytes that are no entry',
  newer: 'Written by a later version',
  suspended: 'Redis was away',
  timeout: 'Redis was too slow',
  refused: 'Redis refused',
};

/** Hottest caches, reasons of misses, top tenants: of the last minute. @param {Store} store */
export function showRankings(store) {
  const hottest = ranking('hottest', 'Hottest caches', 'Cache', 'Reads/s', rate);
  const misses = ranking('misses', 'Why reads missed', 'Reason', 'Misses', count);
  const tenants = ranking('tenants', 'Top tenants', 'Tenant', 'Calls', count);
  store.show(({ figures }) => {
    if (!figures) return;
    const { total, caches, period, tenants: busy } = figures.lastMinute;
    const seconds = secondsOf(period);
    const reads = Object.entries(caches).map(
      ([name, each]) => /** @type {const} */ ([name, readsOf(each) / seconds]),
    );
    hottest.render(ranked(reads, readsOf(total) / seconds));
    const causes = Object.entries(total.missedBy).map(
      ([cause, value]) => /** @type {const} */ ([CAUSES[/** @type {MissCause} */ (cause)], value]),
    );
    misses.render(ranked(causes, total.misses));
    const calls = busy.calls.map(
      (each) => /** @type {const} */ ([tenantName(each.tenant), each.count]),
    );
    tenants.render(ranked(calls, readsOf(total)));
  });
}

/**
 * @param {string} id
 * @param {string} caption
 * @param {string} what
 * @param {string} measure
 * @param {(value: number) => string} format
 */
function ranking(id, caption, what, measure, format) {
  return new DataTable(byId(id), {
    caption,
    keyOf: (/** @type {Ranked} */ { rank }) => String(rank),
    empty: 'None in the last minute.',
    columns: [
      { title: what, text: ({ name }) => name, share: ({ part }) => part },
      { title: measure, text: ({ value }) => format(value), numeric: true },
      { title: 'Share', text: ({ part }) => percent(part), numeric: true },
    ],
  });
}

/**
 * @param {readonly (readonly [string, number])[]} values
 * @param {number} whole
 * @returns {Ranked[]} the greatest first, and none that are zero
 */
function ranked(values, whole) {
  return values
    .filter(([, value]) => value > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN)
    .map(([name, value], rank) => ({
      rank,
      name,
      value,
      part: Math.min(1, share(value, whole) ?? 0),
    }));
}
