import type { Sample } from '../measure/statistics.js';
import type { Measure } from '../measure/outcome.js';

/** A sample with its unit and its spread, e.g. `1.25 µs (1.20–1.60)`. */
export function formatMeasure(measure: Measure, { median, min, max }: Sample): string {
  const [factor] = scaleOf(measure, median);
  const spread = min === max ? '' : ` (${rounded(min / factor)}–${rounded(max / factor)})`;
  return formatMedian(measure, { median, min, max }) + spread;
}

/** The same without the spread. */
export function formatMedian(measure: Measure, { median }: Sample): string {
  const [factor, unit] = scaleOf(measure, median);
  return `${rounded(median / factor)}${unit}`;
}

/** Three digits that count, and no exponent. */
export function rounded(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return Number(value.toPrecision(3)).toString();
}

const TIMES: readonly (readonly [number, string])[] = [
  [1e9, ' s'],
  [1e6, ' ms'],
  [1e3, ' µs'],
];
const BYTES: readonly (readonly [number, string])[] = [
  [1e6, ' MB'],
  [1e3, ' KB'],
];

function scaleOf(measure: Measure, value: number): readonly [number, string] {
  if (measure.endsWith('Ns')) return TIMES.find(([size]) => Math.abs(value) >= size) ?? [1, ' ns'];
  if (measure.endsWith('Bytes'))
    return BYTES.find(([size]) => Math.abs(value) >= size) ?? [1, ' B'];
  if (measure.endsWith('Percent')) return [1, ' %'];
  return [1, ''];
}
