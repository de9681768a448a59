import type { ResolvedPolicy } from '../config/resolve-policy.js';
import type { ConnectionState } from '../connection/connection-state.js';
import type { RedisFigures } from '../connection/redis-figures.js';
import type { CacheTransaction } from '../invalidation/cache-transaction.interface.js';
import type { Invalidations } from '../invalidation/invalidation.js';
import type { KeySpace } from '../keys/key-space.js';
import type { Clock } from '../resilience/clock.js';
import { withDeadline } from '../resilience/deadline.js';
import type { TypedEmitter } from '../resilience/emitter.js';
import type { Rollouts } from '../rollout/rollouts.js';
import type { TenantResolver } from '../tenancy/tenant-resolver.js';
import type { CacheEngine } from './cache-engine.js';
import type { CacheEvents } from './cache-events.js';
import type { CallLog } from './call-log.js';
import type { CachePolicies } from './cache-policies.js';
import { modeOf } from './cache-statistics.js';
import { CommitEvictor } from './commit-evictor.js';
import type { EntryExplanation } from './entry-explanation.js';
import type { ScopedEntry } from './entry-scope.js';
import type { CacheScopes, EntryScopes } from './entry-scopes.js';
import type { RolloutSync } from './rollout-sync.js';
import type { SoleWork } from './sole-work.js';
import type { StatisticsReporter } from './statistics-reporter.js';

/** What a {@link CacheRuntime} is made of. */
export interface CacheRuntimeParts {
  readonly engine: CacheEngine;
  readonly policies: CachePolicies;
  readonly tenants: TenantResolver;
  readonly events: TypedEmitter<CacheEvents>;
  readonly clock: Clock;
  readonly soleWork: SoleWork;
  readonly statistics: StatisticsReporter;
  /** What Redis says of itself; undefined where it does not. */
  readonly redisFigures: () => Promise<RedisFigures | undefined>;
  readonly calls: CallLog;
  readonly rollouts: Rollouts;
  readonly rolloutSync: RolloutSync;
  /** Whether entries are kept in Redis, where one is configured. */
  readonly usesFar: boolean;
  /** Undefined where no Redis is configured. */
  readonly connectionState: () => ConnectionState | undefined;
  readonly scopes: EntryScopes;
  readonly invalidations: Invalidations;
  readonly keys: KeySpace;
  /** The transaction that the code calling is part of, where the module was told how to find it. */
  readonly currentTransaction: (() => CacheTransaction | null | undefined) | undefined;
  /** Begins to connect, where there is something to connect to. */
  readonly open: () => void;
  /** Ends what was begun beside the engine. */
  readonly close: () => Promise<void>;
  /** How long closing waits for what runs in the background. */
  readonly closeTimeoutMs: number;
}

/** Everything that one application's caches share. */
export class CacheRuntime {
  readonly engine: CacheEngine;
  readonly policies: CachePolicies;
  readonly tenants: TenantResolver;
  readonly events: TypedEmitter<CacheEvents>;
  readonly clock: Clock;
  /** What one process of many is to do. */
  readonly soleWork: SoleWork;
  /** Whether entries are kept in Redis, where one is configured. */
  readonly usesFar: boolean;
  readonly statistics: StatisticsReporter;
  readonly redisFigures: () => Promise<RedisFigures | undefined>;
  /** How calls were answered, for whoever asks. */
  readonly calls: CallLog;
  /** For whom each cache is used. */
  readonly rollouts: Rollouts;
  /** Changes that for all processes. */
  readonly rolloutSync: RolloutSync;
  /** Names what can be invalidated by a stamp. */
  readonly invalidations: Invalidations;
  readonly keys: KeySpace;
  private readonly afterCommit: CommitEvictor;
  private readonly atOnce: CommitEvictor;

  constructor(private readonly parts: CacheRuntimeParts) {
    this.engine = parts.engine;
    this.policies = parts.policies;
    this.tenants = parts.tenants;
    this.events = parts.events;
    this.clock = parts.clock;
    this.soleWork = parts.soleWork;
    this.usesFar = parts.usesFar;
    this.statistics = parts.statistics;
    this.redisFigures = parts.redisFigures;
    this.calls = parts.calls;
    this.rollouts = parts.rollouts;
    this.rolloutSync = parts.rolloutSync;
    this.invalidations = parts.invalidations;
    this.keys = parts.keys;
    this.atOnce = new CommitEvictor(parts, () => undefined);
    this.afterCommit = parts.currentTransaction
      ? new CommitEvictor(parts, parts.currentTransaction)
      : this.atOnce;
  }

  /** State of the connection; undefined where no Redis is configured. */
  get connection(): ConnectionState | undefined {
    return this.parts.connectionState();
  }

  /** @param afterCommit false does not wait for the commit of a transaction */
  evictor(afterCommit = true): CommitEvictor {
    return afterCommit ? this.afterCommit : this.atOnce;
  }

  /** Begins to connect, in the background. Till then the caches work without Redis. */
  open(): void {
    this.statistics.start();
    this.parts.open();
  }

  /**
   * Ends what runs in the background, and then the connections. A load that goes on though it was told
   * to end is not waited for: it stores nothing any more.
   */
  async close(): Promise<void> {
    const { closeTimeoutMs, clock, close } = this.parts;
    this.statistics.stop();
    await withDeadline(this.engine.close(), closeTimeoutMs, clock).catch(givenUp);
    await close();
  }

  /** See {@link CacheEngine.explain}. */
  async explain(ref: ScopedEntry, policy: ResolvedPolicy): Promise<EntryExplanation> {
    const tiers = await this.engine.explain(ref, policy);
    const { connection, usesFar } = this;
    return { ...tiers, mode: modeOf(connection, usesFar), connection };
  }

  /** The entry under an encoded key of a cache, for an owner decided by {@link tenants}. */
  refOf(cache: string, policy: ResolvedPolicy, owner: string | null, key: string): ScopedEntry {
    return this.scopesOf(cache, policy).of(owner).entry(key);
  }

  /** The entries of a cache, by owner. */
  scopesOf(cache: string, { version }: ResolvedPolicy): CacheScopes {
    return this.parts.scopes.of(cache, version);
  }
}

/** It ends by itself, later. */
function givenUp(): void {
  return undefined;
}
