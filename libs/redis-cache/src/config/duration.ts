import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A span of time: milliseconds as a number, or a number with its unit, e.g. `'15m'`, `'1.5h'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

/** The longest span taken: ten years. Past it a slip of units is likelier than intent. */
const MAX_MS = 10 * 365 * UNIT_MS.d;

const PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/**
 * Milliseconds of a {@link Duration}, rounded to whole ones.
 *
 * @param option path of the option it stands in, for the error
 * @throws {InvalidCacheOptionsError} negative, not finite, above ten years, or not a duration
 */
export function durationMs(value: Duration, option: string): number {
  const ms = typeof value === 'number' ? value : parse(value);
  if (ms === undefined || !(ms >= 0 && ms <= MAX_MS)) {
    throw new InvalidCacheOptionsError(
      option,
      value,
      `milliseconds from 0 to ten years, or a number with a unit (ms, s, m, h, d)`,
      `Write for instance 900000 or '15m'.`,
    );
  }
  return Math.round(ms);
}

/**
 * The same for what makes no sense without any time.
 *
 * @param remedy what to do about 0
 * @throws {InvalidCacheOptionsError} no duration, or less than 1 ms
 */
export function positiveMs(
  value: Duration,
  option: string,
  remedy = 'Leave it out for the default.',
): number {
  const ms = durationMs(value, option);
  if (ms > 0) return ms;
  throw new InvalidCacheOptionsError(option, value, 'a time of at least 1 ms', remedy);
}

function parse(text: unknown): number | undefined {
  const match = typeof text === 'string' ? PATTERN.exec(text) : null;
  if (!match) return undefined;
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}
