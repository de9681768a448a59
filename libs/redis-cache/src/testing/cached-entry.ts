import type { EngineParts } from '../cache/engine-parts.js';
import { entryStampKeys } from '../cache/entry-stamp-keys.js';
import { isNearUsable, isVouchedFor } from '../cache/near-keeper.js';
import { decodeEntry, type EntryHeader } from '../codec/envelope.js';
import { digestOf } from '../codec/stamps-digest.js';
import { parseStamp } from '../invalidation/bus-message.js';
import { withinEpoch } from '../rollout/rollout-record.js';
import { isUsable } from '../stores/near-node.js';
import type { RecordedEntry } from './cache-record.js';
import type { TestRedis } from './test-redis.js';

/** An entry that a call would be answered with now. */
export interface CachedEntry extends RecordedEntry {
  /** Shape version of its cache. */
  readonly version: number;
  readonly redisKey: string;
  /** Where it is. */
  readonly tiers: readonly ('near' | 'far')[];
  /** How long it is fresh; 0 when it is within its grace. Of the far tier where that has it. */
  readonly ttlLeftMs: number;
}

interface Kept {
  readonly redisKey: string;
  readonly tier: 'near' | 'far';
  readonly freshUntilMs: number;
}

/** All that the tiers would answer with, in the order of their keys. */
export function cachedEntries(parts: EngineParts, redis: TestRedis | undefined): CachedEntry[] {
  const nowMs = parts.clock.nowMs();
  const byKey = new Map<string, CachedEntry>();
  const kept = [...keptNear(parts, nowMs), ...(redis ? keptFar(parts, redis, nowMs) : [])];
  for (const { redisKey, tier, freshUntilMs } of kept) {
    const entry = entryUnder(parts, redisKey);
    const tiers = [...(byKey.get(redisKey)?.tiers ?? []), tier];
    if (!entry) continue;
    byKey.set(redisKey, { ...entry, tiers, ttlLeftMs: Math.max(0, freshUntilMs - nowMs) });
  }
  return [...byKey.values()].sort((a, b) => (a.redisKey < b.redisKey ? -1 : 1));
}

function keptNear(parts: EngineParts, nowMs: number): Kept[] {
  if (!parts.near || !isNearUsable(parts)) return [];
  return [...parts.near.all()]
    .filter(({ entry }) => isUsable(entry, nowMs) && isVouchedFor(entry, parts, nowMs))
    .map(({ prefix, key, entry }) => ({
      redisKey: parts.keys.entryIn(prefix, key),
      tier: 'near',
      freshUntilMs: entry.keptAtMs + entry.freshForMs,
    }));
}

function keptFar(parts: EngineParts, redis: TestRedis, nowMs: number): Kept[] {
  if (!parts.far?.available) return [];
  return redis.keys.flatMap((redisKey) => {
    const decoded = decodeEntry(redis.peek(redisKey) ?? Buffer.alloc(0));
    if (decoded.kind !== 'entry' || decoded.header.usableUntilMs <= nowMs) return [];
    if (!stampsHold(parts, redis, redisKey, decoded.header)) return [];
    return [{ redisKey, tier: 'far', freshUntilMs: decoded.header.freshUntilMs }];
  });
}

function stampsHold(
  parts: EngineParts,
  redis: TestRedis,
  redisKey: string,
  { digest, tags }: EntryHeader,
): boolean {
  const entry = entryUnder(parts, redisKey);
  if (!entry) return false;
  const names = tags.map(({ tag }) => tag);
  const stampKeys = entryStampKeys(parts.keys, entry, names).keys();
  const [all, tenant, cache, ...ofTags] = [...stampKeys].map(
    (key) => parseStamp(redis.peek(key)?.toString() ?? '')?.id,
  );
  if (all === undefined || tenant === undefined || cache === undefined) return false;
  const { epoch } = parts.rollouts.of(entry.cache);
  if (digest !== digestOf(all, tenant, withinEpoch(cache, epoch))) return false;
  return tags.every(({ stamp }, i) => stamp === ofTags[i]);
}

/** @returns undefined under a key of another kind, and where a name was too long to stand in it */
function entryUnder(
  { keys }: EngineParts,
  redisKey: string,
): Omit<CachedEntry, 'tiers' | 'ttlLeftMs'> | undefined {
  const parsed = keys.parse(redisKey);
  if (parsed?.kind !== 'entry') return undefined;
  const { tenant, cache, version, key } = parsed;
  if (tenant === undefined || cache === undefined) return undefined;
  return { tenant, cache, version, key, redisKey };
}
