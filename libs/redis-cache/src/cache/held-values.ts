import type { TextOrBytes } from '../codec/binary.js';
import { CODEC_IDS } from '../codec/codec-ids.js';
import type { HeldValue } from '../codec/held-value.js';
import type { EncodedValue } from '../codec/value-codec.js';
import type { ResolvedPolicy } from '../config/resolve-policy.js';

/** Holds a value as it was decoded. Who decoded it may have it too where it is held by its text. */
export function holdDecoded(
  policy: ResolvedPolicy,
  value: unknown,
  codecId: number,
  payload: TextOrBytes,
): HeldValue {
  return heldText(policy, codecId, payload) ?? holdOwned(policy, value, codecId);
}

/** Holds a value that others may have too, by what it is stored as. */
export function holdCopy(
  policy: ResolvedPolicy,
  value: unknown,
  { codecId, payload }: EncodedValue,
): HeldValue {
  const text = heldText(policy, codecId, payload);
  if (text) return text;
  const { codec } = policy;
  // Not by a copy: V8 gives each frozen clone a hidden class of its own, which is larger than the object.
  if (isShared(policy)) return holdOwned(policy, codec.decode(codecId, payload), codecId);
  return { value: codec.copy(value, codecId), text: undefined, frozen: false, codecId };
}

/** What one caller is given of a value that others hold too. */
export function copyOf(policy: ResolvedPolicy, holding: HeldValue): unknown {
  if (holding.frozen) return holding.value;
  const { text, codecId } = holding;
  if (text !== undefined) {
    holding.value = policy.codec.decode(codecId as number, text);
    holding.text = undefined;
  }
  return policy.codec.copy(holding.value, codecId);
}

/** The answer to whoever has decoded a value: that itself, unless it is the very one that others hold too. */
export function ownOf(
  policy: ResolvedPolicy,
  decoded: unknown,
  holding: HeldValue,
  othersHold: boolean,
): unknown {
  return othersHold && holding.text === undefined ? copyOf(policy, holding) : decoded;
}

/** Holds a value that nobody else has, or nobody can change. */
export function holdOwned(policy: ResolvedPolicy, value: unknown, codecId?: number): HeldValue {
  const frozen = isShared(policy) && policy.codec.freezeOwned(value);
  return { value, text: undefined, frozen, codecId };
}

function heldText(
  policy: ResolvedPolicy,
  codecId: number,
  payload: TextOrBytes,
): HeldValue | undefined {
  if (codecId !== CODEC_IDS.json || typeof payload !== 'string' || isShared(policy)) {
    return undefined;
  }
  return { value: undefined, text: payload, frozen: false, codecId };
}

function isShared({ near }: ResolvedPolicy): boolean {
  return near !== false && near.share;
}
