// @ts-check
import { byId, make, setText } from './dom.js';
import { hitRateOf, readsOf, secondsOf, share } from './figures.js';
import { count, latency, percent, rate } from './format.js';

/** @import { OperatorFigures, TenantStatistics } from '../admin.contract.js' */
/** @import { PageState, Store } from './store.js' */

/** @typedef {{ name: string, value: string, note: string, tone?: 'bad' | undefined }} Tile */

/** Errors are shown as such from here on. */
const MANY_ERRORS = 0.05;

/** The numbers that matter most. @param {Store} store */
export function showNumbers(store) {
  const list = byId('numbers');
  store.show((state) => {
    const tiles = tilesOf(state);
    if (list.children.length !== tiles.length) list.replaceChildren(...tiles.map(emptyTile));
    tiles.forEach((tile, index) => fill(/** @type {HTMLElement} */ (list.children[index]), tile));
  });
}

function emptyTile() {
  return make('div', {}, make('dt'), make('dd', { class: 'value' }), make('dd', { class: 'note' }));
}

/** @param {HTMLElement} element @param {Tile} tile */
function fill(element, { name, value, note, tone }) {
  const [term, figure, remark] = /** @type {Element[]} */ ([...element.children]);
  element.dataset.tone = tone ?? 'plain';
  if (term) setText(term, name);
  if (figure) setText(figure, value);
  if (remark) setText(remark, note);
}

/** @param {PageState} state @returns {Tile[]} */
function tilesOf({ figures, own, quarter }) {
  if (figures) return ofOperator(figures, quarter && hitRateOf(quarter.total));
  return own ? ofTenant(own) : [];
}

/** @param {OperatorFigures} figures @param {number | undefined} earlier @returns {Tile[]} */
function ofOperator({ lastMinute }, earlier) {
  const { total, period } = lastMinute;
  const seconds = secondsOf(period);
  const reads = readsOf(total);
  const near = percent(share(total.nearHits, reads));
  const { far, load } = total.latency;
  const failures = total.loadErrors + total.farErrors;
  const failed = share(failures, total.loads + far.count);
  return [
    {
      name: 'Hit rate',
      value: percent(hitRateOf(total)),
      note: `${near} in this process · 15 min: ${percent(earlier)}`,
    },
    {
      name: 'Reads per second',
      value: rate(reads / seconds),
      note: `${rate(total.loads / seconds)} loads · ${count(total.joined)} joined`,
    },
    {
      name: 'Load time, p99',
      value: latency(load.p99Ms),
      note: `half within ${latency(load.p50Ms)} · Redis p99 ${latency(far.p99Ms)}`,
    },
    {
      name: 'Errors',
      value: percent(failed ?? 0),
      note: `${count(total.loadErrors)} of loads · ${count(total.farErrors)} of Redis`,
      tone: (failed ?? 0) >= MANY_ERRORS ? 'bad' : undefined,
    },
  ];
}

/** @param {TenantStatistics} own @returns {Tile[]} */
function ofTenant({ calls, loads, period }) {
  const seconds = secondsOf(period);
  /** @param {unknown} told @returns {Tile['note']} */
  const note = (told) =>
    told === null ? 'not among the ten busiest' : 'at least, in this process';
  return [
    { name: 'Calls per second', value: rate(perSecond(calls, seconds)), note: note(calls) },
    { name: 'Loads per second', value: rate(perSecond(loads, seconds)), note: note(loads) },
  ];
}

/** @param {number | null} told @param {number} seconds */
function perSecond(told, seconds) {
  return told === null ? undefined : told / seconds;
}
