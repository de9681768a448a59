import { inspect } from 'node:util';
import { redactSecrets } from './redact.js';

/** What is looked at of a text: more than is shown, so that no secret is cut in two and kept. */
const LONGEST_TEXT = 2_000;

/** How a received value is shown in an error message: short, on one line, and free of secrets. */
export function received(value: unknown): string {
  const whole = shown(value, LONGEST_TEXT);
  const safe = redactSecrets(whole);
  const text = safe === whole ? shown(value, 60) : safe;
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function shown(value: unknown, maxStringLength: number): string {
  const text = inspect(value, { depth: 0, breakLength: Infinity, maxStringLength });
  return text.replace(/\s*\n\s*/g, ' '); // of long lists, and of errors with their stack
}
