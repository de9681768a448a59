import { inspect } from 'node:util';

/** How a received value is shown in an error message: short, on one line. */
export function received(value: unknown): string {
  const text = inspect(value, { depth: 0, breakLength: Infinity, maxStringLength: 60 });
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
