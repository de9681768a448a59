// @ts-check
import { byId, make, setText } from './dom.js';
import { count, duration, latency, roughly } from './format.js';
import { verdictOf } from './verdict.js';

/** @import { AdminHealth } from '../admin.contract.js' */
/** @import { PageState, Store } from './store.js' */
/** @import { Level, Verdict } from './verdict.js' */

/** @typedef {{ name: string, value: string, tone: 'good' | 'warn' | 'bad' | 'off' }} Part */

/** @type {Readonly<Record<Level, string>>} */
const COLOURS = {
  waiting: '#7b8794',
  well: '#2a9d62',
  notice: '#2a9d62',
  trouble: '#d98a00',
  outage: '#d92d35',
  blind: '#d92d35',
};

/** Says how the cache is: on the page, in the tab, and to screen readers when it changes. */
export class Headline {
  #store;
  /** @type {Verdict | undefined} */
  #said;
  /** @type {string | undefined} */
  #announced;
  /** @type {number | undefined} when the link was lost, by the clock of `performance` */
  #lostAt;

  /** @param {Store} store */
  constructor(store) {
    this.#store = store;
    store.show((state) => this.#render(state));
    setInterval(() => this.#renderSince(), 1_000);
  }

  /** @param {PageState} state */
  #render(state) {
    const verdict = verdictOf(state);
    this.#lostAt = state.link.kind === 'lost' ? (this.#lostAt ?? performance.now()) : undefined;
    byId('state').dataset.level = verdict.level;
    byId('main').dataset.old = String(verdict.level === 'blind');
    setText(byId('headline'), verdict.title);
    setText(byId('detail'), verdict.detail);
    this.#renderParts(partsOf(state));
    if (verdict.title !== this.#said?.title) showInTab(verdict);
    this.#said = verdict;
    this.#renderSince();
    this.#announce(verdict);
  }

  /** Interrupts a screen reader, so only for what is news. @param {Verdict} verdict */
  #announce({ level, title, detail }) {
    if (level === 'waiting' || level === 'notice') return;
    // Figures in it move all the time.
    const news = title.replace(/\d[\d.,]*/g, '');
    if (news === this.#announced) return;
    this.#announced = news;
    setText(byId('announcement'), `${title}. ${detail}`);
  }

  /** @param {readonly Part[]} parts */
  #renderParts(parts) {
    const list = byId('parts');
    if (list.children.length !== parts.length) {
      list.replaceChildren(...parts.map(() => make('li', {}, make('span'), make('b'))));
    }
    parts.forEach(({ name, value, tone }, index) => {
      const item = /** @type {HTMLElement} */ (list.children[index]);
      const [label, text] = /** @type {[Element, Element]} */ ([...item.children]);
      item.dataset.tone = tone;
      setText(label, name);
      setText(text, value);
    });
  }

  #renderSince() {
    const sinceMs = this.#said?.sinceMs;
    const forMs =
      this.#lostAt === undefined
        ? sinceMs && this.#store.nowMs - sinceMs
        : performance.now() - this.#lostAt;
    setText(byId('since'), forMs === undefined ? '' : `for ${duration(forMs)}`);
  }
}

/** @param {Verdict} verdict */
function showInTab({ level, title }) {
  document.title = level === 'well' ? 'Cache: well' : `Cache: ${title}`;
  const circle = `<circle cx="8" cy="8" r="6" fill="${COLOURS[level]}"/>`;
  const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${circle}</svg>`;
  const link = document.querySelector('link[rel=icon]');
  link?.setAttribute('href', `data:image/svg+xml,${encodeURIComponent(icon)}`);
}

/** @param {PageState} state @returns {Part[]} */
function partsOf({ figures }) {
  if (!figures) return [];
  const { health } = figures;
  return [ofConnection(health), ofBreaker(health), ofBus(health), ofJournal(health)];
}

/** @param {AdminHealth} health @returns {Part} */
function ofConnection({ connection, atMs }) {
  const name = 'Connection';
  if (!connection) return { name, value: 'none set up', tone: 'off' };
  switch (connection.kind) {
    case 'ready':
      return { name, value: `ready, ${roughly(atMs - connection.sinceMs)}`, tone: 'good' };
    case 'recovering':
      return { name, value: 'recovering', tone: 'warn' };
    default:
      return { name, value: connection.kind, tone: 'bad' };
  }
}

/** @param {AdminHealth} health @returns {Part} */
function ofBreaker({ breaker }) {
  const name = 'Breaker';
  if (!breaker) return { name, value: 'none', tone: 'off' };
  if (breaker.kind !== 'closed') return { name, value: breaker.kind, tone: 'bad' };
  if (breaker.failures === 0) return { name, value: 'closed', tone: 'good' };
  return { name, value: `closed, ${count(breaker.failures)} failed`, tone: 'warn' };
}

/** @param {AdminHealth} health @returns {Part} */
function ofBus({ bus, connection }) {
  const name = 'Bus';
  if (!connection) return { name, value: 'none', tone: 'off' };
  if (!bus.trusted) return { name, value: 'not proven', tone: 'bad' };
  const delay = bus.delayMs === undefined ? '' : `, ${latency(bus.delayMs)}`;
  return { name, value: `proven${delay}`, tone: 'good' };
}

/** @param {AdminHealth} health @returns {Part} */
function ofJournal({ journal: { unacknowledged } }) {
  const tone = unacknowledged > 0 ? 'warn' : 'good';
  return { name: 'Journal', value: `${count(unacknowledged)} waiting`, tone };
}
