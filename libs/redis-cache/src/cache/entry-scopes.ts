import type { KeySpace } from '../keys/key-space.js';
import type { CacheRollout } from '../rollout/cache-rollout.js';
import type { Rollouts } from '../rollout/rollouts.js';
import type { CacheActivities } from './cache-activities.js';
import { EntryScope } from './entry-scope.js';

/** Owners remembered for each cache; past that many all are forgotten, and made anew when asked for. */
const MAX_OWNERS = 10_000;

/** The scopes of one cache, by owner. */
export class CacheScopes {
  private readonly scopes = new Map<string | null, EntryScope>();
  private last: EntryScope | undefined;

  constructor(
    private readonly make: (owner: string | null) => EntryScope,
    /** For whom the cache is used. */
    readonly rollout: CacheRollout,
    private readonly maxOwners = MAX_OWNERS,
  ) {}

  get size(): number {
    return this.scopes.size;
  }

  /** @throws {InvalidCacheKeyError} the owner or the cache cannot be part of a key */
  of(owner: string | null): EntryScope {
    const { last } = this;
    if (last?.tenant === owner) return last;
    return (this.last = this.scopes.get(owner) ?? this.add(this.make(owner)));
  }

  private add(scope: EntryScope): EntryScope {
    // What is in a scope can be found again, so that no order of use has to be kept.
    if (this.scopes.size >= this.maxOwners) this.scopes.clear();
    this.scopes.set(scope.tenant, scope);
    return scope;
  }
}

/** The scopes of all caches of one application. */
export class EntryScopes {
  private readonly caches = new Map<string, CacheScopes>();

  constructor(
    private readonly keys: KeySpace,
    private readonly activities: CacheActivities,
    private readonly rollouts: Rollouts,
  ) {}

  of(cache: string, version: number): CacheScopes {
    const name = `${cache}@${version}`;
    const known = this.caches.get(name);
    if (known) return known;
    const rollout = this.rollouts.of(cache);
    const made = new CacheScopes((owner) => {
      const prefix = this.keys.scopePrefix(owner, cache, version);
      return new EntryScope(owner, cache, version, prefix, this.activities.of(cache), rollout);
    }, rollout);
    this.caches.set(name, made);
    return made;
  }
}
