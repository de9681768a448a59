import type { CachePolicy, CacheScope } from '../config/cache-policy.js';
import type { Duration } from '../config/duration.js';
import { resolvePolicy, type ResolvedPolicy, type StatedPolicy } from '../config/resolve-policy.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';

/** Names are few and chosen by the program; more than this many means that keys were taken for names. */
const MAX_CACHES = 1_000;
const MAX_NAME_LENGTH = 100;

/** What decides where entries are kept, and so must be one for everybody who uses a cache. */
interface CacheIdentity {
  readonly scope?: CacheScope;
  readonly version?: number;
  readonly place: string;
}

/** The policy of every cache: what its user says, then its own, its class's, the module's, the defaults. */
export class CachePolicies {
  private readonly resolved = new Map<string, ResolvedPolicy>();
  private readonly identities = new Map<string, CacheIdentity>();

  constructor(
    private readonly defaults: CachePolicy,
    private readonly caches: Readonly<Record<string, CachePolicy>>,
    private readonly nearTtl: Duration | false,
  ) {
    for (const [cache, policy] of Object.entries(caches)) {
      this.declare(cache, { place: `caches['${cache}']`, policy });
    }
  }

  /** The policy of a cache where nobody adds to it. */
  of(cache: string): ResolvedPolicy {
    const known = this.resolved.get(cache);
    if (known) return known;
    this.assertName(cache);
    const policy = this.merge(cache, undefined, undefined);
    this.resolved.set(cache, policy);
    return policy;
  }

  /**
   * The policy of a cache for one of its users.
   *
   * @param said what this user states; it goes before everything
   * @param ofClass what holds for all methods of the user's class
   * @throws {InvalidCacheOptionsError} a field is invalid, or `scope` or `version` contradict another
   *   user of the cache
   */
  for(cache: string, said: StatedPolicy, ofClass?: StatedPolicy): ResolvedPolicy {
    this.assertName(cache);
    const ownIdentity = this.identities.get(cache);
    if (ofClass && ownIdentity === undefined) this.declare(cache, ofClass);
    this.declare(cache, said);
    return this.merge(cache, said, ofClass);
  }

  /** Notes `scope` and `version` of a cache, which hold from then on for all its users. */
  declare(cache: string, { place, policy }: StatedPolicy): void {
    const { scope, version } = policy;
    if (scope === undefined && version === undefined) return;
    const earlier = this.identities.get(cache);
    this.assertSame(cache, 'scope', earlier, { place, value: scope });
    this.assertSame(cache, 'version', earlier, { place, value: version });
    this.identities.set(cache, {
      place: earlier?.place ?? place,
      scope: scope ?? earlier?.scope,
      version: version ?? earlier?.version,
    });
    this.resolved.delete(cache);
  }

  private merge(
    cache: string,
    said: StatedPolicy | undefined,
    ofClass: StatedPolicy | undefined,
  ): ResolvedPolicy {
    const identity = this.identities.get(cache);
    const own = Object.hasOwn(this.caches, cache) ? this.caches[cache] : undefined;
    const stated: (StatedPolicy | undefined)[] = [
      identity && {
        place: identity.place,
        policy: { scope: identity.scope, version: identity.version },
      },
      said,
      own && { place: `caches['${cache}']`, policy: own },
      ofClass,
      { place: 'defaults', policy: this.defaults },
    ];
    return resolvePolicy(
      stated.filter((s) => s !== undefined),
      this.nearTtl,
    );
  }

  private assertSame(
    cache: string,
    field: 'scope' | 'version',
    earlier: CacheIdentity | undefined,
    { place, value }: { place: string; value: unknown },
  ): void {
    const before = earlier?.[field];
    if (before === undefined || value === undefined || before === value) return;
    throw new InvalidCacheOptionsError(
      `${place}.${field}`,
      value,
      `${String(before)}, as ${earlier?.place ?? ''} says for the cache '${cache}'`,
      `All users of a cache must agree on it, or they would not find each other's entries: say it in one place, best in the module's caches.`,
    );
  }

  private assertName(cache: string): void {
    if (typeof cache !== 'string' || cache === '' || cache.length > MAX_NAME_LENGTH) {
      throw new InvalidCacheOptionsError(
        'cache name',
        cache,
        `a string of 1 to ${MAX_NAME_LENGTH} characters`,
        `Name the kind of data, for instance 'lead.byPhone'.`,
      );
    }
    if (this.resolved.size >= MAX_CACHES) {
      throw new InvalidCacheOptionsError(
        'cache name',
        cache,
        `one of at most ${MAX_CACHES} names`,
        `A cache is a kind of data; what differs from entry to entry belongs into the key.`,
      );
    }
  }
}
