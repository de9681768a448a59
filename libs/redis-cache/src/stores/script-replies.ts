import { parseStamp } from '../invalidation/bus-message.js';
import type { Stamp } from '../invalidation/stamp-table.js';
import type { Acquired } from './far-store.interface.js';

/** What a request for a lease came to. */
export function acquiredBy(reply: unknown): Acquired {
  if (typeof reply === 'object') return { kind: 'entry', bytes: reply as Buffer };
  return { kind: reply === 1 ? 'lease' : 'wait' };
}

/** Whether something was done. */
export function isOne(reply: unknown): boolean {
  return reply === 1;
}

export function nothing(): void {
  // What such a script replies says nothing.
}

/** @throws {TypeError} it is no stamp */
export function stampOf(stampKey: string, text: string): Stamp {
  const stamp = parseStamp(text);
  if (!stamp) throw new TypeError(`What stands under ${stampKey} is not a stamp`);
  return stamp;
}
