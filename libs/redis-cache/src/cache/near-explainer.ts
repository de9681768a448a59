import type { ResolvedPolicy } from '../config/resolve-policy.js';
import type { KnownStamp } from '../invalidation/stamp-table.js';
import type { NearEntry } from '../stores/near-tier.js';
import type { EngineParts } from './engine-parts.js';
import type { NearExplanation, StampExplanation } from './entry-explanation.js';
import type { ScopedEntry } from './entry-scope.js';
import { isNearUsable } from './near-keeper.js';

/** Says what the near tier has of an entry. */
export class NearExplainer {
  constructor(private readonly parts: EngineParts) {}

  explain({ scope, key }: ScopedEntry, policy: ResolvedPolicy): NearExplanation {
    const { near, clock } = this.parts;
    if (!near || policy.near === false) return { kind: 'off' };
    const found = near.peek(scope, key);
    if (!found) return { kind: 'absent' };
    const { entry, bytes } = found;
    const nowMs = clock.nowMs();
    return {
      kind: 'entry',
      state: this.stateOf(entry, nowMs),
      ageMs: nowMs - entry.keptAtMs,
      ttlLeftMs: Math.max(0, entry.freshUntilMs - nowMs),
      graceLeftMs: Math.max(0, entry.usableUntilMs - Math.max(nowMs, entry.freshUntilMs)),
      refreshDue: entry.refreshAtMs <= nowMs,
      bytes,
      stamps: entry.stamps.map((stamp) => this.explainStamp(stamp)),
    };
  }

  private stateOf(
    { stamps, freshUntilMs, usableUntilMs }: NearEntry,
    nowMs: number,
  ): Extract<NearExplanation, { kind: 'entry' }>['state'] {
    if (stamps.some(({ live }) => !live)) return 'outdated';
    if (usableUntilMs <= nowMs) return 'expired';
    if (!isNearUsable(this.parts)) return 'untrusted';
    return freshUntilMs > nowMs ? 'fresh' : 'stale';
  }

  private explainStamp({ key, id, live }: KnownStamp): StampExplanation {
    const { keys, stamps } = this.parts;
    const parsed = keys.parse(key);
    const current = stamps.get(key)?.id;
    const of = { entry: id, current, holds: live, tag: undefined };
    switch (parsed?.kind) {
      case 'tagStamp':
        return { ...of, level: 'tag', tag: parsed.tag };
      case 'cacheStamp':
        return { ...of, level: 'cache' };
      case 'tenantStamp':
        return { ...of, level: 'tenant' };
      default:
        return { ...of, level: 'all' };
    }
  }
}
