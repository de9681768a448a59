import { decompressPayload } from '../codec/compression.js';
import {
  decodeEntry,
  IDENTITY_BYTES,
  type DecodedEntry,
  type EntryHeader,
} from '../codec/envelope.js';
import type { HeldValue } from '../codec/held-value.js';
import type { EncodedValue } from '../codec/value-codec.js';
import type { ResolvedPolicy } from '../config/resolve-policy.js';
import type { MissCause } from './cache-counters.js';
import type { EngineParts } from './engine-parts.js';
import type { ScopedEntry } from './entry-scope.js';

/** An entry of the far tier, opened. Spans count from now; one that has passed is 0 or negative. */
export interface OpenedEntry {
  readonly kind: 'entry';
  readonly held: HeldValue;
  readonly payloadBytes: number;
  readonly freshForMs: number;
  readonly usableForMs: number;
  readonly refreshInMs: number;
  readonly header: EntryHeader;
  /** First bytes, to tell this entry from a later one. */
  readonly known: Uint8Array;
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

/** What bytes under a key turned out to be. */
export type Opened = OpenedEntry | NoEntry;

/** Turns stored bytes back into values. Whatever the bytes are, it answers and never throws. */
export class EntryOpener {
  constructor(private readonly parts: EngineParts) {}

  open(ref: ScopedEntry, policy: ResolvedPolicy, bytes: Uint8Array, nowMs: number): Opened {
    const decoded = decodeEntry(bytes);
    if (decoded.kind === 'newer') return { kind: 'newer', reason: 'newer' };
    const known = bytes.subarray(0, IDENTITY_BYTES);
    if (decoded.kind === 'undecodable') return this.undecodable(ref, known, decoded.reason);
    const { header } = decoded;
    if (header.usableUntilMs <= nowMs) return { kind: 'absent', reason: 'expired', known };
    try {
      const payload = plainPayload(decoded, policy);
      const value = policy.codec.decode(header.codecId, payload);
      return {
        kind: 'entry',
        held: hold(policy, value, header.codecId),
        payloadBytes: payload.byteLength,
        freshForMs: header.freshUntilMs - nowMs,
        usableForMs: header.usableUntilMs - nowMs,
        refreshInMs: refreshAtMs(header, policy.refreshAhead) - nowMs,
        header,
        known,
      };
    } catch (error) {
      return this.undecodable(ref, known, String(error));
    }
  }

  private undecodable(ref: ScopedEntry, known: Uint8Array, reason: string): Opened {
    const { background, counters, events, far } = this.parts;
    counters(ref.cache).undecodable += 1;
    events.emit('undecodable', { entry: ref, reason });
    if (far) background.run('discard', far.discard(ref.redisKey, known));
    return { kind: 'absent', reason: 'undecodable', known };
  }
}

/**
 * What the codec wrote, whether it was stored compressed or not.
 *
 * @throws {UndecodableValueError} it cannot be decompressed, or not within `maxBytes`
 */
export function plainPayload(
  { header, payload }: Extract<DecodedEntry, { kind: 'entry' }>,
  { maxBytes }: Pick<ResolvedPolicy, 'maxBytes'>,
): Uint8Array {
  return header.gzip ? decompressPayload(payload, { maxOutputBytes: maxBytes }) : payload;
}

/** Takes over a value nobody else holds. */
export function hold(policy: ResolvedPolicy, value: unknown, codecId: number): HeldValue {
  return { value, frozen: isShared(policy) && policy.codec.freezeOwned(value), codecId };
}

/** Takes over a copy of a value that others may hold. */
export function holdCopy(
  policy: ResolvedPolicy,
  value: unknown,
  encoded?: EncodedValue,
): HeldValue {
  const { codec } = policy;
  const codecId = encoded?.codecId;
  if (!isShared(policy)) return { value: codec.copy(value, codecId), frozen: false, codecId };
  // Not by a copy: V8 gives each frozen clone a hidden class of its own, which is larger than the object.
  if (encoded) return hold(policy, codec.decode(encoded.codecId, encoded.payload), encoded.codecId);
  const { value: held, shared } = codec.freeze(value);
  return { value: held, frozen: shared, codecId };
}

function isShared({ near }: ResolvedPolicy): boolean {
  return near !== false && near.share;
}

/** When a read begins to refresh the entry ahead of its end; Infinity for never. */
export function refreshAtMs(
  { createdAtMs, freshUntilMs }: Pick<EntryHeader, 'createdAtMs' | 'freshUntilMs'>,
  refreshAhead: number,
): number {
  if (refreshAhead === 0) return Infinity;
  return createdAtMs + (freshUntilMs - createdAtMs) * refreshAhead;
}
