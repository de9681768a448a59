import { asBuffer, type TextOrBytes } from '../codec/binary.js';
import { decompressPayload } from '../codec/compression.js';
import {
  decodeEntry,
  IDENTITY_BYTES,
  type DecodedEntry,
  type EntryHeader,
} from '../codec/envelope.js';
import type { HeldValue } from '../codec/held-value.js';
import type { ResolvedPolicy } from '../config/resolve-policy.js';
import type { MissCause } from './cache-counters.js';
import type { EngineParts } from './engine-parts.js';
import type { ScopedEntry } from './entry-scope.js';
import type { EntryStamps } from './entry-stamps.js';
import { holdDecoded } from './held-values.js';

/** Stored bytes that are an entry which may still be served; its value is not decoded yet. */
export type StoredEntry = Extract<DecodedEntry, { kind: 'entry' }>;

/** An entry of the far tier whose stamps hold. Spans count from now; one that has passed is 0 or negative. */
export interface HoldingEntry {
  readonly kind: 'entry';
  /** As it was decoded: for one caller, unless others hold it too. */
  readonly value: unknown;
  readonly held: HeldValue;
  readonly payloadBytes: number;
  readonly freshForMs: number;
  readonly refreshInMs: number;
  readonly stamps: EntryStamps;
  /** The stored bytes, the first of which tell it from a later one; see {@link identityOf}. */
  readonly bytes: Uint8Array;
}

/** What there is instead of an entry. */
export type NoEntry =
  /** Nothing that may be served. `known` names what is there, if anything. */
  | {
      readonly kind: 'absent';
      readonly reason: MissCause;
      readonly known: Uint8Array | undefined;
    }
  /** Written by a later version of this library: not readable here, and to be left in place. */
  | { readonly kind: 'newer'; readonly reason: 'newer' };

/** Turns stored bytes back into values. Whatever the bytes are, it answers and never throws. */
export class EntryOpener {
  constructor(private readonly parts: EngineParts) {}

  /** What bytes under a key are, but for the value: whether that is worth decoding is seen by its stamps. */
  look(ref: ScopedEntry, bytes: Uint8Array, nowMs: number): StoredEntry | NoEntry {
    const decoded = decodeEntry(bytes);
    switch (decoded.kind) {
      case 'newer':
        return { kind: 'newer', reason: 'newer' };
      case 'undecodable':
        return this.undecodable(ref, bytes, decoded.reason);
      case 'entry':
        if (decoded.header.usableUntilMs > nowMs) return decoded;
        return { kind: 'absent', reason: 'expired', known: identityOf(bytes) };
    }
  }

  /** @param stamps those that the entry was stored under */
  open(
    ref: ScopedEntry,
    policy: ResolvedPolicy,
    bytes: Uint8Array,
    stored: StoredEntry,
    stamps: EntryStamps,
    nowMs: number,
  ): HoldingEntry | NoEntry {
    const { header } = stored;
    try {
      const payload = plainPayload(stored, policy);
      const value = policy.codec.decode(header.codecId, payload);
      return {
        kind: 'entry',
        value,
        held: holdDecoded(policy, value, header.codecId, payload),
        payloadBytes: typeof payload === 'string' ? stored.payloadBytes : payload.byteLength,
        freshForMs: header.freshUntilMs - nowMs,
        refreshInMs: refreshAtMs(header, policy.refreshAhead) - nowMs,
        stamps,
        bytes,
      };
    } catch (error) {
      return this.undecodable(ref, bytes, String(error));
    }
  }

  private undecodable(ref: ScopedEntry, bytes: Uint8Array, reason: string): NoEntry {
    const known = identityOf(bytes);
    const { background, counters, events, far } = this.parts;
    counters(ref.cache).undecodable += 1;
    events.emit('undecodable', { entry: ref, reason });
    if (far) background.run('discard', far.discard(ref.redisKey, known));
    return { kind: 'absent', reason: 'undecodable', known };
  }
}

/** First bytes of an entry, which tell it from any other under its key. */
export function identityOf(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, IDENTITY_BYTES);
}

/**
 * What the codec wrote, whether it was stored compressed or not.
 *
 * @throws {UndecodableValueError} it cannot be decompressed, or not within `maxBytes`
 */
export function plainPayload(
  { header, payload }: StoredEntry,
  { maxBytes }: Pick<ResolvedPolicy, 'maxBytes'>,
): TextOrBytes {
  if (!header.gzip) return payload;
  return decompressPayload(asBuffer(payload), { maxOutputBytes: maxBytes });
}

/** When a read begins to refresh the entry ahead of its end; Infinity for never. */
export function refreshAtMs(
  { createdAtMs, freshUntilMs }: Pick<EntryHeader, 'createdAtMs' | 'freshUntilMs'>,
  refreshAhead: number,
): number {
  return createdAtMs + (refreshAfterMs(freshUntilMs - createdAtMs, refreshAhead) ?? Infinity);
}

/** From which age on that is, in whole milliseconds; undefined for never. */
export function refreshAfterMs(ttlMs: number, refreshAhead: number): number | undefined {
  return refreshAhead === 0 ? undefined : Math.floor(ttlMs * refreshAhead);
}
