import { isRedisCacheError } from '../errors/redis-cache.error.js';
import type { FarStore } from '../stores/far-store.interface.js';
import type { EngineParts } from './engine-parts.js';
import type { ScopedEntry } from './entry-scope.js';

/** What came of asking the far tier. */
export type FarAnswer<T> =
  { readonly kind: 'answer'; readonly value: T } | { readonly kind: 'away' };

const AWAY = { kind: 'away' } as const;

/**
 * The one place where failures of Redis end: whatever goes wrong is counted and reported here, and
 * the call goes on without Redis.
 */
export class FarAccess {
  constructor(private readonly parts: EngineParts) {}

  async ask<T>(
    operation: string,
    ref: ScopedEntry,
    command: (far: FarStore) => Promise<T>,
  ): Promise<FarAnswer<T>> {
    const { far, counters, events } = this.parts;
    if (!far?.available) return AWAY;
    try {
      return { kind: 'answer', value: await command(far) };
    } catch (error) {
      const known = isRedisCacheError(error) && error.code === 'FAR_UNAVAILABLE';
      if (!known) {
        counters(ref.cache).farErrors += 1;
        events.emit('farError', { operation, error });
      }
      return AWAY;
    }
  }
}
