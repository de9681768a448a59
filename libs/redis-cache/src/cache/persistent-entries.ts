import { asBuffer, byteLengthOf } from '../codec/binary.js';
import { decodeEntry } from '../codec/envelope.js';
import type { ResolvedPolicy } from '../config/resolve-policy.js';
import type { PersistedLook } from '../persistence/persistent-store.interface.js';
import { FIRST_EPOCH } from '../rollout/rollout-record.js';
import type { FarLink } from '../stores/far-store.interface.js';
import type { EngineParts } from './engine-parts.js';
import { plainPayload } from './entry-opener.js';
import type { EntryPacker, StorableValue } from './entry-packer.js';
import type { ScopedEntry } from './entry-scope.js';
import { entryStampKeys } from './entry-stamp-keys.js';
import type { EntryStamps } from './entry-stamps.js';
import { isAway, type FarAccess } from './far-access.js';
import type { FarBudget } from './far-budget.js';
import { holdOwned } from './held-values.js';
import type { LoadRequest } from './load-request.js';

/** What the persistent store has of an entry that is about to be loaded. */
export interface PersistedFinding {
  /** Its value, to be stored as if it had been loaded just now. */
  readonly found: StorableValue | undefined;
  /** With which a value that is loaded instead is put; undefined where it is not to be. */
  readonly point: string | undefined;
}

const NOT_ASKED: PersistedFinding = { found: undefined, point: undefined };

/** Names of a look after which nothing is put. */
const NOTHING_PUT: readonly string[] = [];

/** How a value came to be. */
export type Origin = 'loaded' | 'written';

type Finding = Pick<LoadRequest, 'ref' | 'policy' | 'tags' | 'anew'>;

/** The entries of the persistent store, which are asked for before a load and put after it. */
export class PersistentEntries {
  constructor(
    private readonly parts: EngineParts,
    private readonly access: FarAccess,
    private readonly packer: EntryPacker,
  ) {}

  /** Whether a cache with this policy has any. */
  keeps({ persist }: ResolvedPolicy): boolean {
    return persist !== false && this.parts.persistent !== undefined;
  }

  /** To be called once the load has begun, as far as leases and stamps go. Never rejects. */
  async find(
    { ref, policy, tags = [], anew }: Finding,
    budget: FarBudget,
  ): Promise<PersistedFinding> {
    const look = await this.look(ref, this.namesOf(ref, 'loaded', tags), budget);
    return look ? this.read(look, { ref, policy, tags, anew }) : NOT_ASKED;
  }

  /** The value of a fresh entry, for a look-up without a load. Never rejects. */
  async peek(
    ref: ScopedEntry,
    policy: ResolvedPolicy,
    budget: FarBudget,
  ): Promise<StorableValue | undefined> {
    if (!this.keeps(policy)) return undefined;
    const look = await this.look(ref, NOTHING_PUT, budget);
    return look && this.read(look, { ref, policy }).found;
  }

  /** Puts a value that was loaded or written, behind the answer. */
  putLater(
    { ref, policy, ttlMs: said }: LoadRequest,
    packed: StorableValue,
    stamps: EntryStamps,
    by: Origin,
    point: string,
  ): void {
    const { persistent, clock, background } = this.parts;
    if (!persistent?.available || policy.persist === false) return;
    const ttlMs = said ? packed.ttlMs : (policy.persist.ttlMs ?? policy.ttlMs);
    const names = this.namesOf(ref, by, stamps.tags.keys());
    const key = persistedKey(ref, stamps.epoch);
    const put = async () => {
      const text = this.packer.toBytes({ ...packed, ttlMs }, policy, stamps, clock.nowMs());
      const stored = await persistent.put({ key, names, bytes: asBuffer(text), ttlMs, point });
      const { counters } = ref.scope.activity;
      if (stored) counters.persistentFills += 1;
      else if (stored === false) counters.refusedFills += 1;
    };
    // What cannot be encoded fails there: the value is answered all the same.
    background.run('persist', put());
  }

  /** All by which an entry with these tags can be invalidated; its key first. */
  namesOf(ref: ScopedEntry, by: Origin, tags: Iterable<string>): string[] {
    const stamps = entryStampKeys(this.parts.keys, ref, [...new Set(tags)]);
    return [ref.redisKey, nameBy(ref, by), ...stamps.keys()];
  }

  private async look(
    ref: ScopedEntry,
    names: readonly string[],
    budget: FarBudget,
  ): Promise<PersistedLook | undefined> {
    const { persistent } = this.parts;
    if (!persistent?.available || (await this.mayLack(ref, budget))) return undefined;
    return persistent.look(persistedKey(ref), names);
  }

  private read(look: PersistedLook, { ref, policy, tags = [], anew }: Finding): PersistedFinding {
    const { point } = look;
    if (anew) return { found: undefined, point };
    const opened = this.open(ref, policy, look);
    if (opened === 'newer') return NOT_ASKED;
    const { found, tags: stored } = opened;
    const named = found && { ...found, resultTags: stored.filter((tag) => !tags.includes(tag)) };
    return { found: named, point };
  }

  /** Whether Redis remembers an invalidation that the store has not taken, or cannot say. */
  private async mayLack(ref: ScopedEntry, budget: FarBudget): Promise<boolean> {
    const { link, persistent } = this.parts;
    if (!link?.available) return false;
    const ask = (asked: FarLink, budgetMs?: number) => asked.owesAny(budgetMs);
    return this.access.askLinkWithin(budget, 'owed', ref, ask, (lacks) => {
      if (lacks === true) persistent?.drainLater();
      return isAway(lacks) || lacks;
    });
  }

  private open(
    ref: ScopedEntry,
    policy: ResolvedPolicy,
    { entry }: PersistedLook,
  ): { found: StorableValue | undefined; tags: readonly string[] } | 'newer' {
    const none = { found: undefined, tags: [] };
    if (!entry) return none;
    const decoded = decodeEntry(entry.bytes);
    if (decoded.kind === 'newer') return 'newer';
    try {
      if (decoded.kind === 'undecodable') throw new TypeError(decoded.reason);
      const { codecId, tags } = decoded.header;
      const payload = plainPayload(decoded, policy);
      const found: StorableValue = {
        kind: 'storable',
        held: holdOwned(policy, policy.codec.decode(codecId, payload), codecId),
        encoded: { codecId, payload, payloadBytes: byteLengthOf(payload) },
        ttlMs: Math.max(1, Math.floor(Math.min(entry.leftMs, policy.ttlMs))),
        resultTags: [],
      };
      return { found, tags: tags.map(({ tag }) => tag) };
    } catch (error) {
      this.parts.counters(ref.cache).undecodable += 1;
      this.parts.events.emit('undecodable', { entry: ref, reason: String(error) });
      return none;
    }
  }
}

/** By which values of an entry are invalidated that came to be in this way alone. */
export function nameBy({ redisKey }: ScopedEntry, by: Origin): string {
  return `${redisKey}~${by}`;
}

/**
 * Under which an entry is kept. What was stored before somebody left the cache is not found any more, and
 * leaves by its ttl; its names, by which it is invalidated, are the same.
 */
export function persistedKey(ref: ScopedEntry, epoch = ref.scope.rollout.epoch): string {
  return epoch === FIRST_EPOCH ? ref.redisKey : `${ref.redisKey}~${epoch}`;
}
