import type { EntryHeader } from '../codec/envelope.js';
import type { KnownStamp } from '../invalidation/stamp-table.js';

/** The stamps under which a value was, or is about to be, loaded. */
export class EntryStamps {
  private listed: readonly KnownStamp[] | undefined = undefined;

  constructor(
    readonly all: KnownStamp,
    readonly tenant: KnownStamp,
    readonly cache: KnownStamp,
    readonly tags: ReadonlyMap<string, KnownStamp>,
  ) {}

  /** All of them; the same list each time, as every entry under them keeps it. */
  list(): readonly KnownStamp[] {
    return (this.listed ??= [this.all, this.tenant, this.cache, ...this.tags.values()]);
  }

  /** The same with tags. */
  withTags(tags: ReadonlyMap<string, KnownStamp>): EntryStamps {
    return tags.size === 0 ? this : new EntryStamps(this.all, this.tenant, this.cache, tags);
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
      stamps.cache === this.cache.id &&
      tags.every(({ tag, stamp }) => this.tags.get(tag)?.id === stamp)
    );
  }

  /** As they stand in the header of an entry. */
  forHeader(): Pick<EntryHeader, 'stamps' | 'tags'> {
    return {
      stamps: { all: this.all.id, tenant: this.tenant.id, cache: this.cache.id },
      tags: [...this.tags].map(([tag, { id }]) => ({ tag, stamp: id })),
    };
  }
}
