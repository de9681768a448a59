import { COARSENING, type Invalidation, type Invalidations } from './invalidation.js';

/** Held back at most, past that they coarsen: few enough to be sent at once after the commit. */
const MAX_ITEMS = 500;

interface Deferred {
  readonly invalidation: Invalidation;
  readonly invalidate: () => Promise<unknown>;
}

/**
 * What one transaction is to invalidate once it has committed: each thing once, in no order, as
 * invalidations do not depend on each other. Past its bound it coarsens, as the journal does.
 */
export class DeferredInvalidations {
  private items = new Map<string, Deferred>();
  private hasRun = false;

  /** @param renewStamp carries out what the items have coarsened to */
  constructor(
    private readonly invalidations: Invalidations,
    private readonly renewStamp: (invalidation: Invalidation) => Promise<unknown>,
    private readonly maxItems = MAX_ITEMS,
  ) {}

  /** Whether they were carried out: what is added now would stay behind. */
  get over(): boolean {
    return this.hasRun;
  }

  add(invalidation: Invalidation, invalidate: () => Promise<unknown>): void {
    this.items.set(invalidation.key, { invalidation, invalidate });
    for (const level of COARSENING) {
      if (this.items.size <= this.maxItems) return;
      this.coarsen(level);
    }
  }

  /** Carries all of them out, side by side. */
  async run(): Promise<void> {
    this.hasRun = true;
    const items = [...this.items.values()];
    this.items.clear();
    await Promise.all(items.map(({ invalidate }) => invalidate()));
  }

  private coarsen(level: Invalidation['level']): void {
    for (const [key, { invalidation }] of this.items) {
      if (invalidation.level !== level) continue;
      this.items.delete(key);
      const coarser = this.invalidations.coarser(invalidation);
      const invalidate = () => this.renewStamp(coarser);
      this.items.set(coarser.key, { invalidation: coarser, invalidate });
    }
  }
}
