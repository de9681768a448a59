import { markOf, NO_MARK } from '../../libs/redis-cache/src/codec/entry-mark.js';
import {
  FarTimeoutError,
  FarUnavailableError,
} from '../../libs/redis-cache/src/errors/far-tier.error.js';
import { ANYBODY, type BusMessage } from '../../libs/redis-cache/src/invalidation/bus-message.js';
import type { Stamp } from '../../libs/redis-cache/src/invalidation/stamp-table.js';
import type { KeyPattern } from '../../libs/redis-cache/src/keys/key-pattern.js';
import type { KeySelection } from '../../libs/redis-cache/src/keys/key-selection.js';
import type { Clock } from '../../libs/redis-cache/src/resilience/clock.js';
import {
  FINAL,
  type Acquired,
  type ClaimRequest,
  type FarLook,
  type FarStore,
  type FillRequest,
  type LeaseRequest,
  type Owed,
  type StoredEntry,
  type StoreRequest,
  type SweepProgress,
} from '../../libs/redis-cache/src/stores/far-store.interface.js';
import { owedText, readOwed } from '../../libs/redis-cache/src/stores/owed-text.js';
import { newStampId } from '../../libs/redis-cache/src/stores/new-stamp-id.js';
import type { Gate } from './gate.js';

export type FarOperation = Exclude<
  keyof FarStore,
  'available' | 'reachable' | 'keepsOrder' | 'nowMs' | 'onRecovery' | 'suspect'
>;

/** Of what is called at one go, the real store sends these before all else. */
const FIRST: ReadonlySet<FarOperation> = new Set(['evict', 'renewStamp']);

const LEASE = ':lease';
const leaseKey = (entryKey: string): string => entryKey + LEASE;

interface Stored {
  readonly bytes: Buffer;
  readonly untilMs: number;
}

export type SharedData = Pick<SharedMemory, 'entries' | 'leases' | 'stamps' | 'owed' | 'rollouts'>;

/** What several stores of one test share, as processes share one Redis. */
export class SharedMemory {
  readonly entries = new Map<string, Stored>();
  readonly leases = new Map<string, Stored>();
  readonly stamps = new Map<string, Stamp>();
  /** What the persistent store has not taken. */
  owed = '';
  /** For whom caches are used. */
  rollouts = '';
  /** Those who listen to what is invalidated. */
  readonly listeners = new Set<(message: BusMessage) => void>();

  /** Loses all data, and leaves who listens. */
  clear(): void {
    const none = { entries: new Map(), leases: new Map(), stamps: new Map() };
    this.hold({ ...none, owed: '', rollouts: '' });
  }

  /** All data as they are now. */
  copy(): SharedData {
    const { entries, leases, stamps, owed, rollouts } = this;
    return {
      entries: new Map(entries),
      leases: new Map(leases),
      stamps: new Map(stamps),
      owed,
      rollouts,
    };
  }

  /** Has these data in place of its own. */
  hold(data: SharedData): void {
    refill(this.entries, data.entries);
    refill(this.leases, data.leases);
    refill(this.stamps, data.stamps);
    this.owed = data.owed;
    this.rollouts = data.rollouts;
  }

  tell(message: BusMessage): void {
    for (const listener of this.listeners) listener(message);
  }
}

/**
 * A far store in memory that keeps the contract of the real one and fails on command. The contract
 * suite runs on both.
 */
export class MemoryFarStore implements FarStore {
  available = true;
  /** As of a single server; else as of the nodes of a Cluster. */
  keepsOrder = true;
  /** The largest entry that is told along with the name of the one before it. */
  toldBytes = 1_024;
  /** Why it was suspected, each time. */
  readonly suspicions: string[] = [];
  /** Told when the connection comes to another state, but where `available` is set. */
  onState: (kind: 'suspended' | 'recovering' | 'ready') => void = () => undefined;
  private recover: () => Promise<void> = () => Promise.resolve();
  private recovering = false;
  /** Commands in the order they were sent. */
  readonly sent: FarOperation[] = [];
  private readonly gatesBefore = new Map<FarOperation, Gate>();
  private readonly gatesAfter = new Map<FarOperation, Gate>();
  private readonly gatesOfLate = new Map<FarOperation, Gate>();
  /** What is sent behind a `store` is applied behind it. */
  private storing: Promise<void> | undefined = undefined;
  private readonly failures = new Map<FarOperation, { error: Error; applied: boolean }>();

  constructor(
    private readonly clock: Clock,
    readonly memory = new SharedMemory(),
    private readonly serverOffsetMs = 0,
    private readonly origin = 'test',
  ) {}

  get reachable(): boolean {
    return this.available || this.recovering;
  }

  onRecovery(recover: () => Promise<void>): void {
    this.recover = recover;
  }

  suspect(reason: string): void {
    if (!this.reachable) return;
    this.leave();
    this.suspicions.push(reason);
  }

  /** The connection is lost. */
  leave(): void {
    this.available = false;
    this.recovering = false;
    this.onState('suspended');
  }

  /** The connection is back: brings the store up to date and only then lets commands through. */
  async comeBack(): Promise<void> {
    this.recovering = true;
    this.onState('recovering');
    await this.recover();
    // Suspected meanwhile: away once more.
    this.available = this.recovering;
    this.recovering = false;
    if (this.reachable) this.onState('ready');
  }

  /** The next commands of this kind wait before they are applied. */
  holdBefore(operation: FarOperation, gate: Gate): void {
    this.gatesBefore.set(operation, gate);
  }

  /** They are applied, and their reply waits. */
  holdAfter(operation: FarOperation, gate: Gate): void {
    this.gatesAfter.set(operation, gate);
  }

  /** Commands of this kind fail from now on; `applied` ones all the same take effect. */
  fail(operation: FarOperation, error: Error = new FarTimeoutError(100), applied = false): void {
    this.failures.set(operation, { error, applied });
  }

  /** The next command of this kind is answered by a timeout at once, and applied when the gate opens. */
  applyLate(operation: FarOperation, gate: Gate): void {
    this.gatesOfLate.set(operation, gate);
  }

  /** Nothing fails or waits any more. */
  heal(): void {
    this.gatesOfLate.clear();
    this.failures.clear();
    this.gatesBefore.clear();
    this.gatesAfter.clear();
  }

  count(operation: FarOperation): number {
    return this.sent.filter((sent) => sent === operation).length;
  }

  nowMs(hereMs = this.clock.nowMs()): number {
    return hereMs + this.serverOffsetMs;
  }

  get(entryKey: string): Promise<Buffer | undefined> {
    return this.perform('get', () => this.live(this.memory.entries, entryKey));
  }

  acquire(entryKey: string, request: LeaseRequest): Promise<Acquired> {
    const { token, leaseMs, onGiven, known, takeOverBelowMs } = request;
    const given = ({ kind }: Acquired) => kind === 'lease' && onGiven?.();
    const acquire = (): Acquired => {
      const bytes = this.live(this.memory.entries, entryKey);
      if (bytes && !(known?.length && bytes.subarray(0, known.length).equals(known))) {
        return { kind: 'entry', bytes };
      }
      if (this.holds(entryKey, token)) return { kind: 'lease' };
      if (this.live(this.memory.leases, entryKey)) {
        const { bytes: holder, untilMs } = this.memory.leases.get(entryKey) as Stored;
        const stays = untilMs - this.nowMs() >= takeOverBelowMs;
        if (stays || holder.toString().endsWith(FINAL)) return { kind: 'wait' };
      }
      this.put(this.memory.leases, entryKey, Buffer.from(token), leaseMs);
      return { kind: 'lease' };
    };
    return this.perform('acquire', acquire, given);
  }

  claim(entryKey: string, { token, leaseMs, onGiven }: ClaimRequest): Promise<boolean> {
    const claim = (): boolean => {
      const holder = this.live(this.memory.leases, entryKey)?.toString();
      const takesEntry = holder?.endsWith(FINAL) === true && !token.endsWith(FINAL);
      this.put(this.memory.leases, entryKey, Buffer.from(token), leaseMs);
      if (takesEntry) {
        this.memory.entries.delete(entryKey);
        this.memory.tell({ kind: 'entry', origin: ANYBODY, key: entryKey });
      }
      return takesEntry;
    };
    return this.perform('claim', claim, () => onGiven?.());
  }

  renew(entryKey: string, token: string, leaseMs: number): Promise<boolean> {
    return this.perform('renew', () => {
      if (!this.holds(entryKey, token)) return false;
      this.put(this.memory.leases, entryKey, Buffer.from(token), leaseMs);
      return true;
    });
  }

  fill(entryKey: string, token: string, request: FillRequest): Promise<boolean> {
    return this.perform('fill', () => {
      if (!this.holds(entryKey, token)) return false;
      this.replace(entryKey, request, request.announce);
      return true;
    });
  }

  async store(entryKey: string, request: StoreRequest): Promise<boolean> {
    const { untilMs, isOutdated } = request;
    if (!this.available) return away();
    await Promise.resolve();
    if (isOutdated()) return false;
    const ahead = this.storing;
    let end = (): void => undefined;
    this.storing = new Promise((resolve) => {
      end = resolve;
    });
    const store = (): boolean => {
      end();
      if (this.nowMs() > untilMs) return false;
      this.replace(entryKey, request, true);
      return true;
    };
    return this.apply('store', store, ahead).finally(end);
  }

  release(entryKey: string, token: string): Promise<void> {
    return this.perform('release', () => {
      if (this.holds(entryKey, token)) this.memory.leases.delete(entryKey);
    });
  }

  evict(entryKey: string): Promise<boolean> {
    return this.update('evict', () => this.evictNow(entryKey));
  }

  stamp(stampKey: string): Promise<Stamp> {
    return this.perform('stamp', () => {
      const stamp = this.memory.stamps.get(stampKey) ?? { id: newStampId(), madeAtMs: 0 };
      this.memory.stamps.set(stampKey, stamp);
      return stamp;
    });
  }

  renewStamp(stampKey: string, id: string): Promise<Stamp> {
    return this.update('renewStamp', () => this.renewNow(stampKey, id));
  }

  owe(names: readonly string[]): Promise<void> {
    return this.update('owe', () => {
      this.memory.owed += owedText(names);
    });
  }

  owesAny(): Promise<boolean> {
    return this.perform('owesAny', () => this.memory.owed !== '');
  }

  owed(): Promise<Owed> {
    return this.perform('owed', () => readOwed(this.memory.owed));
  }

  settleOwed(text: string): Promise<void> {
    return this.perform('settleOwed', () => {
      const { memory } = this;
      if (memory.owed.startsWith(text)) memory.owed = memory.owed.slice(text.length);
    });
  }

  readRollouts(): Promise<string> {
    return this.update('readRollouts', () => this.memory.rollouts);
  }

  replaceRollouts(expected: string, text: string): Promise<boolean> {
    return this.update('replaceRollouts', () => {
      if (this.memory.rollouts !== expected) return false;
      this.memory.rollouts = text;
      this.memory.tell({ kind: 'rollout', origin: this.origin, key: 'rollouts' });
      return true;
    });
  }

  publish(): Promise<void> {
    return this.update('publish', () => undefined);
  }

  sweep(
    selection: KeySelection,
    onProgress: (progress: SweepProgress) => void = () => undefined,
  ): Promise<number> {
    return this.perform('sweep', () => {
      const { entries, leases, stamps } = this.memory;
      const hit = [
        ...[...entries.keys()].filter((key) => selection.takes(key) && this.live(entries, key)),
        ...[...leases.keys()].filter((key) => selection.takes(leaseKey(key))).map(leaseKey),
        ...[...stamps.keys()].filter((key) => selection.takes(key)),
      ];
      for (const key of hit) {
        entries.delete(key);
        leases.delete(key.slice(0, -LEASE.length));
        stamps.delete(key);
      }
      onProgress({ node: 1, nodes: 1, scanned: hit.length, deleted: hit.length });
      return hit.length;
    });
  }

  announce(pattern: KeyPattern): Promise<void> {
    return this.perform('announce', () => {
      this.memory.tell({ kind: 'pattern', origin: this.origin, pattern });
    });
  }

  look(entryKey: string): Promise<FarLook> {
    return this.perform('look', () => {
      const lease = this.memory.leases.get(entryKey);
      const leftMs = (lease?.untilMs ?? 0) - this.nowMs();
      return {
        bytes: this.live(this.memory.entries, entryKey),
        lease: lease && leftMs > 0 ? { token: lease.bytes.toString(), leftMs } : undefined,
      };
    });
  }

  peekStamps(stampKeys: readonly string[]): Promise<(Stamp | undefined)[]> {
    return this.perform('peekStamps', () => stampKeys.map((key) => this.memory.stamps.get(key)));
  }

  discard(entryKey: string, known: Uint8Array): Promise<void> {
    return this.perform('discard', () => {
      const bytes = this.live(this.memory.entries, entryKey);
      // Nothing is known of an entry by no bytes, but that it has none itself.
      const first = known.length > 0 ? bytes?.subarray(0, known.length) : bytes;
      if (first?.equals(known)) this.memory.entries.delete(entryKey);
    });
  }

  private evictNow(entryKey: string): boolean {
    const existed = this.live(this.memory.entries, entryKey) !== undefined;
    this.memory.entries.delete(entryKey);
    this.memory.leases.delete(entryKey);
    this.memory.tell({ kind: 'entry', origin: this.origin, key: entryKey });
    return existed;
  }

  private renewNow(stampKey: string, id: string): Stamp {
    const stamp = { id, madeAtMs: this.nowMs() };
    this.memory.stamps.set(stampKey, stamp);
    this.memory.tell({ kind: 'stamp', origin: this.origin, key: stampKey, stamp });
    return stamp;
  }

  private perform<T>(
    operation: FarOperation,
    apply: () => T,
    heard?: (reply: T) => void,
  ): Promise<T> {
    return this.available ? this.apply(operation, apply, this.storing, heard) : away();
  }

  /** What is sent while the store recovers, too. */
  private update<T>(operation: FarOperation, apply: () => T): Promise<T> {
    return this.reachable ? this.apply(operation, apply, this.storing) : away();
  }

  private async apply<T>(
    operation: FarOperation,
    apply: () => T,
    ahead: Promise<void> | undefined,
    heard: (reply: T) => void = () => undefined,
  ): Promise<T> {
    this.sent.push(operation);
    if (!FIRST.has(operation)) await Promise.resolve();
    if (ahead) await ahead;
    await this.gatesBefore.get(operation)?.pass();
    const late = this.gatesOfLate.get(operation);
    if (late) {
      this.gatesOfLate.delete(operation);
      void late.pass().then(() => heard(apply()));
      throw new FarTimeoutError(100);
    }
    const failure = this.failures.get(operation);
    if (failure) {
      // What a reply says is heard, though something behind it be refused; none has come by a timeout.
      if (failure.applied) {
        const reply = apply();
        if (!(failure.error instanceof FarTimeoutError)) heard(reply);
      }
      throw failure.error;
    }
    const reply = apply();
    await this.gatesAfter.get(operation)?.pass();
    heard(reply);
    return reply;
  }

  private replace(
    key: string,
    { bytes, ttlMs, isKept = true }: StoredEntry,
    announce: boolean,
  ): void {
    const before = this.live(this.memory.entries, key);
    this.put(this.memory.entries, key, Buffer.from(bytes), ttlMs);
    this.memory.leases.delete(key);
    if (!announce) return;
    const after = before ? markOf(before) : NO_MARK;
    const isSmall = typeof bytes === 'string' && bytes.length <= this.toldBytes;
    const isTold = isKept && isSmall && after !== NO_MARK;
    const successor = isTold ? { after, text: bytes } : undefined;
    this.memory.tell({ kind: 'entry', origin: this.origin, key, ...(successor && { successor }) });
  }

  private holds(entryKey: string, token: string): boolean {
    return this.live(this.memory.leases, entryKey)?.toString() === token;
  }

  private live(store: Map<string, Stored>, key: string): Buffer | undefined {
    const stored = store.get(key);
    return stored && stored.untilMs > this.nowMs() ? stored.bytes : undefined;
  }

  private put(store: Map<string, Stored>, key: string, bytes: Buffer, lifeMs: number): void {
    store.set(key, { bytes, untilMs: this.nowMs() + lifeMs });
  }
}

function away(): Promise<never> {
  return Promise.reject(new FarUnavailableError('away, by command of the test'));
}

function refill<V>(map: Map<string, V>, by: ReadonlyMap<string, V>): void {
  const copy = [...by];
  map.clear();
  for (const [key, value] of copy) map.set(key, value);
}
