import { failureKind } from '../connection/failure-kind.js';
import type { ParsedKey } from '../keys/key-parser.js';
import { walkWithin, type WalkBounds, type Walked } from './bounded-walk.js';
import type { Session } from './session.js';

/** Entries that belong together, and what they take in Redis. */
export interface EntryCount {
  entries: number;
  /** Of values with their headers; undefined where the user of Redis may not ask. */
  bytes: number | undefined;
}

/** The entries of one owner. */
export interface TenantCount extends EntryCount {
  readonly scope: 'tenant' | 'global';
  /** Null in the global scope, and where the id is too long to stand in a key as a whole. */
  readonly tenant: string | null;
  /** As it stands in keys. */
  readonly segment: string;
}

/** The entries of one version of a cache, of all its owners. */
export interface CacheCount extends EntryCount {
  /** Too long a name is the beginning of it, and a digest. */
  readonly cache: string;
  readonly version: number;
}

/** What there is under a prefix, as far as was looked. */
export interface Survey extends Walked, Counts {}

interface Counts {
  readonly total: EntryCount;
  leases: number;
  stamps: number;
  readonly tenants: Map<string, TenantCount>;
  readonly caches: Map<string, CacheCount>;
}

type Entry = Extract<ParsedKey, { readonly kind: 'entry' | 'lease' }>;

/**
 * Counts what the cache has in Redis, step by step. Nothing is locked meanwhile, and a key that Redis
 * gives twice, as it may while it makes room for more, counts twice.
 */
export async function surveyKeys(session: Session, bounds: WalkBounds): Promise<Survey> {
  const counts: Counts = {
    total: { entries: 0, bytes: 0 },
    leases: 0,
    stamps: 0,
    tenants: new Map(),
    caches: new Map(),
  };
  const match = `${session.keys.opens()}*`;
  const walked = await walkWithin(session, match, bounds, (keys) => addStep(session, counts, keys));
  return { ...counts, ...walked };
}

async function addStep(session: Session, counts: Counts, found: readonly string[]): Promise<void> {
  const entries: { readonly key: string; readonly parsed: Entry }[] = [];
  for (const key of found) {
    const parsed = session.keys.parse(key);
    if (parsed?.kind === 'entry') entries.push({ key, parsed });
    else if (parsed?.kind === 'lease') counts.leases += 1;
    else if (parsed) counts.stamps += 1;
  }
  const sizes = counts.total.bytes === undefined ? undefined : await sizesOf(session, entries);
  for (const [i, { key, parsed }] of entries.entries()) {
    const size = sizes?.[i];
    for (const part of [
      counts.total,
      tenantIn(counts, key, parsed),
      cacheIn(counts, key, parsed),
    ]) {
      part.entries += 1;
      part.bytes = part.bytes === undefined || size === undefined ? undefined : part.bytes + size;
    }
  }
}

/** Undefined where the user of Redis may not ask, or something else than an entry stands there. */
async function sizesOf(
  { client, connection }: Session,
  entries: readonly { readonly key: string }[],
): Promise<number[] | undefined> {
  try {
    return await connection.run(() => Promise.all(entries.map(({ key }) => client.strlen(key))));
  } catch (error) {
    if (failureKind(error) !== 'refused') throw error;
    return undefined;
  }
}

function tenantIn({ tenants }: Counts, key: string, { tenant }: Entry): TenantCount {
  const segment = key.slice(key.indexOf('{') + 1, key.indexOf('/'));
  let found = tenants.get(segment);
  if (!found) {
    const scope = segment === '' ? 'global' : 'tenant';
    found = { scope, tenant: tenant ?? null, segment, entries: 0, bytes: 0 };
    tenants.set(segment, found);
  }
  return found;
}

function cacheIn({ caches }: Counts, key: string, { cache, version }: Entry): CacheCount {
  const segment = key.split('/', 2)[1] ?? '';
  let found = caches.get(segment);
  if (!found) {
    const name = cache ?? segment.slice(0, segment.lastIndexOf('@'));
    found = { cache: name, version, entries: 0, bytes: 0 };
    caches.set(segment, found);
  }
  return found;
}

/** The largest first. */
export function byEntries<T extends EntryCount>(counts: ReadonlyMap<string, T>): T[] {
  return [...counts.values()].sort((a, b) => b.entries - a.entries);
}
