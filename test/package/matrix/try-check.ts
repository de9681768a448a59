import type { Check } from './check.js';
import type { Consumer } from './consumer.js';
import { limitOf } from './limits.js';
import type { Verdict } from './verdict.js';

/** Tries one cell. Never rejects. */
export async function tryCheck(check: Check, consumer: Consumer): Promise<Verdict> {
  const limit = limitOf(consumer.kind, check.name);
  try {
    await check.run(consumer);
    return limit
      ? { kind: 'fails', error: `It works, though: ${limit.reason}` }
      : { kind: 'works' };
  } catch (cause) {
    const error = String(cause);
    if (limit && error.includes(limit.shows)) return { kind: 'limit', reason: limit.reason };
    return { kind: 'fails', error };
  }
}
