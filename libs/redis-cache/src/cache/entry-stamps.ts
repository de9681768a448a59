import type { EntryHeader } from '../codec/envelope.js';
import { digestOf, type StampsDigest } from '../codec/stamps-digest.js';
import type { KnownStamp } from '../invalidation/stamp-table.js';
import { withinEpoch, type RolloutEpoch } from '../rollout/rollout-record.js';

const NO_TAGS: EntryHeader['tags'] = [];

/** The stamps under which a value was, or is about to be, loaded. */
export class EntryStamps {
  private listed: readonly KnownStamp[] | undefined = undefined;

  constructor(
    readonly all: KnownStamp,
    readonly tenant: KnownStamp,
    readonly cache: KnownStamp,
    readonly tags: ReadonlyMap<string, KnownStamp>,
    /** That of the rollout of the cache; whenever it ends, the stamp of the cache is forgotten. */
    readonly epoch: RolloutEpoch,
    private digestMade?: StampsDigest,
  ) {}

  /** All of them; the same list each time, as every entry under them keeps it. */
  list(): readonly KnownStamp[] {
    return (this.listed ??= [this.all, this.tenant, this.cache, ...this.tags.values()]);
  }

  /** The same with tags. */
  withTags(tags: ReadonlyMap<string, KnownStamp>): EntryStamps {
    if (tags.size === 0) return this;
    return new EntryStamps(this.all, this.tenant, this.cache, tags, this.epoch, this.digest);
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

  /** Whether they are just these, but for tags. */
  areOf(all: KnownStamp, tenant: KnownStamp, cache: KnownStamp, epoch: RolloutEpoch): boolean {
    return (
      this.all === all && this.tenant === tenant && this.cache === cache && this.epoch === epoch
    );
  }

  /** Whether an entry was stored under just these. */
  match({ digest, tags }: Pick<EntryHeader, 'digest' | 'tags'>): boolean {
    return (
      digest === this.digest && tags.every(({ tag, stamp }) => this.tags.get(tag)?.id === stamp)
    );
  }

  /** As they stand in the header of an entry. */
  forHeader(): Pick<EntryHeader, 'digest' | 'tags'> {
    const { digest, tags } = this;
    if (tags.size === 0) return { digest, tags: NO_TAGS };
    return { digest, tags: [...tags].map(([tag, { id }]) => ({ tag, stamp: id })) };
  }

  /** Made once for all entries under them. */
  private get digest(): StampsDigest {
    const { all, tenant, cache, epoch } = this;
    return (this.digestMade ??= digestOf(all.id, tenant.id, withinEpoch(cache.id, epoch)));
  }
}
