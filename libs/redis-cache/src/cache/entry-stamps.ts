import type { EntryHeader } from '../codec/envelope.js';
import type { KnownStamp } from '../invalidation/stamp-table.js';

/** The stamps under which a value was, or is about to be, loaded. */
export class EntryStamps {
  constructor(
    readonly all: KnownStamp,
    readonly tenant: KnownStamp,
    readonly cache: KnownStamp,
    readonly tags: ReadonlyMap<string, KnownStamp>,
  ) {}

  list(): readonly KnownStamp[] {
    return [this.all, this.tenant, this.cache, ...this.tags.values()];
  }

  /** Whether nothing has invalidated any of them since. */
  get live(): boolean {
    return this.list().every(({ live }) => live);
  }

  /** Whether an entry was stored under just these. */
  match({ stamps, tags }: EntryHeader): boolean {
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
