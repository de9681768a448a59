import { inspect } from 'node:util';

/** How a received value is shown in an error message: short, on one line. */
export function received(value: unknown): string {
  const shown = inspect(value, { depth: 0, breakLength: Infinity, maxStringLength: 60 });
  const text = shown.replace(/\s*\n\s*/g, ' '); // of long lists, and of errors with their stack
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
