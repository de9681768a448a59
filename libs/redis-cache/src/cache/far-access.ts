import { failureKind, type FailureKind } from '../connection/failure-kind.js';
import { isRedisCacheError } from '../errors/redis-cache.error.js';
import type { FarStore } from '../stores/far-store.interface.js';
import type { MissReason } from './cache-counters.js';
import type { EngineParts } from './engine-parts.js';
import type { ScopedEntry } from './entry-scope.js';

/** The far tier gives no answer. */
export interface FarAway {
  readonly kind: 'away';
  /** `absent` where no Redis is configured, so that nothing can be there. */
  readonly reason: Extract<MissReason, 'absent' | 'suspended' | 'timeout' | 'refused'>;
}

/** What came of asking the far tier. */
export type FarAnswer<T> = { readonly kind: 'answer'; readonly value: T } | FarAway;

const NO_REDIS: FarAway = { kind: 'away', reason: 'absent' };
const SUSPENDED: FarAway = { kind: 'away', reason: 'suspended' };

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
    const { far, activities, clock, events, tracing } = this.parts;
    if (!far) return NO_REDIS;
    if (!far.available) return SUSPENDED;
    const { counters, latency } = activities.of(ref.cache);
    const beganMs = clock.nowMs();
    try {
      const value = await (tracing
        ? tracing.far({ operation, ...ref }, () => command(far))
        : command(far));
      latency.far.record(clock.nowMs() - beganMs);
      return { kind: 'answer', value };
    } catch (error) {
      if (isRedisCacheError(error) && error.code === 'FAR_UNAVAILABLE') return SUSPENDED;
      latency.far.record(clock.nowMs() - beganMs);
      counters.farErrors += 1;
      events.emit('farError', { operation, error });
      return { kind: 'away', reason: reasonOf(failureKind(error)) };
    }
  }
}

function reasonOf(kind: FailureKind): FarAway['reason'] {
  switch (kind) {
    case 'timeout':
      return 'timeout';
    case 'away':
      return 'suspended';
    case 'moved':
    case 'refused':
      return 'refused';
  }
}
