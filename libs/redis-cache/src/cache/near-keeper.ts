import type { ResolvedPolicy } from '../config/resolve-policy.js';
import type { EngineParts } from './engine-parts.js';
import { refreshAtMs, type OpenedEntry } from './entry-opener.js';
import type { StorableValue } from './entry-packer.js';
import type { EntryRef } from './entry-ref.js';
import type { Flight } from './flight.js';

/** Puts values into the near tier, unless an invalidation came since their flight began. */
export class NearKeeper {
  constructor(private readonly parts: EngineParts) {}

  /** An entry that also stands in Redis: served until `near.ttl`, and never longer than there. */
  keepOpened(flight: Flight, ref: EntryRef, policy: ResolvedPolicy, entry: OpenedEntry): void {
    const { near, clock } = this.parts;
    if (!near || policy.near === false || flight.invalidated || entry.freshForMs <= 0) return;
    const nowMs = clock.nowMs();
    const untilMs = nowMs + Math.min(entry.freshForMs, policy.near.ttlMs);
    near.set(
      ref.redisKey,
      ref.tenant,
      {
        value: entry.held.value,
        shared: entry.held.frozen,
        refreshAtMs: nowMs + entry.refreshInMs,
        freshUntilMs: untilMs,
        usableUntilMs: untilMs,
      },
      entry.payloadBytes,
    );
  }

  /** A value just stored in Redis. */
  keepStored(flight: Flight, ref: EntryRef, policy: ResolvedPolicy, value: StorableValue): void {
    if (policy.near !== false) this.keep(flight, ref, policy, value, policy.near.ttlMs, 0);
  }

  /** A value while Redis is away: it may be outdated by then, so it is served for a short time. */
  keepDegraded(flight: Flight, ref: EntryRef, policy: ResolvedPolicy, value: StorableValue): void {
    if (policy.near !== false) this.keep(flight, ref, policy, value, this.parts.degradedTtlMs, 0);
  }

  /** A value where no Redis is configured: it lives here, for its whole time. */
  keepAlone(flight: Flight, ref: EntryRef, policy: ResolvedPolicy, value: StorableValue): void {
    if (policy.near !== false) this.keep(flight, ref, policy, value, Infinity, policy.graceMs);
  }

  private keep(
    flight: Flight,
    ref: EntryRef,
    policy: ResolvedPolicy,
    { held, encoded, ttlMs }: StorableValue,
    capMs: number,
    graceMs: number,
  ): void {
    const { near, clock } = this.parts;
    if (!near || flight.invalidated) return;
    const createdAtMs = clock.nowMs();
    const freshUntilMs = createdAtMs + ttlMs;
    const untilMs = createdAtMs + Math.min(ttlMs, capMs);
    near.set(
      ref.redisKey,
      ref.tenant,
      {
        value: held.value,
        shared: held.frozen,
        refreshAtMs: refreshAtMs({ createdAtMs, freshUntilMs }, policy.refreshAhead),
        freshUntilMs: untilMs,
        usableUntilMs: untilMs + graceMs,
      },
      encoded.payload.byteLength,
    );
  }
}
