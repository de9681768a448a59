import { inspect } from 'node:util';
import type { CacheKey } from '../keys/arguments.js';
import { decodeArguments, encodeKey } from '../keys/arguments.js';
import { currentTenant } from '../tenancy/tenant-context.js';
import type { RecordedEntry } from './cache-record.js';

/** Whose entry is meant. */
export interface OfTenant {
  /**
   * Its owner; null for an entry of a global cache.
   * @default the tenant of the context, else null
   */
  tenant?: string | null;
}

export function ownerOf({ tenant = currentTenant() ?? null }: OfTenant): string | null {
  return tenant;
}

/** @throws {InvalidCacheKeyError} no entry can have that key */
export function namedEntry(cache: string, key: CacheKey, options: OfTenant): RecordedEntry {
  return { tenant: ownerOf(options), cache, key: encodeKey(key) };
}

export function isSame(a: RecordedEntry, b: RecordedEntry): boolean {
  return a.key === b.key && isOfSameCache(a, b);
}

export function isOfSameCache(
  a: Pick<RecordedEntry, 'tenant' | 'cache'>,
  b: Pick<RecordedEntry, 'tenant' | 'cache'>,
): boolean {
  return a.cache === b.cache && a.tenant === b.tenant;
}

/** `'+1555'`, or `'a', 1` for several arguments; as it is encoded where that cannot be read back. */
export function keyText(key: string): string {
  const args = decodeArguments(key);
  if (!args) return key;
  return args.length === 0 ? 'no argument' : args.map((arg) => inspect(arg)).join(', ');
}

export function ownerText(tenant: string | null): string {
  return tenant === null ? 'the global scope' : `'${tenant}'`;
}

/** `'lead.byPhone' under '+1555' of 'acme'`. */
export function entryText({ tenant, cache, key }: RecordedEntry): string {
  return `'${cache}' under ${keyText(key)} of ${ownerText(tenant)}`;
}
