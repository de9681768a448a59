// @ts-check

/** @import uPlot from 'uplot' */

/**
 * A line of a chart.
 *
 * @typedef {object} Line
 * @property {string} name
 * @property {'--line-1' | '--line-2'} colour a custom property of the style sheet
 * @property {boolean} [filled]
 */

/**
 * @typedef {object} ChartShape
 * @property {readonly Line[]} lines
 * @property {(value: number | null | undefined) => string} format of a value, with its unit
 * @property {(value: number) => string} tick the same for round values, and short
 * @property {readonly [number, number]} [range] fixed; else from zero to the greatest value
 * @property {boolean} [logarithmic]
 */

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/**
 * @param {ChartShape} shape
 * @param {number} width
 * @param {number} height
 * @param {uPlot.Hooks.Arrays} hooks
 * @returns {uPlot.Options}
 */
export function optionsOf(shape, width, height, hooks) {
  const grid = { stroke: colour('--chart-grid'), width: 1 };
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { stroke: colour('--muted'), font, ticks: { show: false }, grid };
  return {
    width,
    height,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: 'dashboard' }, drag: { x: false, y: false }, points: { size: 6 } },
    hooks,
    scales: { x: { time: true }, y: scaleOf(shape) },
    axes: [
      {
        ...axis,
        size: 26,
        gap: 4,
        space: 70,
        values: (_, times) => times.map((time) => CLOCK.format(time * 1_000)),
      },
      {
        ...axis,
        size: 50,
        gap: 6,
        space: 28,
        ...(shape.logarithmic && { splits: powersOfTen }),
        values: (_, values) =>
          values.map((value) => (Number.isFinite(value) ? shape.tick(value) : '')),
      },
    ],
    series: [{}, ...shape.lines.map(seriesOf)],
  };
}

/** @param {Line} line @returns {uPlot.Series} */
function seriesOf({ name, colour: property, filled }) {
  return {
    label: name,
    stroke: colour(property),
    width: 1.5,
    points: { show: false },
    ...(filled && { fill: colour('--chart-fill') }),
  };
}

/** @param {ChartShape} shape @returns {uPlot.Scale} */
function scaleOf({ range, logarithmic }) {
  if (range) return { range: [range[0], range[1]] };
  if (!logarithmic) return { range: (_, _least, most) => [0, most > 0 ? most * 1.15 : 1] };
  return { distr: 3, range: (_, least, most) => decades(least, most) };
}

/** @param {number | null} least @param {number | null} most @returns {[number, number]} whole ones */
function decades(least, most) {
  if (least === null || most === null || least <= 0) return [0.1, 100];
  const from = 10 ** Math.floor(Math.log10(least));
  const to = 10 ** Math.ceil(Math.log10(most));
  return [from, to > from ? to : from * 10];
}

/** @param {uPlot} _ @param {number} __ @param {number} least @param {number} most */
function powersOfTen(_, __, least, most) {
  const [from, to] = [Math.round(Math.log10(least)), Math.round(Math.log10(most))];
  return Array.from({ length: to - from + 1 }, (___, step) => 10 ** (from + step));
}

/** @param {string} property a custom property that is registered as a colour */
export function colour(property) {
  return getComputedStyle(document.documentElement).getPropertyValue(property).trim();
}
