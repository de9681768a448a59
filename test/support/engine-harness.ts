import { BackgroundTasks } from '../../libs/redis-cache/src/cache/background-tasks.js';
import { CacheActivities } from '../../libs/redis-cache/src/cache/cache-activities.js';
import type { CacheCounters } from '../../libs/redis-cache/src/cache/cache-counters.js';
import { CallLog } from '../../libs/redis-cache/src/cache/call-log.js';
import { CacheEngine } from '../../libs/redis-cache/src/cache/cache-engine.js';
import type { CacheTracing } from '../../libs/redis-cache/src/cache/cache-tracing.js';
import type { CacheEvents } from '../../libs/redis-cache/src/cache/cache-events.js';
import type { ScopedEntry } from '../../libs/redis-cache/src/cache/entry-scope.js';
import { EntryScopes } from '../../libs/redis-cache/src/cache/entry-scopes.js';
import type { EngineParts } from '../../libs/redis-cache/src/cache/engine-parts.js';
import { FlightTable } from '../../libs/redis-cache/src/cache/flight-table.js';
import { GuardedTracing } from '../../libs/redis-cache/src/cache/guarded-tracing.js';
import { InvalidationReceiver } from '../../libs/redis-cache/src/cache/invalidation-receiver.js';
import type { Load, LoadRequest } from '../../libs/redis-cache/src/cache/load-request.js';
import { recoverBy } from '../../libs/redis-cache/src/cache/recovery.js';
import { asBuffer } from '../../libs/redis-cache/src/codec/binary.js';
import { decodeEntry } from '../../libs/redis-cache/src/codec/envelope.js';
import type { ConnectionState } from '../../libs/redis-cache/src/connection/connection-state.js';
import type { CachePolicy } from '../../libs/redis-cache/src/config/cache-policy.js';
import { resolvePolicy } from '../../libs/redis-cache/src/config/resolve-policy.js';
import type { BusMessage } from '../../libs/redis-cache/src/invalidation/bus-message.js';
import { Invalidations } from '../../libs/redis-cache/src/invalidation/invalidation.js';
import { EvictionLog } from '../../libs/redis-cache/src/invalidation/eviction-log.js';
import { Journal } from '../../libs/redis-cache/src/invalidation/journal.js';
import { StampTable } from '../../libs/redis-cache/src/invalidation/stamp-table.js';
import { createPersistence } from '../../libs/redis-cache/src/create-persistence.js';
import { PersistedCaches } from '../../libs/redis-cache/src/persistence/persisted-caches.js';
import type { PersistentStore } from '../../libs/redis-cache/src/persistence/persistent-store.interface.js';
import type { PersistentTier } from '../../libs/redis-cache/src/persistence/persistent-tier.js';
import { RolloutSync } from '../../libs/redis-cache/src/cache/rollout-sync.js';
import { FULLY_ON, type RolloutState } from '../../libs/redis-cache/src/rollout/rollout-state.js';
import { Rollouts } from '../../libs/redis-cache/src/rollout/rollouts.js';
import { KeySpace } from '../../libs/redis-cache/src/keys/key-space.js';
import { TypedEmitter } from '../../libs/redis-cache/src/resilience/emitter.js';
import { NearTier } from '../../libs/redis-cache/src/stores/near-tier.js';
import { newStampId } from '../../libs/redis-cache/src/stores/new-stamp-id.js';
import { tenantStorage } from '../../libs/redis-cache/src/tenancy/tenant-scope.js';
import { FakeClock } from './fake-clock.js';
import { MemoryFarStore, type SharedMemory } from './memory-far.store.js';
import { MemoryPersistentStore, type SharedRows } from './memory-persistent.store.js';

export interface HarnessOptions {
  clock?: FakeClock;
  /** The clock of Redis. @default that of this process */
  serverClock?: FakeClock;
  /** How a message of another process arrives. @default at once */
  tell?: (message: BusMessage, arrive: () => void) => void;
  /** Shared by harnesses that stand for processes on one Redis. */
  memory?: SharedMemory;
  /** No Redis configured. */
  memoryMode?: boolean;
  /** Whether entries are kept in Redis, where one is configured. @default true */
  usesFar?: boolean;
  /** Whether Redis is a single server, so that a value at hand is stored by one command. @default true */
  keepsOrder?: boolean;
  /** A persistent store, of which every cache has entries; see {@link EngineHarness.openStore}. */
  rows?: SharedRows;
  /** Another one in its place. */
  store?: PersistentStore;
  near?: boolean;
  maxFlights?: number;
  fraction?: () => number;
  serverOffsetMs?: number;
  journalItems?: number;
  tracing?: CacheTracing;
  /** What the options say of the rollout of every cache. @default on for everybody */
  rollout?: RolloutState;
}

let processes = 0;

/** An engine with a clock that the test winds and a far store that fails on command. */
export class EngineHarness {
  readonly clock: FakeClock;
  readonly far: MemoryFarStore;
  readonly store: MemoryPersistentStore;
  readonly persistent: PersistentTier | undefined;
  readonly near = new NearTier({ maxBytes: 1e6, maxEntries: 1_000, tenantShare: 1 });
  readonly ghosts = new NearTier({ maxBytes: 1e6, maxEntries: 1_000, tenantShare: 1 });
  readonly flights: FlightTable;
  readonly rollouts: Rollouts;
  readonly rolloutSync: RolloutSync;
  readonly engine: CacheEngine;
  readonly activities: CacheActivities;
  readonly calls = new CallLog();
  readonly heard: { event: keyof CacheEvents; payload: unknown }[] = [];
  readonly background: BackgroundTasks;
  readonly keys = new KeySpace('test');
  private readonly scopes: EntryScopes;
  readonly invalidations = new Invalidations(this.keys);
  readonly stamps = new StampTable();
  readonly journal: Journal;
  /** Whether this process hears the others; see {@link loseBus}. */
  readonly coherence = {
    trusted: true,
    hearsOthers: true,
    upToDate: (): Promise<boolean> => Promise.resolve(this.coherence.hearsOthers),
  };
  readonly evictionLog = new EvictionLog();
  readonly receiver: InvalidationReceiver;
  private readonly listener: (message: BusMessage) => void;
  /** What the tokens of its leases begin with. */
  private readonly mark: string;

  constructor(options: HarnessOptions = {}) {
    this.clock = options.clock ?? new FakeClock();
    const origin = `process-${++processes}`;
    this.mark = `token-${processes}`;
    const { serverClock = this.clock, tell = atOnce } = options;
    this.far = new MemoryFarStore(serverClock, options.memory, options.serverOffsetMs, origin);
    this.far.keepsOrder = options.keepsOrder ?? true;
    this.flights = new FlightTable(options.maxFlights);
    const events = new TypedEmitter<CacheEvents>((_event, error) => {
      throw error;
    });
    for (const event of EVENTS) {
      events.on(event, (payload) => {
        this.heard.push({ event, payload });
      });
    }
    this.background = new BackgroundTasks((task, error) => {
      events.emit('backgroundError', { task, error });
    });
    const bounds = { keepMs: 60_000, maxItems: options.journalItems ?? 10_000 };
    this.journal = new Journal(bounds, this.invalidations, this.clock);
    this.activities = new CacheActivities(options.fraction ?? (() => 0.5));
    this.rollouts = new Rollouts({
      configuredOf: () => options.rollout ?? FULLY_ON,
      names: () => ['lead'],
      newEpoch: newStampId,
      apart: options.usesFar === false,
      onEnd: (cache) => this.stamps.forgetWhere((key) => this.keys.isStampOf(cache, key)),
      onChange: (change) => events.emit('rollout', change),
    });
    this.scopes = new EntryScopes(this.keys, this.activities, this.rollouts);
    this.store = new MemoryPersistentStore(this.clock, options.rows);
    const random = {
      fraction: options.fraction ?? (() => 0.5),
      token: () => this.mark,
      stampId: newStampId,
    };
    const onTracingError = (error: unknown) => {
      events.emit('backgroundError', { task: 'tracing', error });
    };
    const tracing = options.tracing && new GuardedTracing(options.tracing, onTracingError);
    const base = { clock: this.clock, events, background: this.background, random };
    const link = options.memoryMode ? undefined : this.far;
    const far = options.usesFar === false ? undefined : link;
    const caches = new PersistedCaches({ persist: true }, {});
    const store = options.store ?? (options.rows && this.store);
    const persistence = store && { store, caches, timeoutMs: 250, failureThreshold: 3 };
    this.persistent = createPersistence(
      { persistence, journal: bounds },
      { ...base, invalidations: this.invalidations, tracing },
      link,
    );
    let state: ConnectionState = { kind: 'ready', sinceMs: this.clock.nowMs() };
    this.far.onState = (kind) => {
      const from = state;
      state = { kind, sinceMs: this.clock.nowMs(), reason: 'by command of the test' };
      events.emit('state', { from, to: state });
    };
    const parts: EngineParts = {
      ...base,
      near: options.near === false ? undefined : this.near,
      far,
      link,
      persistent: this.persistent,
      rollouts: this.rollouts,
      ghosts: this.ghosts,
      keys: this.keys,
      stamps: this.stamps,
      coherence: this.coherence,
      invalidations: this.invalidations,
      journal: this.journal,
      evictionLog: this.evictionLog,
      flights: this.flights,
      activities: this.activities,
      calls: this.calls,
      tracing,
      counters: (cache) => this.activities.of(cache).counters,
      commandTimeoutMs: 100,
      leaseMs: 3_000,
      degradedTtlMs: 2_000,
    };
    this.engine = new CacheEngine(parts);
    this.receiver = new InvalidationReceiver(parts);
    this.rolloutSync = new RolloutSync({
      rollouts: this.rollouts,
      link,
      clock: this.clock,
      onError: (error) => events.emit('farError', { operation: 'rollout', error }),
    });
    recoverBy(parts, this.far, undefined, this.rolloutSync);
    this.listener = (message) => {
      if (message.origin === origin) return;
      tell(message, () => {
        if (message.kind === 'rollout') this.rolloutSync.look();
        else this.receiver.apply(message);
      });
    };
    this.far.memory.listeners.add(this.listener);
  }

  /** Of the cache `lead`, which {@link ref} names if not told otherwise. */
  get counters(): CacheCounters {
    return this.activities.of('lead').counters;
  }

  /** Has the persistent store opened. */
  async openStore(): Promise<this> {
    this.persistent?.start();
    await this.clock.advance(0);
    return this;
  }

  /** From now on nothing is heard of the others, and this process knows it. */
  loseBus(): void {
    this.far.memory.listeners.delete(this.listener);
    this.coherence.trusted = false;
    this.coherence.hearsOthers = false;
  }

  regainBus(): void {
    this.receiver.forgetEverything();
    this.rolloutSync.look();
    this.far.memory.listeners.add(this.listener);
    this.coherence.trusted = true;
    this.coherence.hearsOthers = true;
  }

  ref(key = 'k', tenant: string | null = 'acme', cache = 'lead'): ScopedEntry {
    return this.scopes.of(cache, 1).of(tenant).entry(key);
  }

  request(load: Load, policy: CachePolicy = {}, extra: Partial<LoadRequest> = {}): LoadRequest {
    return {
      ref: extra.ref ?? this.ref(),
      policy: resolvePolicy([{ place: 'test', policy }], '5s'),
      load,
      loading: tenantStorage().getStore()?.loading,
      ...extra,
    };
  }

  /** Names of the events heard so far. */
  get events(): (keyof CacheEvents)[] {
    return this.heard.map(({ event }) => event);
  }

  /** What stands in the far tier under an entry's key. */
  stored(ref = this.ref()): Buffer | undefined {
    const entry = this.far.memory.entries.get(ref.redisKey);
    return entry && entry.untilMs > this.clock.nowMs() ? entry.bytes : undefined;
  }

  /** The JSON of it. */
  storedJson(ref = this.ref()): string | undefined {
    const bytes = this.stored(ref);
    const decoded = bytes && decodeEntry(bytes);
    return decoded?.kind === 'entry' ? asBuffer(decoded.payload).toString() : undefined;
  }

  /** Keys of the entries whose leases this process has, by their tokens. */
  get leases(): Map<string, string> {
    const leases = [...this.far.memory.leases].filter(
      ([, { untilMs }]) => untilMs > this.far.nowMs(),
    );
    return new Map(
      leases
        .map(([key, { bytes }]): [string, string] => [bytes.toString(), key])
        .filter(([token]) => token.startsWith(`${this.mark}.`)),
    );
  }

  leased(ref = this.ref()): boolean {
    const lease = this.far.memory.leases.get(ref.redisKey);
    return lease !== undefined && lease.untilMs > this.clock.nowMs();
  }
}

function atOnce(_message: BusMessage, arrive: () => void): void {
  arrive();
}

const EVENTS: readonly (keyof CacheEvents)[] = [
  'load',
  'loadError',
  'stale',
  'fillRefused',
  'evict',
  'invalidate',
  'purgeProgress',
  'remoteInvalidation',
  'trackedChange',
  'uncacheable',
  'undecodable',
  'policyError',
  'farError',
  'persistenceError',
  'persistence',
  'backgroundError',
  'rollout',
];
