// @ts-check
import { DataTable } from './data-table.js';
import { byId } from './dom.js';
import { latency, NOTHING, tenantName, time } from './format.js';

/** @import { AdminEvent, SlowLoad } from '../admin.contract.js' */
/** @import { EntryAddress } from './lookup-form.js' */
/** @import { Store } from './store.js' */

const SHOWN_EVENTS = 100;

const MARKS = { info: 'Info', warning: 'Warning', error: 'Error' };

/**
 * The slowest loads, each of whose entries can be looked up.
 *
 * @param {Store} store
 * @param {(address: EntryAddress) => void} lookUp
 */
export function showLoads(store, lookUp) {
  const table = new DataTable(byId('loads'), {
    caption: 'Slowest loads',
    keyOf: (/** @type {SlowLoad} */ { atMs, tenant, cache, key }) =>
      JSON.stringify([atMs, tenant, cache, key]),
    empty: 'No load has ended in the last 15 minutes.',
    scrolls: true,
    columns: [
      {
        title: 'Key',
        text: ({ key }) => key,
        kind: 'code',
        button: { label: ({ key, cache }) => `Look up ${key} of ${cache}`, press: lookUp },
      },
      { title: 'Cache', text: ({ cache }) => cache, kind: 'code' },
      { title: 'Tenant', text: ({ tenant }) => tenantName(tenant) },
      { title: 'Took', text: ({ durationMs }) => latency(durationMs), numeric: true },
      {
        title: 'Outcome',
        text: ({ failed }) => (failed ? 'failed' : 'loaded'),
        tone: ({ failed }) => (failed ? 'bad' : 'plain'),
      },
      { title: 'Ended', text: ({ atMs }) => time(atMs, store.nowMs), numeric: true },
    ],
  });
  store.show(({ loads }) => table.render(loads));
}

/**
 * The last events, each of whose entries can be looked up.
 *
 * @param {Store} store
 * @param {(address: EntryAddress) => void} lookUp
 */
export function showEvents(store, lookUp) {
  const notableOnly = byId('events-notable', HTMLInputElement);
  const table = new DataTable(byId('events'), {
    caption: 'Last events',
    keyOf: (/** @type {AdminEvent} */ { id }) => String(id),
    empty: 'Nothing has happened yet.',
    scrolls: true,
    columns: [
      { title: 'Time', text: ({ atMs }) => time(atMs, store.nowMs), kind: 'brief' },
      {
        title: 'Kind',
        text: ({ severity }) => MARKS[severity],
        tone: ({ severity }) => severity,
      },
      { title: 'What happened', text: ({ summary }) => summary, kind: 'prose' },
      { title: 'Tenant', text: ({ tenant }) => tenantName(tenant) },
      { title: 'Cache', text: ({ cache }) => cache ?? NOTHING, kind: 'code' },
      {
        title: 'Key',
        text: ({ key }) => key ?? NOTHING,
        kind: 'code',
        button: {
          of: ({ cache, key }) => cache !== undefined && key !== undefined,
          label: ({ cache, key }) => `Look up ${String(key)} of ${String(cache)}`,
          press: ({ tenant = null, cache = '', key = '' }) => lookUp({ tenant, cache, key }),
        },
      },
    ],
  });
  const render = () => {
    const { events } = store.state;
    const shown = notableOnly.checked
      ? events.filter(({ severity }) => severity !== 'info')
      : events;
    table.render(shown.slice(0, SHOWN_EVENTS));
  };
  notableOnly.addEventListener('change', render);
  store.show(render);
}
