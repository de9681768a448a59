import type { EngineParts } from './engine-parts.js';
import type { EntryRef } from './entry-ref.js';
import type { FarAccess } from './far-access.js';
import { FarBudget } from './far-budget.js';

/** Evicts entries so that nothing loaded before is stored or served afterwards. */
export class Evictor {
  constructor(
    private readonly parts: EngineParts,
    private readonly access: FarAccess,
  ) {}

  /**
   * Evicts one entry from both tiers. With Redis away it acts in this process.
   *
   * @returns whether the entry was there, as far as could be seen
   */
  async evict(ref: EntryRef): Promise<boolean> {
    const { clock, commandTimeoutMs, counters, events } = this.parts;
    counters(ref.cache).evictions += 1;
    const wasNear = this.forget(ref);
    const budget = new FarBudget(commandTimeoutMs, clock);
    const answer = await this.access.ask('evict', ref, (far) =>
      budget.spend((ms) => far.evict(ref.redisKey, ms)),
    );
    // A read that began while the command was on its way may have met the entry before it went.
    this.forget(ref);
    const acknowledged = answer.kind === 'answer' || !this.parts.far;
    events.emit('evict', { entry: ref, acknowledged });
    return wasNear || (answer.kind === 'answer' && answer.value);
  }

  private forget({ redisKey }: EntryRef): boolean {
    this.parts.flights.invalidate(redisKey);
    return this.parts.near?.delete(redisKey) ?? false;
  }
}
