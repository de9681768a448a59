import { randomBytes } from 'node:crypto';
import type { Owed } from './far-store.interface.js';

/** Begins a line that names nothing; no key does. */
const MARK = '#';

/**
 * Names as lines, after one that nobody else writes: so that what was added after it was read is never
 * taken for what was read.
 */
export function owedText(names: readonly string[]): string {
  const own = MARK + randomBytes(8).toString('hex');
  return [own, ...names].map((line) => `${line}\n`).join('');
}

export function readOwed(text: string): Owed {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith(MARK));
  return { names: [...new Set(lines)], text };
}
