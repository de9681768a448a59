import type { TextOrBytes } from '../codec/binary.js';
import { compressPayload } from '../codec/compression.js';
import type { EncodedValue } from '../codec/value-codec.js';
import { encodeEntry } from '../codec/envelope.js';
import type { HeldValue } from '../codec/held-value.js';
import type { ResolvedPolicy } from '../config/resolve-policy.js';
import { assertTags } from '../keys/names.js';
import type { EngineParts } from './engine-parts.js';
import type { ScopedEntry } from './entry-scope.js';
import type { EntryStamps } from './entry-stamps.js';
import { holdCopy, holdOwned } from './held-values.js';
import type { LoadRequest } from './load-request.js';

/** A value ready to be stored. */
export interface StorableValue {
  readonly kind: 'storable';
  readonly held: HeldValue;
  readonly encoded: EncodedValue;
  readonly ttlMs: number;
  /** Tags that only the value could name. */
  readonly resultTags: readonly string[];
}

/** What is to be done with a loaded value. */
export type Packed =
  | StorableValue
  /** Answered, but not stored: `unless`, a ttl of 0, or too large. */
  | { readonly kind: 'unstored'; readonly held: HeldValue }
  /** Cannot be copied at all, so it belongs to the caller that loaded it. */
  | { readonly kind: 'private' };

/** Turns values into entries. */
export class EntryPacker {
  constructor(private readonly parts: EngineParts) {}

  /** Whatever the value is, this answers and never throws. */
  pack(request: LoadRequest, value: unknown): Packed {
    try {
      return this.packExactly(request, value);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.uncacheable(request.ref, 'inexact', reason);
      return { kind: 'private' };
    }
  }

  /** @throws {UncacheableValueError} the value cannot be carried so that it comes out as it went in */
  packExactly(request: LoadRequest, value: unknown): Packed {
    const { ref, policy } = request;
    const said = this.said(request, value);
    if (said.ttlMs === 0) return unstored(policy, value);
    const encoded = policy.codec.encode(value);
    const held = holdCopy(policy, value, encoded);
    const bytes = encoded.payloadBytes;
    if (bytes > policy.maxBytes) {
      const reason = `it takes ${bytes} bytes, above maxBytes of ${policy.maxBytes}`;
      this.uncacheable(ref, 'too-large', reason);
      return { kind: 'unstored', held };
    }
    return { kind: 'storable', held, encoded, ...said };
  }

  /** What to store of an entry that begins to live at `nowMs` of the server's clock. */
  toBytes(
    { encoded, ttlMs }: StorableValue,
    policy: ResolvedPolicy,
    stamps: EntryStamps,
    nowMs: number,
  ): TextOrBytes {
    const createdAtMs = Math.round(nowMs);
    const compressed = compress(encoded, policy);
    const header = {
      codecId: encoded.codecId,
      gzip: compressed !== undefined,
      createdAtMs,
      freshUntilMs: createdAtMs + ttlMs,
      usableUntilMs: createdAtMs + ttlMs + policy.graceMs,
      ...stamps.forHeader(),
    };
    return compressed
      ? encodeEntry(header, compressed)
      : encodeEntry(header, encoded.payload, encoded.payloadBytes);
  }

  /** What the request says about this value; a ttl of 0 where its functions fail to say. */
  private said(request: LoadRequest, value: unknown): Pick<StorableValue, 'ttlMs' | 'resultTags'> {
    const { ref, policy, unless, ttlMs, resultTags } = request;
    try {
      if (unless?.(value)) return { ttlMs: 0, resultTags: [] };
      return {
        ttlMs: this.jittered(ttlMs?.(value) ?? policy.ttlMs, policy.jitter),
        resultTags: assertTags(resultTags?.(value) ?? []),
      };
    } catch (error) {
      this.parts.events.emit('policyError', { cache: ref.cache, error });
      return { ttlMs: 0, resultTags: [] };
    }
  }

  private jittered(ttlMs: number, jitter: number): number {
    if (jitter === 0 || ttlMs === 0) return ttlMs;
    return Math.max(1, Math.round(ttlMs * (1 - jitter * this.parts.random.fraction())));
  }

  private uncacheable(ref: ScopedEntry, kind: 'inexact' | 'too-large', reason: string): void {
    this.parts.counters(ref.cache).uncacheable += 1;
    this.parts.events.emit('uncacheable', { entry: ref, kind, reason });
  }
}

/** Nobody has asked to store it: that it cannot be is no failure. Only what can be is copied as it is. */
function unstored(policy: ResolvedPolicy, value: unknown): Packed {
  // Among them the mark that an Observable had none.
  const isPrimitive = typeof value !== 'object' && typeof value !== 'function';
  if (isPrimitive) return { kind: 'unstored', held: holdOwned(policy, value) };
  try {
    return { kind: 'unstored', held: holdCopy(policy, value, policy.codec.encode(value)) };
  } catch {
    return { kind: 'private' };
  }
}

function compress(
  { payload, payloadBytes }: EncodedValue,
  { compressFromBytes }: ResolvedPolicy,
): Uint8Array | undefined {
  if (compressFromBytes === false) return undefined;
  return compressPayload(payload, { thresholdBytes: compressFromBytes }, payloadBytes);
}
