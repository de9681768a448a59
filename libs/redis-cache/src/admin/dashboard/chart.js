// @ts-check
import { colour, optionsOf } from './chart-options.js';
import { make, setText } from './dom.js';
import { time } from './format.js';
import vendored from './uplot.js';

/** @import Plot from 'uplot' */
/** @import { ChartShape } from './chart-options.js' */
/** @import { Outage } from './history.js' */

const uPlot = /** @type {typeof import('uplot')} */ (/** @type {unknown} */ (vendored));

const HEIGHT = 150;

/** A chart over time, with its latest values in its caption, or those under the pointer. */
export class Chart {
  #title;
  #shape;
  #plot = make('div', { class: 'plot', role: 'img' });
  #when = make('span', { class: 'when' });
  /** @type {readonly HTMLElement[]} */
  #values;
  /** @type {Plot | undefined} */
  #drawn;
  /** @type {Plot.AlignedData} */
  #data;
  /** @type {readonly [number, number]} in seconds */
  #span = [0, 1];
  /** @type {readonly Outage[]} */
  #outages = [];

  /** @param {HTMLElement} parent @param {string} title @param {ChartShape} shape */
  constructor(parent, title, shape) {
    this.#title = title;
    this.#shape = shape;
    this.#data = [[], ...shape.lines.map(() => [])];
    this.#values = shape.lines.map(() => make('b'));
    const keys = shape.lines.map(({ name, colour: property }, index) => {
      const value = /** @type {HTMLElement} */ (this.#values[index]);
      return make('li', { 'data-colour': property }, `${name} `, value);
    });
    parent.append(
      make(
        'figure',
        { class: 'chart panel' },
        make('figcaption', {}, make('h3', {}, title), this.#when, make('ul', {}, ...keys)),
        this.#plot,
      ),
    );
    new ResizeObserver(() => this.#resize()).observe(this.#plot);
  }

  /**
   * @param {Plot.AlignedData} data times in seconds, then the values of each line
   * @param {readonly [number, number]} span of time that is shown, in seconds
   * @param {readonly Outage[]} outages drawn behind the lines
   */
  render(data, span, outages) {
    [this.#data, this.#span, this.#outages] = [data, span, outages];
    if (this.#drawn) {
      this.#drawn.setData(data, false);
      this.#drawn.batch(() => {
        this.#drawn?.setScale('x', { min: span[0], max: span[1] });
      });
    }
    this.#caption(this.#drawn?.cursor.idx ?? undefined);
  }

  /** Anew, in the colours of now. */
  repaint() {
    this.#drawn?.destroy();
    this.#drawn = undefined;
    this.#resize();
  }

  #resize() {
    const { clientWidth: width } = this.#plot;
    if (width === 0) return;
    if (this.#drawn) {
      if (this.#drawn.width !== width) this.#drawn.setSize({ width, height: HEIGHT });
      return;
    }
    const hooks = {
      drawClear: [/** @param {Plot} plot */ (plot) => this.#drawOutages(plot)],
      setCursor: [/** @param {Plot} plot */ ({ cursor }) => this.#caption(cursor.idx ?? undefined)],
    };
    this.#drawn = new uPlot(optionsOf(this.#shape, width, HEIGHT, hooks), this.#data, this.#plot);
    this.render(this.#data, this.#span, this.#outages);
  }

  /** @param {Plot} plot */
  #drawOutages(plot) {
    const { ctx, bbox } = plot;
    const [, last] = this.#span;
    ctx.save();
    ctx.fillStyle = colour('--chart-outage');
    for (const { fromMs, toMs } of this.#outages) {
      const left = Math.max(bbox.left, plot.valToPos(fromMs / 1_000, 'x', true));
      const right = plot.valToPos(Math.min(last, (toMs ?? Infinity) / 1_000), 'x', true);
      if (right > bbox.left) {
        ctx.fillRect(left, bbox.top, Math.max(2, right - left), bbox.height);
      }
    }
    ctx.restore();
  }

  /** @param {number | undefined} index of the point that is meant; the latest if undefined */
  #caption(index) {
    const times = this.#data[0];
    const at = index ?? times.length - 1;
    const atMs = (times[at] ?? 0) * 1_000;
    const texts = this.#values.map((element, line) => {
      const value = this.#shape.format(this.#data[line + 1]?.[at]);
      setText(element, value);
      return `${String(this.#shape.lines[line]?.name)} ${value}`;
    });
    setText(this.#when, index === undefined ? '' : time(atMs, (times.at(-1) ?? 0) * 1_000));
    if (index === undefined) {
      this.#plot.setAttribute('aria-label', `${this.#title}, now: ${texts.join(', ')}`);
    }
  }
}
