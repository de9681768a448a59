import type { BusMessage } from '../invalidation/bus-message.js';
import type { EngineParts } from './engine-parts.js';

/** Applies what other processes have invalidated, and what may have been missed of it. */
export class InvalidationReceiver {
  constructor(
    private readonly parts: Pick<
      EngineParts,
      'keys' | 'near' | 'stamps' | 'flights' | 'evictionLog' | 'clock' | 'events'
    >,
  ) {}

  apply(message: BusMessage): void {
    const { keys, near, stamps, flights, evictionLog, clock, events } = this.parts;
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

  /** Nothing that was kept so far is known to hold. */
  forgetEverything(): void {
    this.parts.near?.clear();
    this.parts.stamps.clear();
    this.parts.evictionLog.forget();
  }
}
