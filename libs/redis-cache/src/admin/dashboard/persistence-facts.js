// @ts-check
import { byId, facts } from './dom.js';
import { share } from './figures.js';
import { count, latency, percent } from './format.js';

/** @import { PersistenceFigures } from '../../cache/cache-statistics.js' */
/** @import { Store } from './store.js' */

/** What the persistent store does, where there is one. @param {Store} store */
export function showPersistence(store) {
  const panel = byId('persistence');
  const list = byId('persistence-facts');
  /** @type {unknown} */
  let shown;
  store.show(({ figures }) => {
    const persistence = figures?.lastMinute.persistence;
    if (shown === persistence) return;
    shown = persistence;
    panel.hidden = !persistence;
    if (persistence) list.replaceChildren(...facts(persistenceFacts(persistence)));
  });
}

/** @param {PersistenceFigures} persistence @returns {[string, string][]} */
function persistenceFacts(persistence) {
  const { available, unacknowledged, found, absent, failed, stored, refused, dropped } =
    persistence;
  const { look, put } = persistence.latency;
  const failures = failed.look + failed.put + failed.invalidate;
  return [
    ['State', available ? 'Used' : 'Away'],
    ['Looks that found', `${percent(share(found, found + absent))} of ${count(found + absent)}`],
    ['Look, p99', latency(look.p99Ms)],
    ['Entries put', count(stored)],
    ['Put, p99', latency(put.p99Ms)],
    ['Entries not put', count(refused + dropped)],
    ['Failed or late', count(failures)],
    ['Evictions it lacks', count(unacknowledged)],
  ];
}
