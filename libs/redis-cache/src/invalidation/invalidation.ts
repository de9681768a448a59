import type { KeyPattern } from '../keys/key-pattern.js';
import type { KeySpace } from '../keys/key-space.js';

/** One entry, what a pattern takes, or what a stamp stands for. */
export type InvalidationLevel = 'entry' | 'pattern' | 'tag' | 'cache' | 'tenant' | 'all';

/** Levels from fine to coarse; what is at one of them can be replaced by what contains it. */
export const COARSENING: readonly InvalidationLevel[] = [
  'entry',
  'pattern',
  'tag',
  'cache',
  'tenant',
];

/** What is to be invalidated. */
export interface Invalidation {
  readonly level: InvalidationLevel;
  /** Its Redis key: of the entry, or of the stamp. Of a pattern its name. */
  readonly key: string;
  /** Whose it is; null in the global scope. Of no meaning for `all`. */
  readonly tenant: string | null;
  /** Of an entry or a cache: which cache. */
  readonly cache?: string;
  readonly version?: number;
}

/** Names invalidations by what they hit. */
export class Invalidations {
  constructor(private readonly keys: KeySpace) {}

  pattern(tenant: string | null, pattern: KeyPattern): Invalidation {
    return { level: 'pattern', key: pattern.name, tenant };
  }

  tag(tenant: string | null, tag: string): Invalidation {
    return { level: 'tag', key: this.keys.tagStamp(tenant, tag), tenant };
  }

  cache(tenant: string | null, cache: string, version: number): Invalidation {
    const key = this.keys.cacheStamp(tenant, cache, version);
    return { level: 'cache', key, tenant, cache, version };
  }

  tenant(tenant: string | null): Invalidation {
    return { level: 'tenant', key: this.keys.tenantStamp(tenant), tenant };
  }

  all(): Invalidation {
    return { level: 'all', key: this.keys.globalStamp(), tenant: null };
  }

  /** The next larger thing that contains it: an entry's cache; the tenant of a cache, tag or pattern; all. */
  coarser({ level, tenant, cache, version }: Invalidation): Invalidation {
    if (level === 'entry' && cache !== undefined && version !== undefined) {
      return this.cache(tenant, cache, version);
    }
    return level === 'tenant' || level === 'all' ? this.all() : this.tenant(tenant);
  }
}
