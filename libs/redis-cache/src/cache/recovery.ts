import type { Invalidation } from '../invalidation/invalidation.js';
import type { Listening } from '../invalidation/listener.js';
import type { FarLink } from '../stores/far-store.interface.js';
import type { EngineParts } from './engine-parts.js';
import type { RolloutSync } from './rollout-sync.js';
import { InvalidationReceiver } from './invalidation-receiver.js';

/**
 * What happens each time the connection is there, before anything is read: it is proven that this
 * process hears the others, it is learned for whom caches are used, the journal is replayed, and what
 * this process kept is forgotten. Only then is Redis used again. This is also what repairs a failover that
 * lost the last writes.
 */
export function recoverBy(
  parts: EngineParts,
  link: FarLink,
  listening: Pick<Listening, 'distrust' | 'proveWhenConnected'> | undefined,
  rolloutSync: Pick<RolloutSync, 'join'>,
): void {
  const receiver = new InvalidationReceiver(parts);
  const { journal, random, invalidations, persistent, rollouts, events } = parts;
  const all = invalidations.all();
  const replay = (invalidation: Invalidation): Promise<unknown> => {
    const { level, key } = invalidation;
    if (level === 'entry') return link.evict(key);
    // A pattern is not walked through again, which may take long: all of its tenant goes.
    const stamp = level === 'pattern' ? invalidations.coarser(invalidation).key : key;
    return link.renewStamp(stamp, random.stampId());
  };
  link.onRecovery(async () => {
    listening?.distrust();
    await listening?.proveWhenConnected();
    await rolloutSync.join();
    const { mustBeginAnew } = rollouts;
    if (mustBeginAnew) journal.note(all);
    // Before it is evicted in Redis: whoever reads there next must not find it in the persistent store.
    const owing = persistent?.unacknowledged ?? [];
    if (owing.length > 0) await link.owe(owing.map(({ key }) => key));
    await journal.replay(replay);
    // Only now, so that whoever dies before leaves it to the next one.
    rollouts.noteBegun();
    if (mustBeginAnew) {
      await rolloutSync.join();
      events.emit('invalidate', { level: 'all', tenant: null, key: all.key, acknowledged: true });
    }
    receiver.forgetEverything();
  });
}
