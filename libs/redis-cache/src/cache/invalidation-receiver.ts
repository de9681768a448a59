import type { BusMessage } from '../invalidation/bus-message.js';
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
      'keys' | 'near' | 'stamps' | 'flights' | 'evictionLog' | 'clock' | 'events' | 'activities'
    >,
  ) {}

  apply(message: BusMessage): void {
    const { keys, near, stamps, flights, evictionLog, clock, events } = this.parts;
    const { kind } = message;
    const key = kind === 'pattern' ? message.pattern.name : message.key;
    switch (kind) {
      case 'entry': {
        const { scopePrefix: prefix, encodedKey } = keys.splitEntry(key);
        near?.delete({ prefix }, encodedKey);
        flights.invalidate(key);
        evictionLog.note(key);
        this.count(key);
        break;
      }
      case 'stamp':
        stamps.renew(key, message.stamp, clock.nowMs());
        this.count(key);
        break;
      case 'pattern':
        this.forget(message.pattern);
        this.parts.activities.evictions.pattern.remote += 1;
        break;
    }
    events.emit('remoteInvalidation', { kind, key });
  }

  /** What this process has of the entries that a pattern takes. @returns how many it kept */
  forget(pattern: KeyPattern): number {
    const { keys, near, flights, evictionLog } = this.parts;
    evictionLog.notePattern(pattern);
    flights.invalidateWhere((key) => pattern.takes(key));
    return near?.deleteWhere((prefix, key) => pattern.takes(keys.entryIn(prefix, key))) ?? 0;
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
    this.parts.stamps.clear();
    this.parts.evictionLog.forget();
  }
}
