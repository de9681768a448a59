import type { CacheRollout } from '../rollout/cache-rollout.js';
import { modeFor, type RolloutMode, type RolloutState } from '../rollout/rollout-state.js';
import type { NearPlace, NearSection, NearUse } from '../stores/near-node.js';
import type { CacheActivity } from './cache-activity.js';
import type { EntryRef } from './entry-ref.js';
import type { EntryStamps } from './entry-stamps.js';
import type { FlightPlace } from './flight.js';

/**
 * All entries of one cache that one owner has, and what is remembered of them from call to call, so
 * that a hit has nothing to put together.
 */
export class EntryScope implements NearPlace {
  section: NearSection | undefined = undefined;
  /** The stamps of its entries that are not those of tags, as they were read last. */
  stamps: EntryStamps | undefined = undefined;
  private judged: RolloutState | undefined = undefined;
  private judgement: RolloutMode = 'on';
  private ghostPlace: NearPlace | undefined = undefined;

  constructor(
    /** The owner; null in the global scope. */
    readonly tenant: string | null,
    readonly cache: string,
    readonly version: number,
    /** What the Redis keys of its entries begin with. */
    readonly prefix: string,
    /** What happens in the cache. */
    readonly activity: CacheActivity,
    /** For whom the cache is used. */
    readonly rollout: CacheRollout,
  ) {}

  /** Whether the owner is served by the cache at the moment. */
  get mode(): RolloutMode {
    const { state } = this.rollout;
    if (this.judged === state) return this.judgement;
    this.judged = state;
    return (this.judgement = modeFor(state, this.tenant));
  }

  /** Where it is noted what the cache would have in shadow mode. */
  get ghosts(): NearPlace {
    return (this.ghostPlace ??= { prefix: this.prefix, section: undefined });
  }

  get use(): NearUse {
    return this.activity.near;
  }

  /** @param key as `encodeKey` or `encodeArguments` gave it */
  entry(key: string): ScopedEntry {
    return new ScopedEntry(this, key);
  }
}

/** An entry as the engine names it; whoever looks at it from outside sees an {@link EntryRef}. */
export class ScopedEntry implements EntryRef, FlightPlace {
  readonly tenant: string | null;
  readonly cache: string;
  readonly version: number;
  readonly redisKey: string;
  readonly #scope: EntryScope;

  constructor(
    scope: EntryScope,
    readonly key: string,
  ) {
    this.#scope = scope;
    this.tenant = scope.tenant;
    this.cache = scope.cache;
    this.version = scope.version;
    this.redisKey = `${scope.prefix}${key}}`;
  }

  get scope(): EntryScope {
    return this.#scope;
  }

  get prefix(): string {
    return this.#scope.prefix;
  }
}
