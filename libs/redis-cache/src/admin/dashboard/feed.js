// @ts-check
import { EventStream } from './stream.js';

/**
 * @import { AdminCaches, AdminEvents, AdminLoads, AdminRollouts, OperatorStatistics, StreamFigures } from '../admin.contract.js'
 */
/** @import { Api, ProblemError } from './api.js' */
/** @import { History } from './history.js' */
/** @import { Store } from './store.js' */
/** @import { ServerEvent } from './sse-parser.js' */

/** How often what is not on the stream is asked for. */
const POLL_MS = 10_000;
/** More of them would slow the page. */
const KEPT_EVENTS = 500;

const WINDOWS = /** @type {const} */ (['1m', '5m', '15m']);

/** Fetches what the page shows, for one who was let in. */
export class Feed {
  #store;
  #api;
  #history;
  #stream;

  /**
   * @param {Store} store
   * @param {Api} api
   * @param {History} history
   * @param {number} silenceMs
   * @param {(problem: ProblemError) => void} onRefused
   */
  constructor(store, api, history, silenceMs, onRefused) {
    this.#store = store;
    this.#api = api;
    this.#history = history;
    this.#stream = new EventStream({
      open: (init) => api.open('stream', init),
      silenceMs,
      onEvent: (event) => this.#take(event),
      onLink: (link) => {
        store.change({ link });
        if (link.kind === 'live') this.#pollNow();
      },
      onRefused,
    });
  }

  start() {
    void this.#stream.run();
    setInterval(() => this.#pollNow(), POLL_MS);
    if (this.#isOperator) void this.#seed().catch(ignoredWhileAway);
  }

  get #isOperator() {
    return this.#store.state.session?.principal.kind === 'operator';
  }

  /** @param {ServerEvent} event */
  #take({ type, data }) {
    if (type === 'figures') this.#takeFigures(JSON.parse(data));
    if (type === 'events') this.#takeEvents(JSON.parse(data));
  }

  /** @param {StreamFigures} figures */
  #takeFigures(figures) {
    const heardAt = performance.now();
    if (figures.principal === 'tenant') {
      this.#store.change({ own: figures, heardAt });
      return;
    }
    this.#history.add(figures);
    this.#store.change({ figures, heardAt });
  }

  /** @param {AdminEvents} told the oldest first */
  #takeEvents({ events }) {
    const known = this.#store.state.events;
    const lastId = known[0]?.id ?? -Infinity;
    const latest = events.filter(({ id }) => id > lastId).reverse();
    this.#store.change({ events: [...latest, ...known].slice(0, KEPT_EVENTS) });
    if (this.#isOperator && latest.some(({ type }) => type === 'rollout')) this.#pollNow();
  }

  #pollNow() {
    if (this.#store.state.link.kind === 'lost') return;
    void this.#poll().catch(ignoredWhileAway);
  }

  async #poll() {
    const [{ slowest }, { caches }, quarter, rollouts] = await Promise.all([
      /** @type {Promise<AdminLoads>} */ (this.#api.ask('loads')),
      /** @type {Promise<AdminCaches>} */ (this.#api.ask('caches')),
      this.#isOperator ? this.#statistics({ window: '15m', redis: true }) : undefined,
      this.#isOperator ? this.#rollouts() : [],
    ]);
    this.#store.change({ loads: slowest, caches, quarter, rollouts });
  }

  async #seed() {
    const windows = await Promise.all(WINDOWS.map((window) => this.#statistics({ window })));
    this.#history.seed(windows);
  }

  async #rollouts() {
    const { rollouts } = /** @type {AdminRollouts} */ (await this.#api.ask('rollouts'));
    return rollouts;
  }

  /** @param {{ window: string, redis?: boolean }} query @returns {Promise<OperatorStatistics>} */
  #statistics(query) {
    return this.#api.ask('statistics', query);
  }
}

function ignoredWhileAway() {
  // The stream tells whether the server is there; what is asked beside it is asked again soon.
}
