import type { EntryHeader } from '../codec/envelope.js';
import type { KnownStamp } from '../invalidation/stamp-table.js';
import { withinEpoch, type RolloutEpoch } from '../rollout/rollout-record.js';

/** The stamps under which a value was, or is about to be, loaded. */
export class EntryStamps {
  private listed: readonly KnownStamp[] | undefined = undefined;
  private readonly cacheId: string;

  constructor(
    readonly all: KnownStamp,
    readonly tenant: KnownStamp,
    readonly cache: KnownStamp,
    readonly tags: ReadonlyMap<string, KnownStamp>,
    /** That of the rollout of the cache; whenever it ends, the stamp of the cache is forgotten. */
    readonly epoch: RolloutEpoch,
  ) {
    this.cacheId = withinEpoch(cache.id, epoch);
  }

  /** All of them; the same list each time, as every entry under them keeps it. */
  list(): readonly KnownStamp[] {
    return (this.listed ??= [this.all, this.tenant, this.cache, ...this.tags.values()]);
  }

  /** The same with tags. */
  withTags(tags: ReadonlyMap<string, KnownStamp>): EntryStamps {
    if (tags.size === 0) return this;
    return new EntryStamps(this.all, this.tenant, this.cache, tags, this.epoch);
  }

  /** Whether nothing has invalidated any of them since. */
  get live(): boolean {
    for (const { live } of this.list()) if (!live) return false;
    return true;
  }

  /** When the one was read that was read first. */
  get readAtMs(): number {
    return Math.min(this.all.readAtMs, this.tenant.readAtMs, this.cache.readAtMs);
  }

  /** Whether an entry was stored under just these. */
  match({ stamps, tags }: Pick<EntryHeader, 'stamps' | 'tags'>): boolean {
    return (
      stamps.all === this.all.id &&
      stamps.tenant === this.tenant.id &&
      stamps.cache === this.cacheId &&
      tags.every(({ tag, stamp }) => this.tags.get(tag)?.id === stamp)
    );
  }

  /** As they stand in the header of an entry. */
  forHeader(): Pick<EntryHeader, 'stamps' | 'tags'> {
    return {
      stamps: { all: this.all.id, tenant: this.tenant.id, cache: this.cacheId },
      tags: [...this.tags].map(([tag, { id }]) => ({ tag, stamp: id })),
    };
  }
}
