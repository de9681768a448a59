import { isRedisCacheError } from '../errors/redis-cache.error.js';
import type { KeyPattern } from '../keys/key-pattern.js';
import type { FarLink } from '../stores/far-store.interface.js';
import type { EngineParts } from './engine-parts.js';
import type { Evictor } from './evictor.js';
import { InvalidationReceiver } from './invalidation-receiver.js';
import { PatternSweep } from './pattern-sweep.js';

interface Swept {
  readonly done: boolean;
  readonly deleted: number;
}

const NOT_SWEPT: Swept = { done: false, deleted: 0 };

/**
 * Evicts the entries of one owner that a pattern takes; in the persistent store, all entries of that
 * owner if the pattern takes a cache that it has entries of. What cannot be done to the end, for Redis is
 * away or fails half way, is widened to everything of that owner: a stamp is one command, and the
 * journal holds on to it until Redis has acknowledged it.
 */
export class PatternEvictor {
  private readonly sweep: PatternSweep;

  constructor(
    private readonly parts: EngineParts,
    private readonly evictor: Evictor,
  ) {
    this.sweep = new PatternSweep(new InvalidationReceiver(parts));
  }

  /**
   * @param owner a tenant; null for the global scope
   * @returns how many entries were deleted in Redis; where none are kept there, also in this process
   * @throws {InvalidCacheOptionsError} the pattern is none
   */
  async evict(owner: string | null, text: string): Promise<number> {
    const { far, link, journal, events, activities, invalidations, keys, flights, persistent } =
      this.parts;
    activities.evictions.pattern.here += 1;
    const pattern = keys.pattern(owner, text);
    const invalidation = invalidations.pattern(owner, pattern);
    flights.overtakeWhere((prefix, key) => pattern.takes(keys.entryIn(prefix, key)));
    const kept = this.sweep.forget(pattern);
    const report = (acknowledged: boolean) => {
      events.emit('invalidate', {
        level: 'pattern',
        tenant: owner,
        key: pattern.name,
        acknowledged,
      });
    };
    const persisted = persistent?.caches.some((cache) => pattern.takesCache(cache))
      ? await this.evictor.invalidatePersisted(invalidations.coarser(invalidation))
      : undefined;
    if (!link) {
      report(persisted?.acknowledged !== false);
      return kept;
    }
    // A failover that comes after the walk has passed may bring entries back.
    const acknowledge = journal.note(invalidation);
    // Not waited for where there is nothing to be done: what is called next is later than what follows.
    const { done, deleted } = link.available
      ? await this.sweepAll(link, pattern, persisted?.owing ?? [])
      : NOT_SWEPT;
    if (!done) await this.evictor.renewStamp(invalidations.coarser(invalidation));
    acknowledge();
    report(done && persisted?.acknowledged !== false);
    return far ? deleted : kept + deleted;
  }

  private async sweepAll(
    link: FarLink,
    pattern: KeyPattern,
    owing: readonly string[],
  ): Promise<Swept> {
    const { events } = this.parts;
    let leases = 0;
    let deleted = 0;
    try {
      if (owing.length > 0) await link.owe(owing);
      await this.sweep.run(link, pattern, pattern.entries, (step, progress) => {
        if (step === 'leases') leases = progress.deleted;
        else deleted = progress.deleted - leases;
      });
      return { done: true, deleted };
    } catch (error) {
      const away = isRedisCacheError(error) && error.code === 'FAR_UNAVAILABLE';
      if (!away) events.emit('farError', { operation: 'evictPattern', error });
      return { done: false, deleted };
    }
  }
}
