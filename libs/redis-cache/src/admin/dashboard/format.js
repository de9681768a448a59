// @ts-check

/** Stands where there is nothing to say. */
export const NOTHING = '–';

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY_MS = 24 * HOUR;

/** @param {number | null | undefined} value @returns {string} all digits up to 99,999, then `123K` */
export function count(value) {
  if (value == null) return NOTHING;
  return value < 100_000 ? WHOLE.format(value) : SHORT.format(value);
}

/** @param {number | undefined} perSecond */
export function rate(perSecond) {
  if (perSecond === undefined) return NOTHING;
  if (perSecond > 0 && perSecond < 0.01) return '<0.01';
  return perSecond < 100 ? threeDigits(perSecond) : count(perSecond);
}

/** @param {number | undefined} share from 0 to 1 @returns {string} 100 % only if it is all */
export function percent(share) {
  if (share === undefined) return NOTHING;
  if (share === 0 || share === 1) return `${share * 100} %`;
  if (share < 0.001) return '<0.1 %';
  return `${Math.min(99.9, share * 100).toFixed(1)} %`;
}

/** @param {number | null | undefined} ms a latency */
export function latency(ms) {
  if (ms == null) return NOTHING;
  if (ms >= SECOND) return `${threeDigits(ms / SECOND)} s`;
  return ms === 0 || ms >= 0.1 ? `${threeDigits(ms)} ms` : `${threeDigits(ms * 1_000)} µs`;
}

/** @param {number} ms a stretch of time, in its largest unit */
export function roughly(ms) {
  return duration(ms).replace(/(\D+) \d.*$/, '$1');
}

/** @param {number | null | undefined} ms a stretch of time, in its two largest units */
export function duration(ms) {
  if (ms == null) return NOTHING;
  if (ms < MINUTE) return `${Math.max(0, Math.floor(ms / SECOND))} s`;
  if (ms < HOUR) return two(ms, MINUTE, 'min', SECOND, 's');
  if (ms < DAY_MS) return two(ms, HOUR, 'h', MINUTE, 'min');
  return two(ms, DAY_MS, 'd', HOUR, 'h');
}

/** @param {number | null | undefined} value */
export function bytes(value) {
  if (value == null) return NOTHING;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  return `${(value / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${String(units[power])}`;
}

/**
 * The time of day, with the day where that is not today.
 *
 * @param {number} atMs
 * @param {number} nowMs
 */
export function time(atMs, nowMs) {
  const [at, day] = [CLOCK.format(atMs), DAY.format(atMs)];
  return day === DAY.format(nowMs) ? at : `${day} ${at}`;
}

/** @param {string | null | undefined} tenant null is the global scope */
export function tenantName(tenant) {
  if (tenant === undefined) return NOTHING;
  return tenant ?? '(global)';
}

/** @param {number} value */
function threeDigits(value) {
  if (value === 0) return '0';
  if (value < 9.995) return value.toFixed(2);
  return value < 99.95 ? value.toFixed(1) : WHOLE.format(value);
}

/**
 * @param {number} ms
 * @param {number} large
 * @param {string} largeName
 * @param {number} small
 * @param {string} smallName
 */
function two(ms, large, largeName, small, smallName) {
  const rest = Math.floor((ms % large) / small);
  const first = `${Math.floor(ms / large)} ${largeName}`;
  return rest === 0 ? first : `${first} ${rest} ${smallName}`;
}
