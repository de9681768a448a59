import type { BusMessage } from '../invalidation/bus-message.js';
import type { InvalidationLevel } from '../invalidation/invalidation.js';
import type { ParsedKey } from '../keys/key-parser.js';
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
      'near' | 'stamps' | 'flights' | 'evictionLog' | 'clock' | 'events' | 'keys' | 'activities'
    >,
  ) {}

  apply(message: BusMessage): void {
    const { keys, near, stamps, flights, evictionLog, clock, events } = this.parts;
    this.count(message.key);
    if (message.kind === 'entry') {
      const { scopePrefix: prefix, encodedKey } = keys.splitEntry(message.key);
      near?.delete({ prefix }, encodedKey);
      flights.invalidate(message.key);
      evictionLog.note(message.key);
    } else {
      stamps.renew(message.key, message.stamp, clock.nowMs());
    }
    events.emit('remoteInvalidation', { kind: message.kind, key: message.key });
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
