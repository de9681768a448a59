import type { HeardInvalidation } from '../invalidation/coherence.js';
import type { InvalidationLevel } from '../invalidation/invalidation.js';
import type { ParsedKey } from '../keys/key-parser.js';
import type { KeyPattern } from '../keys/key-pattern.js';
import type { EngineParts } from './engine-parts.js';

/** What the key in a message says is evicted. */
const LEVELS: Partial<Record<ParsedKey['kind'], InvalidationLevel>> = {
  entry: 'entry',
  tagStamp: 'tag',
  cacheStamp: 'cache',
  tenantStamp: 'tenant',
  globalStamp: 'all',
};

/** Applies what other processes have invalidated, and what may have been missed of it. */
export class InvalidationReceiver {
  constructor(
    private readonly parts: Pick<
      EngineParts,
      'keys' | 'near' | 'ghosts' | 'stamps' | 'flights' | 'evictionLog' | 'events' | 'activities'
    >,
  ) {}

  /** What another process tells. */
  apply(message: HeardInvalidation): void {
    this.take(message);
    const { kind } = message;
    const key = kind === 'pattern' ? message.pattern.name : message.key;
    if (kind === 'pattern') this.parts.activities.evictions.pattern.remote += 1;
    else this.count(key);
    this.parts.events.emit('remoteInvalidation', { kind, key });
  }

  /** What the server tells of a key that it tracks: somebody has changed it, this process perhaps. */
  applyTracked(kind: 'entry' | 'stamp', key: string): void {
    this.take({ kind, key });
    this.parts.events.emit('trackedChange', { kind, key });
  }

  /** What this process has of the entries that a pattern takes. @returns how many it kept */
  forget(pattern: KeyPattern): number {
    const { keys, near, ghosts, flights, evictionLog } = this.parts;
    const isTaken = (prefix: string, key: string) => pattern.takes(keys.entryIn(prefix, key));
    evictionLog.notePattern(pattern);
    flights.invalidateWhere((key) => pattern.takes(key));
    ghosts.deleteWhere(isTaken);
    return near?.deleteWhere(isTaken) ?? 0;
  }

  private count(key: string): void {
    const { keys, activities } = this.parts;
    const parsed = keys.parse(key);
    const level = parsed && LEVELS[parsed.kind];
    if (!level) return;
    activities.evictions[level].remote += 1;
    if (parsed.kind !== 'entry' || parsed.cache === undefined) return;
    // One that is not used here does not become known by what others do with it.
    const activity = activities.known(parsed.cache);
    if (activity) activity.counters.remoteEvictions += 1;
  }

  /** Nothing that was kept so far is known to hold. */
  forgetEverything(): void {
    this.parts.near?.clear();
    this.parts.ghosts.clear();
    this.parts.stamps.clear();
    this.parts.flights.invalidateAll();
    this.parts.evictionLog.forget();
  }

  private take(message: HeardInvalidation): void {
    const { keys, near, ghosts, stamps, flights, evictionLog } = this.parts;
    switch (message.kind) {
      case 'entry': {
        const { scopePrefix: prefix, encodedKey } = keys.splitEntry(message.key);
        near?.delete({ prefix }, encodedKey);
        ghosts.delete({ prefix }, encodedKey);
        flights.invalidate(message.key);
        evictionLog.note(message.key);
        return;
      }
      case 'stamp':
        // Replies and messages come by two connections, so what is told may be the one before. Redis
        // knows which is the last.
        if (!message.stamp || stamps.get(message.key)?.id !== message.stamp.id) {
          stamps.forget(message.key);
        }
        return;
      case 'pattern':
        this.forget(message.pattern);
        return;
      default:
        message satisfies never;
    }
  }
}
