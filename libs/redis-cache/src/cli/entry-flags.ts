import { DEFAULTS } from '../config/defaults.js';
import type { EntryRef } from '../cache/entry-ref.js';
import { encodeArguments, encodeKey } from '../keys/arguments.js';
import type { KeySpace } from '../keys/key-space.js';
import { UsageError } from './command.error.js';
import { wholeNumberOf } from './flag-values.js';
import type { Session } from './session.js';

/** What of the command line says which entries are meant. */
export interface EntryFlags {
  readonly tenant?: string;
  readonly global?: boolean;
  readonly cache?: string;
  readonly cacheVersion?: string;
  readonly key?: string;
  readonly args?: string;
  readonly redisKey?: string;
}

/** Versions that are looked for: they are raised by one when the type of a cache changes. */
const HIGHEST_VERSION = 99;

/**
 * Whose entries are meant: a tenant's, or null for the global scope.
 *
 * @throws {UsageError} not said, or twice
 */
export function ownerOf({ tenant, global }: EntryFlags): string | null {
  if (tenant !== undefined && global) {
    throw new UsageError('--tenant and --global exclude each other. Leave one of them out.');
  }
  if (tenant === '') throw new UsageError('--tenant is empty. Name one, or use --global.');
  if (tenant !== undefined) return tenant;
  if (global) return null;
  throw new UsageError('Whose entries? Say --tenant <id>, or --global for those of no tenant.');
}

/** Whether they name the key of an entry. */
export function namesEntry({ key, args, redisKey }: EntryFlags): boolean {
  return key !== undefined || args !== undefined || redisKey !== undefined;
}

/** The cache that is meant. @throws {UsageError} not said */
export function cacheOf({ cache }: EntryFlags): string {
  if (cache) return cache;
  throw new UsageError('Which cache? Say --cache <name>, e.g. --cache lead.byPhone.');
}

/**
 * The entry that is meant, in each version of its cache that is in use, the newest first.
 *
 * @throws {UsageError} not said, or in several ways
 */
export async function entriesOf(session: Session, flags: EntryFlags): Promise<EntryRef[]> {
  if (flags.redisKey !== undefined) return [entryUnder(session.keys, flags, flags.redisKey)];
  const owner = ownerOf(flags);
  const cache = cacheOf(flags);
  const key = encodedKeyOf(flags);
  const versions = await versionsOf(session, owner, cache, flags);
  return versions.map((version) => ({
    tenant: owner,
    cache,
    version,
    key,
    redisKey: session.keys.entry(owner, cache, version, key),
  }));
}

/**
 * The versions of a cache that somebody has used for this owner lately, the newest first: every entry
 * was stored under a stamp of its cache, which outlives it. Where there is none, the default version.
 */
export async function versionsOf(
  { connection, keys }: Session,
  owner: string | null,
  cache: string,
  { cacheVersion }: EntryFlags,
): Promise<number[]> {
  if (cacheVersion !== undefined) return [wholeNumberOf(cacheVersion, '--cache-version', 0)];
  const all = Array.from({ length: HIGHEST_VERSION + 1 }, (_, i) => HIGHEST_VERSION - i);
  const stamps = await connection.run((client) =>
    Promise.all(all.map((version) => client.exists(keys.cacheStamp(owner, cache, version)))),
  );
  const used = all.filter((_, i) => stamps[i] === 1);
  return used.length > 0 ? used : [DEFAULTS.policy.version];
}

function entryUnder(keys: KeySpace, flags: EntryFlags, redisKey: string): EntryRef {
  const { tenant, global, cache, cacheVersion, key, args } = flags;
  if ([tenant, global, cache, cacheVersion, key, args].some((flag) => flag !== undefined)) {
    throw new UsageError('--redis-key names all of an entry. Leave the other flags out.');
  }
  const parsed = keys.parse(redisKey);
  if (parsed?.kind !== 'entry') {
    throw new UsageError(
      `--redis-key is '${redisKey}'; expected the key of an entry under the prefix ${keys.prefix}, ` +
        `e.g. ${keys.entry('acme', 'lead.byPhone', 1, '42')}. Is --prefix right?`,
    );
  }
  if (parsed.tenant === undefined || parsed.cache === undefined) {
    throw new UsageError(
      'In --redis-key stands no more than the digest of a long name. Say --tenant, --cache and --key.',
    );
  }
  return {
    tenant: parsed.tenant,
    cache: parsed.cache,
    version: parsed.version,
    key: parsed.key,
    redisKey,
  };
}

function encodedKeyOf({ key, args }: EntryFlags): string {
  if (key !== undefined && args !== undefined) {
    throw new UsageError('--key and --args exclude each other. Leave one of them out.');
  }
  if (key !== undefined) return encodeKey(key);
  if (args !== undefined) return encodeArguments(argumentsOf(args));
  throw new UsageError('Which entry? Say --key <key>, --args <json>, or --redis-key <key>.');
}

function argumentsOf(json: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(json);
    if (Array.isArray(parsed)) return parsed;
  } catch {
    // told below, as what is JSON and no array
  }
  throw new UsageError(`--args is '${json}'; expected a JSON array, e.g. '["+15551234567", 10]'.`);
}
