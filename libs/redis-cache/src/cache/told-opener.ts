import { asBuffer } from '../codec/binary.js';
import type { ResolvedPolicy } from '../config/resolve-policy.js';
import type { NearEntry } from '../stores/near-node.js';
import type { EngineParts } from './engine-parts.js';
import type { EntryOpener } from './entry-opener.js';
import type { ScopedEntry } from './entry-scope.js';
import type { NearKeeper } from './near-keeper.js';
import type { StampReader } from './stamp-reader.js';

/** Opens what others have told of entries that are kept here, once it is asked for: much of it never is. */
export class ToldOpener {
  constructor(
    private readonly parts: EngineParts,
    private readonly opener: EntryOpener,
    private readonly stampReader: StampReader,
    private readonly keeper: NearKeeper,
  ) {}

  /** @returns the entry as it is kept from now on; undefined if Redis is to be asked after all */
  open(ref: ScopedEntry, policy: ResolvedPolicy, told: NearEntry): NearEntry | undefined {
    if (policy.near === false) return undefined;
    const opened = this.openFresh(ref, policy, told);
    if (!opened) this.parts.near?.delete(ref.scope, ref.key);
    return opened;
  }

  private openFresh(
    ref: ScopedEntry,
    policy: ResolvedPolicy,
    told: NearEntry,
  ): NearEntry | undefined {
    const { far } = this.parts;
    if (!far || told.told === undefined) return undefined;
    const bytes = asBuffer(told.told);
    const serverMs = far.nowMs();
    const stored = this.opener.look(ref, bytes, serverMs);
    if (stored.kind !== 'entry') return undefined;
    const stamps = this.stampReader.ifKnown(ref, stored.header);
    if (!stamps) return undefined;
    const entry = this.opener.open(ref, policy, bytes, stored, stamps, serverMs);
    return entry.kind === 'entry' ? this.keeper.keepTold(ref, policy, entry, told) : undefined;
  }
}
