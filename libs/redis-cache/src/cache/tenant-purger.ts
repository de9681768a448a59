import { PurgeIncompleteError } from '../errors/purge-incomplete.error.js';
import type { EngineParts } from './engine-parts.js';
import type { Evictor } from './evictor.js';
import { InvalidationReceiver } from './invalidation-receiver.js';
import { PatternSweep } from './pattern-sweep.js';
import type { PurgeProgress } from './purge-progress.js';

const EVERY_ENTRY = '*';

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
   * @returns how many keys were deleted in Redis; where none is configured, entries in this process
   * @throws {PurgeIncompleteError} Redis is away, or failed before the end
   */
  async purge(tenant: string, onProgress: (progress: PurgeProgress) => unknown): Promise<number> {
    const { far, invalidations, keys, events } = this.parts;
    const everything = keys.pattern(tenant, EVERY_ENTRY);
    const acknowledged = await this.evictor.renewStamp(invalidations.tenant(tenant));
    const kept = this.sweep.forget(everything);
    if (!far) return kept;
    let deleted = 0;
    if (!acknowledged) throw new PurgeIncompleteError(tenant, deleted);
    let told: PurgeProgress | undefined;
    // As an event, so that a callback that throws disturbs no more than a listener does.
    const stop = events.on('purgeProgress', (progress) =>
      progress === told ? onProgress(progress) : undefined,
    );
    try {
      await this.sweep.run(far, everything, keys.tenantKeys(tenant), (step, progress) => {
        ({ deleted } = progress);
        told = { tenant, step, ...progress };
        events.emit('purgeProgress', told);
      });
    } catch (error) {
      throw new PurgeIncompleteError(tenant, deleted, { cause: error });
    } finally {
      stop();
    }
    return deleted;
  }
}
