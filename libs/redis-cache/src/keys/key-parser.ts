import { decodeSegment, isShortened } from './segment.js';

/**
 * The name behind a segment; `undefined` where the segment was shortened, so that the name cannot
 * be known from the key. It is never guessed: a shortened name could pass for another one.
 */
type Name = string | undefined;

/** The tenant of a key, `null` for the global scope; `undefined` where its id was shortened. */
type Tenant = Name | null;

/** What a Redis key stands for; the kinds are named like the methods of `KeySpace` that make them. */
export type ParsedKey =
  | {
      readonly kind: 'entry' | 'lease';
      readonly tenant: Tenant;
      readonly cache: Name;
      readonly version: number;
      /** As it stands in the Redis key; `decodeArguments` reads it. */
      readonly key: string;
    }
  | { readonly kind: 'globalStamp' }
  | { readonly kind: 'tenantStamp'; readonly tenant: Tenant }
  | {
      readonly kind: 'cacheStamp';
      readonly tenant: Tenant;
      readonly cache: Name;
      readonly version: number;
    }
  | { readonly kind: 'tagStamp'; readonly tenant: Tenant; readonly tag: Name }
  | {
      readonly kind: 'limitCalls' | 'limitBlock';
      readonly tenant: Tenant;
      readonly limit: Name;
      /** As it stands in the Redis key, like that of an entry. */
      readonly key: string;
    };

const BODY = /^([^/{}]*)(?:\/([^/{}]*)(?:\/([^/{}]*))?)?\}(:lease|:stamp|:calls|:block)?$/;
const CACHE = /^(.+)@(0|[1-9]\d*)$/;

/**
 * Reads what follows `prefix:{` in a Redis key.
 *
 * @returns `undefined` where `KeySpace` never makes such a key
 */
export function parseKeyBody(body: string): ParsedKey | undefined {
  const match = BODY.exec(body);
  if (!match) return undefined;
  const [, tenantSegment = '', name, key, suffix] = match;
  if (tenantSegment !== '' && !isSegment(tenantSegment)) return undefined;
  const tenant = tenantSegment === '' ? null : decodeSegment(tenantSegment);
  if (key === undefined) return suffix === ':stamp' ? parseStamp(tenant, name) : undefined;
  if (name?.startsWith('!')) return parseLimit(tenant, name.slice(1), key, suffix);
  const cache = parseCache(name);
  if (!cache || (suffix !== undefined && suffix !== ':lease')) return undefined;
  return { kind: suffix === undefined ? 'entry' : 'lease', tenant, ...cache, key };
}

function parseLimit(
  tenant: Tenant,
  name: string,
  key: string,
  suffix: string | undefined,
): ParsedKey | undefined {
  if (!isSegment(name) || (suffix !== ':calls' && suffix !== ':block')) return undefined;
  const kind = suffix === ':calls' ? 'limitCalls' : 'limitBlock';
  return { kind, tenant, limit: decodeSegment(name), key };
}

function parseStamp(tenant: Tenant, name: string | undefined): ParsedKey | undefined {
  if (name === undefined) {
    return tenant === null ? { kind: 'globalStamp' } : { kind: 'tenantStamp', tenant };
  }
  if (name === '') return tenant === null ? { kind: 'tenantStamp', tenant } : undefined;
  if (name.startsWith('#')) {
    const tag = name.slice(1);
    return isSegment(tag) ? { kind: 'tagStamp', tenant, tag: decodeSegment(tag) } : undefined;
  }
  const cache = parseCache(name);
  return cache && { kind: 'cacheStamp', tenant, ...cache };
}

function parseCache(name = ''): { cache: Name; version: number } | undefined {
  const [, segment = '', digits = ''] = CACHE.exec(name) ?? [];
  const version = Number(digits);
  if (!isSegment(segment) || !Number.isSafeInteger(version)) return undefined;
  return { cache: decodeSegment(segment), version };
}

/** Whether `KeySpace` makes this segment of a name, which is never empty. */
function isSegment(text: string): boolean {
  return text !== '' && (isShortened(text) || decodeSegment(text) !== undefined);
}
