import { asBuffer } from '../codec/binary.js';
import { decodeHeader } from '../codec/envelope.js';
import type { ResolvedPolicy } from '../config/resolve-policy.js';
import type { KnownStamp } from '../invalidation/stamp-table.js';
import type { NearEntry } from '../stores/near-node.js';
import type { EngineParts } from './engine-parts.js';
import type { NearExplanation, StampExplanation } from './entry-explanation.js';
import { refreshAfterMs } from './entry-opener.js';
import type { ScopedEntry } from './entry-scope.js';
import { isNearUsable, isVouchedFor } from './near-keeper.js';
import type { StampReader } from './stamp-reader.js';

/** Says what the near tier has of an entry. */
export class NearExplainer {
  constructor(
    private readonly parts: EngineParts,
    private readonly stampReader: StampReader,
  ) {}

  /** @param inRedis stamps as the far tier has them, for those of which only that they changed is known */
  explain(
    ref: ScopedEntry,
    policy: ResolvedPolicy,
    inRedis: readonly StampExplanation[],
  ): NearExplanation {
    const { near, clock } = this.parts;
    if (!near || policy.near === false) return { kind: 'off' };
    const found = near.peek(ref.scope, ref.key);
    if (!found) return { kind: 'absent' };
    const { bytes } = found;
    const entry = asRead(found.entry, policy.near.ttlMs, policy.refreshAhead);
    const nowMs = clock.nowMs();
    const told = this.stampsOfTold(ref, entry);
    const state = this.stateOf(entry, nowMs);
    const isOutdated = state === 'fresh' && entry.told !== undefined && !told;
    const ageMs = nowMs - entry.keptAtMs;
    return {
      kind: 'entry',
      state: isOutdated ? 'outdated' : state,
      ageMs,
      ttlLeftMs: Math.max(0, entry.freshForMs - ageMs),
      graceLeftMs: Math.max(0, Math.min(entry.graceMs, entry.freshForMs + entry.graceMs - ageMs)),
      refreshDue: ageMs >= (entry.refreshAfterMs ?? Infinity),
      bytes,
      stamps: (told ?? entry.stamps).map((stamp) => this.explainStamp(stamp, inRedis)),
    };
  }

  /** What a read would go by, which may be other ones than those of the entry before. */
  private stampsOfTold(ref: ScopedEntry, { told }: NearEntry): readonly KnownStamp[] | undefined {
    const decoded = told === undefined ? undefined : decodeHeader(asBuffer(told));
    if (decoded?.kind !== 'header') return undefined;
    return this.stampReader.ifKnown(ref, decoded.header)?.list();
  }

  private stateOf(
    entry: NearEntry,
    nowMs: number,
  ): Extract<NearExplanation, { kind: 'entry' }>['state'] {
    const { stamps, keptAtMs, freshForMs, graceMs } = entry;
    const ageMs = nowMs - keptAtMs;
    if (stamps.some(({ live }) => !live)) return 'outdated';
    if (ageMs >= freshForMs + graceMs) return 'expired';
    if (!isNearUsable(this.parts) || !isVouchedFor(entry, this.parts, nowMs)) return 'untrusted';
    return ageMs < freshForMs ? 'fresh' : 'stale';
  }

  private explainStamp(
    { key, id, live }: KnownStamp,
    inRedis: readonly StampExplanation[],
  ): StampExplanation {
    const of = this.subjectOf(key);
    const there = inRedis.find(({ level, tag }) => level === of.level && tag === of.tag);
    const current = this.parts.stamps.get(key)?.id ?? there?.current;
    return { ...of, entry: id, current, holds: live };
  }

  private subjectOf(stampKey: string): Pick<StampExplanation, 'level' | 'tag'> {
    const parsed = this.parts.keys.parse(stampKey);
    switch (parsed?.kind) {
      case 'tagStamp':
        return { level: 'tag', tag: parsed.tag };
      case 'cacheStamp':
        return { level: 'cache', tag: undefined };
      case 'tenantStamp':
        return { level: 'tenant', tag: undefined };
      default:
        return { level: 'all', tag: undefined };
    }
  }
}

/** As a read would find it: of an entry that is told, what its policy says is not looked at before. */
function asRead(entry: NearEntry, nearTtlMs: number, refreshAhead: number): NearEntry {
  const { told, freshForMs } = entry;
  if (told === undefined) return entry;
  return {
    ...entry,
    freshForMs: Math.min(freshForMs, nearTtlMs),
    refreshAfterMs: refreshAfterMs(freshForMs, refreshAhead),
  };
}
