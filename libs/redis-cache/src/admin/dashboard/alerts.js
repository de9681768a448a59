// @ts-check
import { limitIn, measuredIn } from './alert-text.js';
import { byId, make } from './dom.js';
import { duration } from './format.js';

/** @import { Alert } from '../../cache/alert.js' */
/** @import { Store } from './store.js' */

/** The alerts that are raised; nothing where there are none. @param {Store} store */
export function showAlerts(store) {
  const section = byId('alerts');
  const list = byId('alert-list');
  store.show(({ figures }) => {
    const alerts = figures?.alerts ?? [];
    section.hidden = alerts.length === 0;
    list.replaceChildren(...alerts.map((alert) => itemOf(alert, store.nowMs)));
  });
}

/** @param {Alert} alert @param {number} nowMs */
function itemOf(alert, nowMs) {
  const since = `for ${duration(nowMs - alert.sinceMs)}`;
  return make(
    'li',
    {},
    make('b', {}, measuredIn(alert)),
    make('span', {}, limitIn(alert)),
    make('span', { class: 'since' }, since),
  );
}
