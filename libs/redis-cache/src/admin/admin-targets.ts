import { HttpStatus, Inject, Injectable } from '@nestjs/common';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import type { ScopedEntry } from '../cache/entry-scope.js';
import type { ResolvedPolicy } from '../config/resolve-policy.js';
import { CACHE_RUNTIME } from '../constants/injection.tokens.js';
import { encodeKey, type CacheKey } from '../keys/arguments.js';
import type { AdminPrincipal } from './admin.contract.js';
import { refusal } from './admin-problem.js';
import type { Fields } from './fields.js';

/** What encoded keys are made of, and nothing that could end a segment. */
const ENCODED_KEY = /^[A-Za-z0-9._~@+=,%:;()<>#'-]{0,200}$/;

/** One cache, and whose entries of it are meant; null for the global scope. */
export interface CacheTarget {
  readonly cache: string;
  readonly policy: ResolvedPolicy;
  readonly owner: string | null;
}

/**
 * Finds what a request means. Whoever is bound to a tenant means that tenant and no other; the tenant
 * of the context is never asked.
 */
@Injectable()
export class AdminTargets {
  constructor(@Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime) {}

  /** By the fields `cache`, `key` or `encodedKey`, and `tenant`. */
  entry(principal: AdminPrincipal, fields: Fields): { ref: ScopedEntry; policy: ResolvedPolicy } {
    const { cache, policy, owner } = this.cache(principal, fields);
    return { ref: this.runtime.refOf(cache, policy, owner, encodedKeyOf(fields)), policy };
  }

  /** By the fields `cache` and `tenant`. */
  cache(principal: AdminPrincipal, fields: Fields): CacheTarget {
    const cache = fields.text('cache');
    const { policies } = this.runtime;
    if (!policies.has(cache)) {
      const field = fields.name('cache');
      throw refusal(field, 'is no cache that this process uses', HttpStatus.NOT_FOUND);
    }
    const policy = policies.of(cache);
    const stated = ownTenant(principal, fields);
    if (policy.scope === 'global') {
      if (principal.kind === 'tenant') throw beyond(fields, 'cache', 'belongs to no tenant');
      if (stated === undefined) return { cache, policy, owner: null };
      throw fields.refuse('tenant', 'must be left out: the cache belongs to no tenant');
    }
    if (stated === undefined) throw fields.refuse('tenant', 'is missing: the cache is per tenant');
    return { cache, policy, owner: stated };
  }

  /** By the fields `tenant` or `global`. Null is the global scope. */
  owner(principal: AdminPrincipal, fields: Fields): string | null {
    const stated = ownTenant(principal, fields);
    if (!fields.flag('global')) {
      if (stated !== undefined) return stated;
      throw fields.refuse('tenant', 'is missing; or say global: true for what belongs to none');
    }
    if (principal.kind === 'tenant') throw beyond(fields, 'global', 'is for operators alone');
    if (stated === undefined) return null;
    throw fields.refuse('tenant', 'must be left out where global is true');
  }

  /** By the field `tenant`. */
  tenant(principal: AdminPrincipal, fields: Fields): string {
    const stated = ownTenant(principal, fields);
    if (stated === undefined) throw fields.refuse('tenant', 'is missing');
    return stated;
  }
}

/** @throws {AdminProblemException} another tenant is named than the one that the principal is bound to */
function ownTenant(principal: AdminPrincipal, fields: Fields): string | undefined {
  const stated = fields.optionalText('tenant');
  if (principal.kind === 'operator') return stated;
  if (stated === undefined || stated === principal.tenant) return principal.tenant;
  throw beyond(fields, 'tenant', 'is not yours');
}

function beyond(fields: Fields, name: string, message: string): Error {
  return refusal(fields.name(name), message, HttpStatus.FORBIDDEN);
}

function encodedKeyOf(fields: Fields): string {
  if (fields.has('key') === fields.has('encodedKey')) {
    throw fields.refuse('key', 'must be given, or encodedKey instead of it');
  }
  if (fields.has('key')) return fields.checked('key', (key) => encodeKey(key as CacheKey));
  const encoded = fields.value('encodedKey');
  if (typeof encoded === 'string' && ENCODED_KEY.test(encoded)) return encoded;
  throw fields.refuse('encodedKey', 'must be a key as it stands in Redis');
}
