import type { Invalidation } from '../invalidation/invalidation.js';
import type { KnownStamp } from '../invalidation/stamp-table.js';
import type { FarLink } from '../stores/far-store.interface.js';
import type { FarWork } from './cache-tracing.js';
import type { EngineParts } from './engine-parts.js';
import type { ScopedEntry } from './entry-scope.js';

/** What became of an invalidation in the persistent store. */
export interface Persisted {
  readonly acknowledged: boolean;
  /** Right behind it. */
  readonly point: string | undefined;
  /** What it has not taken, for Redis to remember. */
  readonly owing: readonly string[];
}

const NONE: Persisted = { acknowledged: true, point: undefined, owing: [] };

/**
 * Invalidates, so that nothing loaded before is stored or served afterwards: one entry by deleting it,
 * more by a new stamp, whose cost does not depend on how many they are.
 *
 * Each is noted in a journal first. One that Redis does not acknowledge makes Redis count as away
 * until it was replayed, so that what should be gone is not read again.
 */
export class Evictor {
  constructor(private readonly parts: EngineParts) {}

  /**
   * Evicts one entry from both tiers. With Redis away it acts in this process, and is replayed later.
   *
   * @returns whether the entry was there, as far as could be seen
   */
  async evict(ref: ScopedEntry): Promise<boolean> {
    ref.scope.activity.counters.evictions += 1;
    this.parts.activities.evictions.entry.here += 1;
    const invalidation = invalidationOf(ref);
    // What is being set now is older, though its command may go out behind this one.
    this.parts.flights.overtake(ref);
    let wasNear = false;
    let persisted = NONE;
    if (this.persists(invalidation)) {
      wasNear = this.forget(ref);
      persisted = await this.invalidatePersisted(invalidation);
    }
    const evict = (link: FarLink) => link.evict(ref.redisKey);
    // Sent before it is forgotten here, as the others wait for it; nobody can ask in between.
    const sent = this.send(invalidation, evict, persisted.owing);
    const mayBeMet = this.parts.far?.reachable === true;
    wasNear = this.forget(ref) || wasNear;
    const answer = await sent;
    // A read that began while the command was on its way may have met the entry before it went.
    if (mayBeMet) this.forget(ref);
    const acknowledged = (answer !== undefined || !this.parts.link) && persisted.acknowledged;
    this.parts.events.emit('evict', { entry: ref, acknowledged });
    return wasNear || answer === true;
  }

  /**
   * Deletes what Redis may hold of an entry whose new value it did not take, without waiting for it:
   * the command is on its way before any later one, or is sent before Redis is read again.
   *
   * @param owing what the persistent store has not taken of it
   */
  evictLater(ref: ScopedEntry, owing?: readonly string[]): void {
    this.parts.background.run('evict', this.evictOthers(ref, owing));
  }

  /** The same, and waits until Redis has answered or counts as away. */
  async evictOthers(ref: ScopedEntry, owing: readonly string[] = NONE.owing): Promise<void> {
    await this.send(invalidationOf(ref), (link) => link.evict(ref.redisKey), owing);
  }

  /**
   * Notes that Redis has taken a new value of an entry, or none as somebody came in between. A failover may
   * lose that and bring back the one before, which is evicted then.
   */
  noteWritten(ref: ScopedEntry): void {
    this.parts.journal.noteAcknowledged(invalidationOf(ref));
  }

  /** Invalidates all that is under a stamp. @returns whether every tier has acknowledged it */
  async renewStamp(invalidation: Invalidation): Promise<boolean> {
    const { key, level, tenant } = invalidation;
    this.parts.activities.evictions[level].here += 1;
    const id = this.parts.random.stampId();
    const renewed = this.renewHere(key, id);
    const persisted = this.persists(invalidation)
      ? await this.invalidatePersisted(invalidation)
      : NONE;
    const renew = (link: FarLink) => link.renewStamp(key, id);
    const stamp = await this.send(invalidation, renew, persisted.owing);
    // Another process has renewed it as well, and only Redis knows who was the later one; or a read has asked
    // for it before Redis had the new one, and what it found is not to stay.
    if (!renewed.live) this.parts.stamps.forget(key);
    const acknowledged = (stamp !== undefined || !this.parts.link) && persisted.acknowledged;
    this.parts.events.emit('invalidate', { level, tenant, key, acknowledged });
    return acknowledged;
  }

  /** Whether the persistent store may have something of it. */
  private persists({ level, cache }: Invalidation): boolean {
    const caches = this.parts.persistent?.caches;
    if (level === 'entry' || level === 'cache') return caches?.has(cache as string) ?? false;
    return caches?.some(() => true) ?? false;
  }

  /**
   * Invalidates in the persistent store, before Redis: whoever has looked there before loses the lease
   * by what follows in Redis, and whoever looks later does not find it, or finds in Redis that the
   * store may lack it.
   *
   * @param names by which a part of it goes; all of it by default
   * @param next names of what is put with the point, its key first
   */
  async invalidatePersisted(
    invalidation: Invalidation,
    names?: readonly string[],
    next?: readonly string[],
  ): Promise<Persisted> {
    const point = await this.parts.persistent?.invalidate(invalidation, names, next);
    if (point !== undefined) return { point, acknowledged: true, owing: [] };
    return { point, acknowledged: false, owing: [invalidation.key] };
  }

  /** Undefined when Redis did not acknowledge it, or there is none. */
  private async send<T>(
    invalidation: Invalidation,
    command: (link: FarLink) => Promise<T>,
    owing: readonly string[],
  ): Promise<T | undefined> {
    const { link, journal, events, tracing } = this.parts;
    if (!link) return undefined;
    const acknowledge = journal.note(invalidation);
    if (!link.reachable) return undefined;
    try {
      if (owing.length > 0) await link.owe(owing);
      const answer = await (tracing
        ? tracing.far(workOf(invalidation), () => command(link))
        : command(link));
      acknowledge();
      return answer;
    } catch (error) {
      events.emit('farError', { operation: 'evict', error });
      link.suspect('an eviction was not acknowledged');
      return undefined;
    }
  }

  private forget(ref: ScopedEntry): boolean {
    const { redisKey, scope, key } = ref;
    this.parts.evictionLog.note(redisKey);
    this.parts.flights.invalidate(ref);
    this.parts.ghosts.delete(scope.ghosts, key);
    return this.parts.near?.delete(scope, key) ?? false;
  }

  private renewHere(key: string, id: string): KnownStamp {
    const { stamps, link, clock } = this.parts;
    return stamps.renew(key, { id, madeAtMs: (link ?? clock).nowMs() }, clock.nowMs());
  }
}

/** As which an entry is noted and sent. */
export function invalidationOf({ redisKey, tenant, cache, version }: ScopedEntry): Invalidation {
  return { level: 'entry', key: redisKey, tenant, cache, version };
}

function workOf({ level, key, tenant, cache }: Invalidation): FarWork {
  return { operation: level === 'entry' ? 'evict' : 'invalidate', redisKey: key, tenant, cache };
}
