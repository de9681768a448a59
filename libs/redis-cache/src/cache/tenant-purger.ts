import { PurgeIncompleteError } from '../errors/purge-incomplete.error.js';
import type { EngineParts } from './engine-parts.js';
import type { Evictor } from './evictor.js';
import { InvalidationReceiver } from './invalidation-receiver.js';
import { PatternSweep } from './pattern-sweep.js';
import type { PurgeProgress } from './purge-progress.js';

const EVERY_ENTRY = '*';
const STORE = 'the persistent store';

/**
 * Erases everything of a tenant. Its stamp is renewed first, so that nothing from before is served or
 * stored, whatever comes of the rest.
 */
export class TenantPurger {
  private readonly sweep: PatternSweep;

  constructor(
    private readonly parts: EngineParts,
    private readonly evictor: Evictor,
  ) {
    this.sweep = new PatternSweep(new InvalidationReceiver(parts));
  }

  /**
   * @returns how many keys were deleted in Redis; where no entries are kept there, also entries in this
   *   process; and of the persistent store entries
   * @throws {PurgeIncompleteError} Redis or the persistent store is away, or failed before the end
   */
  async purge(tenant: string, onProgress: (progress: PurgeProgress) => unknown): Promise<number> {
    const { far, link, invalidations, keys, events } = this.parts;
    const everything = keys.pattern(tenant, EVERY_ENTRY);
    const acknowledged = await this.evictor.renewStamp(invalidations.tenant(tenant));
    const kept = this.sweep.forget(everything);
    if (!acknowledged) throw this.incomplete(tenant);
    const erased = await this.erase(tenant);
    if (!link) return kept + erased;
    let deleted = 0;
    let told: PurgeProgress | undefined;
    // As an event, so that a callback that throws disturbs no more than a listener does.
    const stop = events.on('purgeProgress', (progress) =>
      progress === told ? onProgress(progress) : undefined,
    );
    try {
      await this.sweep.run(link, everything, keys.tenantKeys(tenant), (step, progress) => {
        ({ deleted } = progress);
        told = { tenant, step, ...progress };
        events.emit('purgeProgress', told);
      });
    } catch (error) {
      throw new PurgeIncompleteError(tenant, deleted, { cause: error });
    } finally {
      stop();
    }
    return (far ? 0 : kept) + deleted + erased;
  }

  /** @returns how many entries the persistent store has had */
  private async erase(tenant: string): Promise<number> {
    const { persistent, keys } = this.parts;
    if (!persistent?.caches.some(() => true)) return 0;
    const erased = await persistent.erase(keys.tenantPrefix(tenant), keys.tenantStamp(tenant));
    if (erased === undefined) throw this.incomplete(tenant);
    return erased;
  }

  private incomplete(tenant: string): PurgeIncompleteError {
    const { persistent } = this.parts;
    const away = persistent !== undefined && !persistent.available;
    return new PurgeIncompleteError(tenant, 0, undefined, away ? STORE : undefined);
  }
}
