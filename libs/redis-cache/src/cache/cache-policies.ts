import type { CachePolicy, CacheScope } from '../config/cache-policy.js';
import type { Duration } from '../config/duration.js';
import { resolvePolicy, type ResolvedPolicy, type StatedPolicy } from '../config/resolve-policy.js';
import { resolveRollout } from '../config/rollout-policy.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import type { RolloutState } from '../rollout/rollout-state.js';

/** Names are few and chosen by the program; more than this many means that keys were taken for names. */
const MAX_CACHES = 1_000;
const MAX_NAME_LENGTH = 100;

/** What decides where entries are kept, and so must be one for everybody who uses a cache. */
interface CacheIdentity {
  readonly scope: Stated<CacheScope> | undefined;
  readonly version: Stated<number> | undefined;
}

interface Stated<V> {
  readonly value: V;
  readonly place: string;
}

/** The policy of every cache: what its user says, then its own, its class's, the module's, the defaults. */
export class CachePolicies {
  private readonly resolved = new Map<string, ResolvedPolicy>();
  private readonly identities = new Map<string, CacheIdentity>();
  private readonly known = new Set<string>();
  private identityChanges = 0;

  constructor(
    private readonly defaults: CachePolicy,
    private readonly caches: Readonly<Record<string, CachePolicy>>,
    private readonly nearTtl: Duration | false,
  ) {
    for (const [cache, policy] of Object.entries(caches)) {
      this.assertName(cache);
      this.declare(cache, { place: `caches['${cache}']`, policy });
    }
  }

  /** Another number than before: a policy handed out then may have an outdated scope or version. */
  get revision(): number {
    return this.identityChanges;
  }

  /** Names of all caches that somebody has used, or said something of. */
  get names(): readonly string[] {
    return [...this.known];
  }

  /** Whether a cache is among {@link names}. Asking does not make it so. */
  has(cache: string): boolean {
    return this.known.has(cache);
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
   * @param ofClass what holds for all methods of the user's class that store
   * @throws {InvalidCacheOptionsError} a field is invalid, `scope` or `version` contradict another
   *   user of the cache, or something is stated that only the module's options may say
   */
  for(cache: string, said: StatedPolicy, ofClass?: StatedPolicy): ResolvedPolicy {
    this.assertName(cache);
    this.declare(cache, said);
    if (ofClass) {
      const own = this.own(cache);
      const scope = said.policy.scope ?? own?.scope ?? ofClass.policy.scope;
      const version = said.policy.version ?? own?.version ?? ofClass.policy.version;
      this.declare(cache, { place: ofClass.place, policy: { scope, version } });
    }
    const policy = this.merge(cache, said, ofClass);
    assertNothingOfModule(said);
    if (ofClass) assertNothingOfModule(ofClass);
    return policy;
  }

  /**
   * The policy of a cache for a single call.
   *
   * @throws {InvalidCacheOptionsError} a field is invalid, or says where entries are kept: one call
   *   must not decide that for all others, above all not who shares the entries
   */
  forCall(cache: string, said: StatedPolicy): ResolvedPolicy {
    const policy = this.merge(cache, said, undefined);
    assertNothingOfModule(said);
    for (const field of ['scope', 'version'] as const) {
      const value = said.policy[field];
      if (value === undefined) continue;
      throw new InvalidCacheOptionsError(
        `${said.place}.${field}`,
        value,
        'not to be stated for a single call',
        `It holds for all users of a cache: say it in the module's caches.`,
      );
    }
    return policy;
  }

  /** For whom a cache is used by what the options say. Asking does not make the cache known. */
  rolloutOf(cache: string): RolloutState {
    const own = this.own(cache);
    const stated = own ? [{ place: `caches['${cache}']`, policy: own }] : [];
    return resolveRollout([...stated, { place: 'defaults', policy: this.defaults }]);
  }

  /** Notes `scope` and `version` of a cache, which hold from then on for all its users. */
  declare(cache: string, { place, policy }: StatedPolicy): void {
    const earlier = this.identities.get(cache);
    this.assertSame(cache, 'scope', earlier, { place, value: policy.scope });
    this.assertSame(cache, 'version', earlier, { place, value: policy.version });
    const scope = earlier?.scope ?? stated(policy.scope, place);
    const version = earlier?.version ?? stated(policy.version, place);
    if (scope === earlier?.scope && version === earlier?.version) return;
    this.identities.set(cache, { scope, version });
    this.resolved.delete(cache);
    this.identityChanges += 1;
  }

  private merge(
    cache: string,
    said: StatedPolicy | undefined,
    ofClass: StatedPolicy | undefined,
  ): ResolvedPolicy {
    const { scope, version } = this.identities.get(cache) ?? {};
    const own = this.own(cache);
    const all: (StatedPolicy | undefined)[] = [
      scope && { place: scope.place, policy: { scope: scope.value } },
      version && { place: version.place, policy: { version: version.value } },
      said,
      own && { place: `caches['${cache}']`, policy: own },
      ofClass,
      { place: 'defaults', policy: this.defaults },
    ];
    return resolvePolicy(
      all.filter((said) => said !== undefined),
      this.nearTtl,
    );
  }

  /** What the module's options say of a cache. */
  private own(cache: string): CachePolicy | undefined {
    return Object.hasOwn(this.caches, cache) ? this.caches[cache] : undefined;
  }

  private assertSame(
    cache: string,
    field: 'scope' | 'version',
    earlier: CacheIdentity | undefined,
    { place, value }: { place: string; value: unknown },
  ): void {
    const before = earlier?.[field];
    if (before === undefined || value === undefined || before.value === value) return;
    throw new InvalidCacheOptionsError(
      `${place}.${field}`,
      value,
      `${before.value}, as ${before.place} says for the cache '${cache}'`,
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
    if (this.resolved.size >= MAX_CACHES && !this.resolved.has(cache)) {
      throw new InvalidCacheOptionsError(
        'cache name',
        cache,
        `one of at most ${MAX_CACHES} names`,
        `A cache is a kind of data; what differs from entry to entry belongs into the key.`,
      );
    }
    this.known.add(cache);
  }
}

/** Those who only evict have to know of it as well, or those who do something else with the cache. */
const OF_MODULE = ['persist', 'enabled', 'rollout'] as const;

function assertNothingOfModule({ place, policy }: StatedPolicy): void {
  for (const field of OF_MODULE) {
    const value = policy[field];
    if (value === undefined) continue;
    throw new InvalidCacheOptionsError(
      `${place}.${field}`,
      value,
      `to be stated in the module's options alone`,
      `It holds for all who use the cache: say it in caches of RedisCacheModule.forRoot.`,
    );
  }
}

function stated<V>(value: V | undefined, place: string): Stated<V> | undefined {
  return value === undefined ? undefined : { value, place };
}
