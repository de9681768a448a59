import { decodeEntry } from '../codec/envelope.js';
import type { ResolvedPolicy } from '../config/resolve-policy.js';
import type { EngineParts } from './engine-parts.js';
import type { PersistentExplanation } from './entry-explanation.js';
import type { ScopedEntry } from './entry-scope.js';
import { persistedKey } from './persistent-entries.js';

/** Says what the persistent store has of an entry. */
export class PersistentExplainer {
  constructor(private readonly parts: EngineParts) {}

  /** Undefined where the cache has none. Whatever the store does, this answers. */
  async explain(
    ref: ScopedEntry,
    { persist }: ResolvedPolicy,
  ): Promise<PersistentExplanation | undefined> {
    const { persistent } = this.parts;
    if (persist === false || !persistent) return undefined;
    if (!persistent.available) return { kind: 'away' };
    if (await this.lacks()) return { kind: 'behind' };
    const look = await persistent.look(persistedKey(ref), []);
    if (!look) return { kind: 'away' };
    if (!look.entry) return { kind: 'absent' };
    const { bytes, leftMs } = look.entry;
    const { kind } = decodeEntry(bytes);
    return kind === 'entry'
      ? { kind, ttlLeftMs: leftMs, bytes: bytes.byteLength }
      : { kind, bytes: bytes.byteLength };
  }

  private async lacks(): Promise<boolean> {
    const { link, events } = this.parts;
    if (!link?.available) return false;
    try {
      return await link.owesAny();
    } catch (error) {
      events.emit('farError', { operation: 'owed', error });
      return true;
    }
  }
}
