// @ts-check
import { DataTable } from './data-table.js';
import { byId } from './dom.js';
import { hitRateOf, readsOf, secondsOf, share } from './figures.js';
import { bytes, count, duration, latency, NOTHING, percent, rate } from './format.js';

/** @import { CacheFigures } from '../../cache/cache-statistics.js' */
/** @import { AdminCache } from '../admin.contract.js' */
/** @import { Store } from './store.js' */

/**
 * A cache that was used, or is only known.
 *
 * @typedef {object} CacheRow
 * @property {string} name
 * @property {AdminCache | undefined} policy
 * @property {CacheFigures | undefined} figures
 * @property {number} seconds that the figures are about
 */

/** All caches, with what each did in the last minute. @param {Store} store */
export function showCaches(store) {
  const table = new DataTable(byId('caches'), {
    caption: 'Caches',
    keyOf: (/** @type {CacheRow} */ { name }) => name,
    empty: 'No cache was used yet.',
    scrolls: true,
    sortBy: 2,
    columns: [
      { title: 'Cache', text: ({ name }) => name, order: ({ name }) => name, kind: 'code' },
      {
        title: 'TTL',
        text: ({ policy }) => ttlOf(policy),
        order: ({ policy }) => policy?.ttlMs,
        numeric: true,
      },
      numeric('Reads/s', rate, (figures, seconds) => readsOf(figures) / seconds),
      { ...numeric('Hit rate', percent, hitRateOf), tone: toneOfHits },
      numeric('In process', percent, (figures) => share(figures.nearHits, readsOf(figures))),
      numeric('Misses', count, ({ misses }) => misses),
      numeric('Stale', count, ({ staleServed }) => staleServed),
      numeric('Loads/s', rate, ({ loads }, seconds) => loads / seconds),
      numeric('Load p99', latency, (figures) => figures.latency.load.p99Ms),
      { ...numeric('Failed', count, ({ loadErrors }) => loadErrors), tone: toneOfFailures },
      numeric('Entries', count, ({ near }) => near.entries),
      numeric('Memory', bytes, ({ near }) => near.bytes),
    ],
  });
  store.show(({ figures, caches }) => {
    if (!figures) return;
    const { caches: used, period } = figures.lastMinute;
    const policies = new Map(caches.map((policy) => [policy.name, policy]));
    const names = new Set([...Object.keys(used), ...policies.keys()]);
    const seconds = secondsOf(period);
    table.render(
      [...names].map((name) => {
        const own = Object.hasOwn(used, name) ? used[name] : undefined;
        return { name, policy: policies.get(name), figures: own, seconds };
      }),
    );
  });
}

/**
 * @param {string} title
 * @param {(value: number | undefined) => string} format
 * @param {(figures: CacheFigures, seconds: number) => number | undefined} value
 */
function numeric(title, format, value) {
  /** @param {CacheRow} row */
  const order = ({ figures, seconds }) => (figures ? value(figures, seconds) : undefined);
  return {
    title,
    numeric: true,
    order,
    text: (/** @type {CacheRow} */ row) => format(order(row)),
  };
}

/** @param {AdminCache | undefined} policy */
function ttlOf(policy) {
  if (!policy) return NOTHING;
  return policy.ttlMs < 1_000 ? latency(policy.ttlMs) : duration(policy.ttlMs);
}

/** @param {CacheRow} row */
function toneOfHits({ figures }) {
  return figures && readsOf(figures) > 0 ? 'strong' : 'plain';
}

/** @param {CacheRow} row */
function toneOfFailures({ figures }) {
  return figures && figures.loadErrors > 0 ? 'bad' : 'plain';
}
