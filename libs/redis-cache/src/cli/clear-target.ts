import type { EntryRef } from '../cache/entry-ref.js';
import { Invalidations, type Invalidation } from '../invalidation/invalidation.js';
import type { KeyPattern } from '../keys/key-pattern.js';
import { UsageError } from './command.error.js';
import {
  cacheOf,
  entriesOf,
  namesEntry,
  ownerOf,
  versionsOf,
  type EntryFlags,
} from './entry-flags.js';
import type { Session } from './session.js';
import { printable } from './text.js';

/** What of the command line says what is to be cleared. */
export interface TargetFlags extends EntryFlags {
  readonly tag?: string;
  readonly pattern?: string;
  readonly everything?: boolean;
  readonly erase?: boolean;
}

/** What is to be cleared, and by what. */
export type ClearTarget = {
  /** For people to read. */
  readonly name: string;
  /** Whose entries they are; undefined for everybody's. */
  readonly owner: string | null | undefined;
} & (
  | { readonly kind: 'entry'; readonly entries: readonly EntryRef[] }
  | { readonly kind: 'tag'; readonly tag: string; readonly stamps: readonly Invalidation[] }
  | {
      readonly kind: 'cache';
      readonly cache: string;
      readonly versions: readonly number[];
      readonly stamps: readonly Invalidation[];
    }
  | { readonly kind: 'tenant' | 'everything'; readonly stamps: readonly Invalidation[] }
  | { readonly kind: 'pattern'; readonly pattern: KeyPattern }
  | { readonly kind: 'erasure'; readonly tenant: string; readonly stamps: readonly Invalidation[] }
);

/**
 * What a command line means: exactly one thing.
 *
 * @throws {UsageError} nothing, or several things
 */
export async function clearTargetOf(session: Session, flags: TargetFlags): Promise<ClearTarget> {
  const { keys } = session;
  const invalidations = new Invalidations(keys);
  assertOne(flags);
  if (flags.everything) {
    const name = `everything under the prefix ${keys.prefix}, of all tenants`;
    return { kind: 'everything', name, owner: undefined, stamps: [invalidations.all()] };
  }
  if (namesEntry(flags)) return entryTarget(session, flags);
  const owner = ownerOf(flags);
  const whose = owner === null ? 'the global scope' : `tenant ${printable(owner)}`;
  if (flags.tag !== undefined) {
    const stamps = [invalidations.tag(owner, flags.tag)];
    const name = `what has the tag ${printable(flags.tag)}, of ${whose}`;
    return { kind: 'tag', name, owner, tag: flags.tag, stamps };
  }
  if (flags.pattern !== undefined) {
    const pattern = keys.pattern(owner, flags.pattern);
    const name = `what the pattern ${printable(flags.pattern)} takes, of ${whose}`;
    return { kind: 'pattern', name, owner, pattern };
  }
  if (flags.cache !== undefined) {
    const cache = cacheOf(flags);
    const versions = await versionsOf(session, owner, cache, flags);
    const stamps = versions.map((version) => invalidations.cache(owner, cache, version));
    const name = `the cache ${printable(cache)} of ${whose}`;
    return { kind: 'cache', name, owner, cache, versions, stamps };
  }
  const stamps = [invalidations.tenant(owner)];
  if (!flags.erase) return { kind: 'tenant', name: `everything of ${whose}`, owner, stamps };
  if (owner === null) {
    throw new UsageError('--erase is for a tenant. Use --pattern "*" to delete what is global.');
  }
  const name = `everything of ${whose}, all its keys included`;
  return { kind: 'erasure', name, owner, tenant: owner, stamps };
}

async function entryTarget(session: Session, flags: TargetFlags): Promise<ClearTarget> {
  const entries = await entriesOf(session, flags);
  const [{ tenant, redisKey }] = entries as [EntryRef];
  const versions = entries.length > 1 ? `, and ${entries.length - 1} other version(s) of it` : '';
  return { kind: 'entry', name: `the entry ${redisKey}${versions}`, owner: tenant, entries };
}

/** What is named by several flags at once is not guessed at: half of it might be meant. */
function assertOne(flags: TargetFlags): void {
  const { tag, pattern, everything, erase, cache, tenant, global } = flags;
  const said = [
    namesEntry(flags) && '--key, --args or --redis-key',
    tag !== undefined && '--tag',
    pattern !== undefined && '--pattern',
    everything && '--everything',
    erase && '--erase',
  ].filter((flag) => typeof flag === 'string');
  if (said.length > 1) {
    throw new UsageError(`${said.join(' and ')} exclude each other. Clear one thing at a time.`);
  }
  const [one] = said;
  if (everything && (cache !== undefined || tenant !== undefined || global)) {
    throw new UsageError('--everything is of all tenants and caches. Leave one of them out.');
  }
  if (cache !== undefined && (tag !== undefined || pattern !== undefined || erase)) {
    throw new UsageError(
      `--cache does not go with ${one}. A tag is of all caches, and a pattern names them: --pattern '${cache}/…'.`,
    );
  }
}
