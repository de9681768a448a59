import type { Invalidation } from '../invalidation/invalidation.js';
import type { Listening } from '../invalidation/listener.js';
import type { Clock } from '../resilience/clock.js';
import { withDeadline } from '../resilience/deadline.js';
import type { FarLink } from '../stores/far-store.interface.js';
import type { EngineParts } from './engine-parts.js';
import type { RolloutSync } from './rollout-sync.js';
import { InvalidationReceiver } from './invalidation-receiver.js';

/** What is proven anew in a recovery. */
type Provable = Pick<Listening, 'distrust' | 'proveWhenConnected'>;

/** Half of what a recovery may take: the rest of it is not to fail for want of a bus. */
const LONGEST_PROOF_MS = 5_000;

/**
 * What happens each time the connection is there, before anything is read: it is proven that this
 * process hears the others, it is learned for whom caches are used, the journal is replayed, and what
 * this process kept is forgotten. Only then is Redis used again. This is also what repairs a failover that
 * lost the last writes.
 */
export function recoverBy(
  parts: EngineParts,
  link: FarLink,
  listening: Provable | undefined,
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
    if (listening) await proveAnew(listening, parts.clock);
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

/**
 * Has it proven that the others are heard, and waits for that for a while. A proof that takes longer
 * goes on, and recovery without it: nothing is answered from memory until it ends well.
 */
export async function proveAnew(listening: Provable, clock: Clock): Promise<void> {
  listening.distrust();
  await withDeadline(listening.proveWhenConnected(), LONGEST_PROOF_MS, clock).catch(unproven);
}

function unproven(): void {
  // Whoever depends on it asks whether it is trusted.
}
