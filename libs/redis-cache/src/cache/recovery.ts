import type { Bus } from '../invalidation/bus.js';
import type { Invalidation } from '../invalidation/invalidation.js';
import type { FarStore, InvalidationSink } from '../stores/far-store.interface.js';
import type { EngineParts } from './engine-parts.js';
import { InvalidationReceiver } from './invalidation-receiver.js';

/**
 * What happens each time the connection is there, before anything is read: the bus is proven, the
 * journal is replayed, and what this process kept is forgotten. Only then is Redis used again. This is
 * also what repairs a failover that lost the last writes.
 */
export function recoverBy(
  parts: EngineParts,
  far: FarStore,
  bus: Pick<Bus, 'distrust' | 'proveWhenConnected'> | undefined,
): void {
  const receiver = new InvalidationReceiver(parts);
  const { journal, random } = parts;
  far.onRecovery(async (sink) => {
    bus?.distrust();
    await bus?.proveWhenConnected((channel, message) => sink.publish(channel, message));
    await journal.replay((invalidation) => send(sink, invalidation, random.stampId()));
    receiver.forgetEverything();
  });
  // Noted after the replay had ended, and before commands were sent again.
  parts.events.on('state', ({ to }) => {
    if (to.kind === 'ready' && journal.unacknowledged > 0) {
      far.suspect('an eviction was not acknowledged');
    }
  });
}

function send(
  sink: InvalidationSink,
  { level, key }: Invalidation,
  stampId: string,
): Promise<unknown> {
  return level === 'entry' ? sink.evict(key) : sink.renewStamp(key, stampId);
}
