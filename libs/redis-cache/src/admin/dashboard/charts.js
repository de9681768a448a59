// @ts-check
import { Chart } from './chart.js';
import { byId } from './dom.js';
import { latency, percent, rate } from './format.js';

/** @import { History, Point } from './history.js' */
/** @import { Store } from './store.js' */

const MINUTE_S = 60;

/** Hit rate, latency and loads over time. */
export class Charts {
  #history;
  #store;
  #minutes = 15;
  #hitRate;
  #latency;
  #loads;

  /** @param {Store} store @param {History} history */
  constructor(store, history) {
    this.#store = store;
    this.#history = history;
    const parent = byId('charts');
    this.#hitRate = new Chart(parent, 'Hit rate', {
      lines: [{ name: 'Hits', colour: '--line-1', filled: true }],
      range: [0, 1],
      format: (share) => percent(share ?? undefined),
      tick: (share) => `${Math.round(share * 100)} %`,
    });
    this.#latency = new Chart(parent, 'Latency, p99', {
      lines: [
        { name: 'Load', colour: '--line-1' },
        { name: 'Redis', colour: '--line-2' },
      ],
      logarithmic: true,
      format: latency,
      tick: (ms) => latency(ms).replace(/\.0+ /, ' '),
    });
    this.#loads = new Chart(parent, 'Loads per second', {
      lines: [
        { name: 'All', colour: '--line-1', filled: true },
        { name: 'Failed', colour: '--line-2' },
      ],
      format: (perSecond) => rate(perSecond ?? undefined),
      tick: String,
    });
    byId('span').addEventListener('change', ({ target }) => {
      this.#minutes = Number(/** @type {HTMLInputElement} */ (target).value);
      this.#render();
    });
    store.show(({ figures }) => {
      if (figures) this.#render();
    });
  }

  repaint() {
    for (const chart of [this.#hitRate, this.#latency, this.#loads]) chart.repaint();
  }

  #render() {
    const points = this.#history.points;
    const to = (points.at(-1)?.atMs ?? this.#store.nowMs) / 1_000;
    const span = /** @type {const} */ ([to - this.#minutes * MINUTE_S, to]);
    const shown = points.filter(({ atMs }) => atMs / 1_000 >= span[0] - MINUTE_S);
    const times = shown.map(({ atMs }) => atMs / 1_000);
    /** @param {(point: Point) => number | undefined} value */
    const line = (value) => shown.map((point) => value(point) ?? null);
    const { outages } = this.#history;
    this.#hitRate.render([times, line(({ hitRate }) => hitRate)], span, outages);
    this.#latency.render(
      [times, line(({ loadP99Ms }) => loadP99Ms), line(({ farP99Ms }) => farP99Ms)],
      span,
      outages,
    );
    this.#loads.render(
      [times, line(({ loads }) => loads), line(({ failedLoads }) => failedLoads)],
      span,
      outages,
    );
  }
}
