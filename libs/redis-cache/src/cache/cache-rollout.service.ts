import { assertFitsGlobal, readRollout, type RolloutPolicy } from '../config/rollout-policy.js';
import type { CacheRollout } from '../rollout/cache-rollout.js';
import { modeFor, type RolloutMode, type RolloutState } from '../rollout/rollout-state.js';
import type { CacheRuntime } from './cache-runtime.js';

/** For whom one cache is used, as this process knows it. */
export interface RolloutReport {
  readonly cache: string;
  readonly state: RolloutState;
  /** What the options of this process say. */
  readonly configured: RolloutState;
  /** Whether it was changed while running, and goes before the options. */
  readonly overridden: boolean;
  /** Grows with every change by any process; 0 before the first. */
  readonly version: number;
}

/** The same after a change. */
export interface RolloutChanged extends RolloutReport {
  /**
   * Whether Redis has it, so that all other processes learn of it. False while Redis is away: then it
   * holds in this process at once, and in the others when Redis is back.
   */
  readonly shared: boolean;
}

/** What a change may be told besides. */
export interface RolloutChangeOptions {
  /** The version that it is made for: if somebody has changed it since, it is refused. @default any */
  ifVersion?: number;
}

/**
 * Says for whom each cache is used, and changes that while running, for all processes. Inject it by its
 * class.
 */
export class CacheRolloutService {
  /** @internal Made by Nest. */
  constructor(private readonly runtime: CacheRuntime) {}

  /** All caches that this process knows, by name. */
  list(): RolloutReport[] {
    const names = [...this.runtime.policies.names].sort();
    return names.map((cache) => reportOf(this.runtime.rollouts.of(cache)));
  }

  /** @throws {InvalidCacheOptionsError} `cache` cannot be the name of a cache */
  get(cache: string): RolloutReport {
    return reportOf(this.rolloutOf(cache));
  }

  /** Whether a tenant is served by a cache; null for the global scope. */
  modeOf(cache: string, tenant: string | null): RolloutMode {
    return modeFor(this.rolloutOf(cache).state, tenant);
  }

  /**
   * Changes for whom a cache is used. Once this resolves, it holds in this process; in the others when the
   * message has arrived. Whoever is taken in anew finds nothing that was stored before.
   *
   * @throws {InvalidCacheOptionsError} a field is invalid, or more tenants are named than there is room for
   * @throws {RolloutConflictError} it has another version than `ifVersion`
   */
  async set(
    cache: string,
    rollout: RolloutPolicy,
    { ifVersion }: RolloutChangeOptions = {},
  ): Promise<RolloutChanged> {
    const state = readRollout(rollout, `rollout of '${cache}'`);
    this.rolloutOf(cache);
    const { scope } = this.runtime.policies.of(cache);
    if (scope === 'global') assertFitsGlobal(state, `rollout of '${cache}'`);
    return this.change(cache, state, ifVersion);
  }

  /** Switches a cache off for everybody: calls are answered as if there were none. */
  async off(cache: string): Promise<RolloutChanged> {
    return this.set(cache, { mode: 'off' });
  }

  /** Has the options of each process hold again. */
  async reset(cache: string): Promise<RolloutChanged> {
    this.rolloutOf(cache);
    return this.change(cache, null);
  }

  private async change(
    cache: string,
    state: RolloutState | null,
    ifVersion?: number,
  ): Promise<RolloutChanged> {
    const shared = await this.runtime.rolloutSync.change(cache, state, ifVersion);
    return { ...this.get(cache), shared };
  }

  private rolloutOf(cache: string): CacheRollout {
    // Which refuses what cannot be a name, and makes the cache known.
    this.runtime.policies.of(cache);
    return this.runtime.rollouts.of(cache);
  }
}

function reportOf(rollout: CacheRollout): RolloutReport {
  const { cache, state, configured, overridden, version } = rollout;
  return { cache, state, configured, overridden, version };
}
