import { durationMs, type Duration } from '../config/duration.js';
import { UsageError } from './command.error.js';

/** @throws {UsageError} naming the flag */
export function wholeNumberOf(text: string, flag: string, min: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= min && Number.isSafeInteger(value)) return value;
  throw new UsageError(`${flag} is '${text}'; expected a whole number from ${min} up.`);
}

/** @throws {UsageError} naming the flag */
export function durationOf(text: string, flag: string): number {
  try {
    return durationMs((/^\d+$/.test(text) ? Number(text) : text) as Duration, flag);
  } catch {
    throw new UsageError(
      `${flag} is '${text}'; expected milliseconds, or a number with a unit (ms, s, m, h, d). Write for instance 500ms or 2s.`,
    );
  }
}
