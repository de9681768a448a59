import { decodeEntry, type DecodedEntry, type EntryHeader } from '../codec/envelope.js';
import type { ResolvedPolicy } from '../config/resolve-policy.js';
import { failureKind, failureReason } from '../connection/failure-kind.js';
import type { Stamp } from '../invalidation/stamp-table.js';
import { withinEpoch, type RolloutEpoch } from '../rollout/rollout-record.js';
import type { FarLook, FarStore } from '../stores/far-store.interface.js';
import type { EngineParts } from './engine-parts.js';
import type { FarExplanation, StampExplanation } from './entry-explanation.js';
import { plainPayload, refreshAtMs } from './entry-opener.js';
import type { EntryRef } from './entry-ref.js';
import { entryStampKeys, type StampName } from './entry-stamp-keys.js';
import { compareStamps } from './stamp-comparison.js';
import type { StampReader } from './stamp-reader.js';

/** What Redis has of an entry, and who may load it. */
export interface FarFindings {
  readonly far: FarExplanation;
  readonly lease: FarLook['lease'];
}

/** What of a policy decides how an entry reads. */
export interface ReadPolicy extends Pick<ResolvedPolicy, 'refreshAhead' | 'maxBytes'> {
  readonly codec: Pick<ResolvedPolicy['codec'], 'decode' | 'nameOf'>;
}

/** Says what the far tier has of an entry. */
export class FarExplainer {
  constructor(
    private readonly parts: Pick<EngineParts, 'far' | 'keys'>,
    private readonly stampReader: Pick<StampReader, 'knownOne'>,
    /** That of the rollout of a cache. */
    private readonly epochOf: (cache: string) => RolloutEpoch,
  ) {}

  /** Whatever Redis does, this answers. */
  async explain(ref: EntryRef, policy: ReadPolicy): Promise<FarFindings> {
    const { far } = this.parts;
    if (!far) return { far: { kind: 'off' }, lease: undefined };
    try {
      const { bytes, lease } = await far.look(ref.redisKey);
      return { far: bytes ? await this.open(far, ref, policy, bytes) : { kind: 'absent' }, lease };
    } catch (error) {
      const refused = failureKind(error) === 'refused';
      return {
        far: refused ? { kind: 'refused', reason: failureReason(error) } : { kind: 'away' },
        lease: undefined,
      };
    }
  }

  private async open(
    far: FarStore,
    ref: EntryRef,
    policy: ReadPolicy,
    stored: Buffer,
  ): Promise<FarExplanation> {
    const bytes = stored.byteLength;
    const decoded = decodeEntry(stored);
    if (decoded.kind === 'newer') return { kind: 'newer', bytes, formatVersion: decoded.version };
    if (decoded.kind === 'undecodable') return { ...decoded, bytes };
    const { header } = decoded;
    const stamps = await this.explainStamps(far, ref, header);
    const nowMs = far.nowMs();
    const state = stateOf(header, stamps, nowMs);
    if (state !== 'expired') {
      const reason = unreadable(policy, decoded);
      if (reason !== undefined) return { kind: 'undecodable', bytes, reason };
    }
    const { createdAtMs, freshUntilMs, usableUntilMs, codecId } = header;
    return {
      kind: 'entry',
      state,
      ageMs: nowMs - createdAtMs,
      ttlLeftMs: Math.max(0, freshUntilMs - nowMs),
      graceLeftMs: Math.max(0, usableUntilMs - Math.max(nowMs, freshUntilMs)),
      refreshDue: refreshAtMs(header, policy.refreshAhead) <= nowMs,
      bytes,
      compressed: header.gzip === true,
      codec: { id: codecId, name: policy.codec.nameOf(codecId) },
      stamps,
    };
  }

  /**
   * As a read does: by the stamps that are known here, and where one of them does not fit, by those in
   * Redis. One that is not there would be made anew, and fits nothing.
   */
  private async explainStamps(
    far: FarStore,
    ref: EntryRef,
    header: EntryHeader,
  ): Promise<StampExplanation[]> {
    const tags = header.tags.map(({ tag }) => tag);
    const names = [...entryStampKeys(this.parts.keys, ref, tags)];
    const epoch = this.epochOf(ref.cache);
    const inRedis = await far.peekStamps(names.map(([key]) => key));
    const by = (stamps: readonly (Stamp | undefined)[]) =>
      compareStamps(
        header,
        names.map(([, name], i) => ({ ...name, stamp: within(epoch, name, stamps[i]) })),
      );
    const known = by(names.map(([key], i) => this.stampReader.knownOne(key) ?? inRedis[i]));
    return known.every(({ holds }) => holds) ? known : by(inRedis);
  }
}

/** As entries of an epoch have it. */
function within(
  epoch: RolloutEpoch,
  { level }: StampName,
  stamp: Stamp | undefined,
): Stamp | undefined {
  return stamp && level === 'cache' ? { ...stamp, id: withinEpoch(stamp.id, epoch) } : stamp;
}

function stateOf(
  { freshUntilMs, usableUntilMs }: EntryHeader,
  stamps: readonly StampExplanation[],
  nowMs: number,
): Extract<FarExplanation, { kind: 'entry' }>['state'] {
  if (usableUntilMs <= nowMs) return 'expired';
  if (stamps.some(({ holds }) => !holds)) return 'outdated';
  return freshUntilMs > nowMs ? 'fresh' : 'stale';
}

/** Why a value cannot be read back, if it cannot. */
function unreadable(
  policy: ReadPolicy,
  decoded: Extract<DecodedEntry, { kind: 'entry' }>,
): string | undefined {
  try {
    policy.codec.decode(decoded.header.codecId, plainPayload(decoded, policy));
    return undefined;
  } catch (error) {
    return String(error);
  }
}
