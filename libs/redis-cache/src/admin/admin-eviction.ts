import { HttpStatus, Inject, Injectable } from '@nestjs/common';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import type { ScopedEntry } from '../cache/entry-scope.js';
import { CACHE_RUNTIME } from '../constants/injection.tokens.js';
import type { Invalidation } from '../invalidation/invalidation.js';
import { parsePattern } from '../keys/parse-pattern.js';
import type { AdminPrincipal, EntryEvicted, Evicted, PatternEvicted } from './admin.contract.js';
import { refusal } from './admin-problem.js';
import { AdminTargets } from './admin-targets.js';
import type { Fields } from './fields.js';
import { Walks } from './walks.js';

const MAX_TAGS = 100;

/** What can be evicted. All but `all` belongs to one tenant, or to the global scope. */
export const EVICTED_BY = ['key', 'tags', 'pattern', 'cache', 'tenant', 'all'] as const;

export type EvictedBy = (typeof EVICTED_BY)[number];

const FIELDS: Readonly<Record<EvictedBy, readonly string[]>> = {
  key: ['cache', 'key', 'encodedKey', 'tenant'],
  tags: ['tags', 'tenant', 'global'],
  pattern: ['pattern', 'tenant', 'global'],
  cache: ['cache', 'tenant'],
  tenant: ['tenant'],
  all: [],
};

/** An eviction that was read and may be made. */
export type AdminEviction =
  | { readonly kind: 'entry'; readonly ref: ScopedEntry }
  | { readonly kind: 'stamps'; readonly invalidations: readonly Invalidation[] }
  | { readonly kind: 'pattern'; readonly owner: string | null; readonly pattern: string };

/** Reads what is to be evicted, and evicts it. Nothing waits for the commit of a transaction. */
@Injectable()
export class AdminEvictor {
  constructor(
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(AdminTargets) private readonly targets: AdminTargets,
    @Inject(Walks) private readonly walks: Walks,
  ) {}

  /**
   * @param also fields that may be there besides
   * @throws {AdminProblemException} naming the field, also where it is beyond the principal
   */
  read(
    by: EvictedBy,
    principal: AdminPrincipal,
    fields: Fields,
    also: readonly string[] = [],
  ): AdminEviction {
    fields.only(...FIELDS[by], ...also);
    const { invalidations } = this.runtime;
    switch (by) {
      case 'key':
        return { kind: 'entry', ref: this.targets.entry(principal, fields).ref };
      case 'tags': {
        const owner = this.targets.owner(principal, fields);
        const tags = new Set(fields.texts('tags', MAX_TAGS));
        return stamps(...[...tags].map((tag) => invalidations.tag(owner, tag)));
      }
      case 'pattern': {
        const owner = this.targets.owner(principal, fields);
        const pattern = fields.text('pattern');
        fields.checked('pattern', parsePattern);
        return { kind: 'pattern', owner, pattern };
      }
      case 'cache': {
        const { owner, cache, policy } = this.targets.cache(principal, fields);
        return stamps(invalidations.cache(owner, cache, policy.version));
      }
      case 'tenant':
        return stamps(invalidations.tenant(this.targets.tenant(principal, fields)));
      case 'all':
        if (principal.kind === 'operator') return stamps(invalidations.all());
        throw refusal(fields.name('by'), 'is for operators alone', HttpStatus.FORBIDDEN);
      default:
        return by satisfies never;
    }
  }

  async evict(eviction: AdminEviction): Promise<EntryEvicted | Evicted | PatternEvicted> {
    const { engine } = this.runtime;
    switch (eviction.kind) {
      case 'entry':
        return { existed: await engine.evict(eviction.ref) };
      case 'stamps': {
        const renewed = eviction.invalidations.map((each) => engine.renewStamp(each));
        return { acknowledged: (await Promise.all(renewed)).every(Boolean) };
      }
      case 'pattern': {
        const { owner, pattern } = eviction;
        return { count: await this.walks.run(() => engine.evictPattern(owner, pattern)) };
      }
      default:
        return eviction satisfies never;
    }
  }
}

function stamps(...invalidations: readonly Invalidation[]): AdminEviction {
  return { kind: 'stamps', invalidations };
}
