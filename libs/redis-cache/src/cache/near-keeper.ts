import { markOf, type EntryMark } from '../codec/entry-mark.js';
import type { HeldValue } from '../codec/held-value.js';
import type { ResolvedPolicy } from '../config/resolve-policy.js';
import type { NearEntry } from '../stores/near-node.js';
import type { EngineParts } from './engine-parts.js';
import { refreshAfterMs } from './entry-opener.js';
import type { StorableValue } from './entry-packer.js';
import type { ScopedEntry } from './entry-scope.js';
import type { EntryStamps } from './entry-stamps.js';
import type { HoldingEntry } from './entry-opener.js';
import type { Flight } from './flight.js';
import { holdOwned } from './held-values.js';

/** A value to be kept, and what it was made under. */
export interface KeptValue {
  readonly flight: Flight;
  readonly ref: ScopedEntry;
  readonly policy: ResolvedPolicy;
  readonly value: StorableValue;
  readonly stamps: EntryStamps;
  /** Of the entry in Redis, if there is one. */
  readonly mark: EntryMark;
}

/** While evictions of others may go unnoticed, only a far tier that is away leaves the near one. */
export function isNearUsable({ coherence, far }: EngineParts): boolean {
  return coherence.trusted || !far?.available;
}

/**
 * Whether an entry that is kept is not too old to be served. Where it is kept here alone it lives for its
 * whole `ttl`, but while evictions of others may go unnoticed for no longer than one loaded just then.
 */
export function isVouchedFor(
  { keptAtMs }: Pick<NearEntry, 'keptAtMs'>,
  { coherence, far, degradedTtlMs }: EngineParts,
  nowMs: number,
): boolean {
  return coherence.trusted || far !== undefined || nowMs < keptAtMs + degradedTtlMs;
}

/** Puts values into the near tier, unless an invalidation came since their flight began. */
export class NearKeeper {
  constructor(private readonly parts: EngineParts) {}

  /**
   * An entry that also stands in Redis: served until `near.ttl`, and never longer than there.
   *
   * @returns whether it may be kept
   */
  keepOpened(
    flight: Flight,
    ref: ScopedEntry,
    policy: ResolvedPolicy,
    entry: HoldingEntry,
  ): boolean {
    const { near, clock, coherence } = this.parts;
    if (!near || policy.near === false || entry.freshForMs <= 0) return false;
    if (flight.invalidated || !entry.stamps.live || !coherence.trusted) return false;
    const kept = opened(entry, entry.held, policy.near, clock.nowMs());
    near.set(ref.scope, ref.key, ref.tenant, kept, bytesOf(entry.held, entry.payloadBytes));
    return true;
  }

  /**
   * The same of one that another process has told of.
   *
   * @returns it, unless it may not be served any more
   */
  keepTold(
    ref: ScopedEntry,
    policy: ResolvedPolicy,
    entry: HoldingEntry,
    { keptAtMs }: NearEntry,
  ): NearEntry | undefined {
    const { near, clock } = this.parts;
    if (!near || policy.near === false) return undefined;
    const nowMs = clock.nowMs();
    // It is asked for, and so no mere text any more.
    const held =
      entry.held.text === undefined
        ? entry.held
        : holdOwned(policy, entry.value, entry.held.codecId);
    const kept = opened(entry, held, policy.near, nowMs, keptAtMs);
    if (nowMs - keptAtMs >= kept.freshForMs) return undefined;
    near.exchange(ref.scope, ref.key, kept, bytesOf(held, entry.payloadBytes));
    return kept;
  }

  /** A value just stored in Redis. @returns whether it took the place of an earlier one, if there was one */
  keepStored(kept: KeptValue): boolean {
    const { near } = kept.policy;
    return near !== false && this.parts.coherence.trusted && this.keep(kept, near.ttlMs, 0);
  }

  /** A value while Redis is away: it may be outdated by then, so it is served for a short time. */
  keepDegraded(kept: KeptValue): void {
    this.keep(kept, this.parts.degradedTtlMs, 0);
  }

  /**
   * A value that is kept here alone: for its whole time where evictions of others are heard, or there are
   * no others.
   */
  keepAlone(kept: KeptValue): void {
    const { coherence } = this.parts;
    if (coherence.hearsOthers) this.keep(kept, Infinity, kept.policy.graceMs);
    else if (coherence.trusted) this.keepStored(kept);
    else this.keepDegraded(kept);
  }

  private keep(
    { flight, ref, policy, value: { held, encoded, ttlMs }, stamps, mark }: KeptValue,
    capMs: number,
    graceMs: number,
  ): boolean {
    const { near, clock } = this.parts;
    if (!near || policy.near === false || flight.invalidated || !stamps.live) return false;
    near.set(
      ref.scope,
      ref.key,
      ref.tenant,
      {
        value: held.value,
        text: held.text,
        frozen: held.frozen,
        codecId: held.codecId,
        keptAtMs: clock.nowMs(),
        refreshAfterMs: refreshAfterMs(ttlMs, policy.refreshAhead),
        freshForMs: Math.floor(Math.min(ttlMs, capMs)),
        graceMs,
        ttlForMs: Math.floor(ttlMs),
        mark,
        told: undefined,
        stamps: stamps.list(),
        answer: undefined,
      },
      bytesOf(held, encoded.payloadBytes),
    );
    return true;
  }
}

function opened(
  { freshForMs, refreshInMs, stamps, bytes }: HoldingEntry,
  held: HeldValue,
  { ttlMs }: Exclude<ResolvedPolicy['near'], false>,
  nowMs: number,
  keptAtMs = nowMs,
): NearEntry {
  const ageMs = nowMs - keptAtMs;
  const ttlForMs = ageMs + freshForMs;
  return {
    value: held.value,
    text: held.text,
    frozen: held.frozen,
    codecId: held.codecId,
    keptAtMs,
    refreshAfterMs: refreshInMs === Infinity ? undefined : Math.floor(ageMs + refreshInMs),
    freshForMs: Math.floor(Math.min(ttlForMs, ttlMs)),
    graceMs: 0,
    ttlForMs: Math.floor(ttlForMs),
    mark: markOf(bytes),
    told: undefined,
    stamps: stamps.list(),
    answer: undefined,
  };
}

/** A text of which one character is beyond Latin-1 takes two bytes for each of them in V8. */
function bytesOf({ text }: HeldValue, payloadBytes: number): number {
  const isOneByte = text === undefined || text.length === payloadBytes;
  return isOneByte ? payloadBytes : Math.max(payloadBytes, 2 * text.length);
}
