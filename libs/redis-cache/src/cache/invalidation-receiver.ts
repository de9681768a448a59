import type { Heard } from '../invalidation/coherence.js';
import type { KeyPattern } from '../keys/key-pattern.js';
import type { EngineParts } from './engine-parts.js';

/** Applies what other processes have invalidated, and what may have been missed of it. */
export class InvalidationReceiver {
  constructor(
    private readonly parts: Pick<
      EngineParts,
      'keys' | 'near' | 'stamps' | 'flights' | 'evictionLog' | 'clock' | 'events'
    >,
  ) {}

  apply(message: Heard): void {
    const { keys, near, stamps, flights, evictionLog, clock, events } = this.parts;
    const { kind } = message;
    const key = kind === 'pattern' ? message.pattern.name : message.key;
    switch (kind) {
      case 'entry': {
        const { scopePrefix: prefix, encodedKey } = keys.splitEntry(key);
        near?.delete({ prefix }, encodedKey);
        flights.invalidate(key);
        evictionLog.note(key);
        break;
      }
      case 'stamp':
        if (message.stamp) stamps.renew(key, message.stamp, clock.nowMs());
        else stamps.forget(key);
        break;
      case 'pattern':
        this.forget(message.pattern);
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

  /** Nothing that was kept so far is known to hold. */
  forgetEverything(): void {
    this.parts.near?.clear();
    this.parts.stamps.clear();
    this.parts.flights.invalidateAll();
    this.parts.evictionLog.forget();
  }
}
