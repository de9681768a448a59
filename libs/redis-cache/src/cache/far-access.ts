import { isRedisCacheError } from '../errors/redis-cache.error.js';
import type { FarStore } from '../stores/far-store.interface.js';
import type { EngineParts } from './engine-parts.js';
import type { ScopedEntry } from './entry-scope.js';

/** Instead of an answer of the far tier. */
export interface Away {
  readonly kind: 'away';
}

export const AWAY: Away = { kind: 'away' };

export function isAway(answer: unknown): answer is Away {
  return answer === AWAY;
}

/**
 * The one place where failures of Redis end: whatever goes wrong is counted and reported here, and
 * the call goes on without Redis.
 */
export class FarAccess {
  constructor(private readonly parts: EngineParts) {}

  /** The answer, or that Redis is away. */
  ask<T>(
    operation: string,
    ref: ScopedEntry,
    command: (far: FarStore) => Promise<T>,
  ): Promise<T | Away> {
    const { far } = this.parts;
    if (!far?.available) return Promise.resolve(AWAY);
    return command(far).catch((error: unknown) => this.failed(operation, ref, error));
  }

  /** Notes a failure of Redis. */
  failed(operation: string, ref: ScopedEntry, error: unknown): Away {
    const { counters, events } = this.parts;
    if (!(isRedisCacheError(error) && error.code === 'FAR_UNAVAILABLE')) {
      counters(ref.cache).farErrors += 1;
      events.emit('farError', { operation, error });
    }
    return AWAY;
  }
}
