import { types } from 'node:util';
import { PersistentStoreError } from '../errors/persistent-store.error.js';
import type { Invalidation } from '../invalidation/invalidation.js';
import { begin } from '../resilience/begin.js';
import { withDeadline } from '../resilience/deadline.js';
import { PersistentActivity, type PersistentOperation } from './persistent-activity.js';
import type { PersistedCaches } from './persisted-caches.js';
import type { PersistedLook, PersistedWrite } from './persistent-store.interface.js';
import type { PersistentTierParts } from './persistent-tier-parts.js';

/** A store may have tables to make or to change. */
const FIRST_OPENING_MS = 30_000;

/** Erasing takes as long as there is much to erase. */
const ERASURE_MS = 30_000;

const SWEEP_EVERY_MS = 60_000;

/** Writes under way at most: a store that is slower than the loads gets a part of them. */
const MAX_WRITES = 100;

/** Names that one command invalidates at most. */
const BATCH = 500;

/**
 * The persistent store as the engine uses it: within a time, not at all while it fails, and never
 * before it has taken every invalidation that this process knows it to lack. Nothing in here rejects.
 */
export class PersistentTier {
  readonly caches: PersistedCaches;
  readonly activity = new PersistentActivity();
  private opened = false;
  private recovering = false;
  private closed = false;
  private writes = 0;
  private cancelProbe: () => void = () => undefined;
  private cancelSweep: () => void = () => undefined;
  private draining: Promise<void> | undefined;
  private probing: Promise<void> = Promise.resolve();
  private endOpening: () => void = () => undefined;

  constructor(private readonly parts: PersistentTierParts) {
    this.caches = parts.caches;
    // It is not used before it was opened.
    parts.breaker.trip();
  }

  /** Whether it is looked into and written to. */
  get available(): boolean {
    return !this.closed && this.parts.breaker.state.kind === 'closed';
  }

  /** Invalidations of this process that the store has not acknowledged. */
  get unacknowledged(): readonly Invalidation[] {
    return this.parts.journal.pending();
  }

  /** Begins to open the store, for as long as it takes. */
  start(): void {
    this.probeAfter(0);
    this.sweepLater();
  }

  /** Ends that, and what the store itself has begun. */
  async close(): Promise<void> {
    this.closed = true;
    this.cancelProbe();
    this.cancelSweep();
    this.endOpening();
    await this.probing;
    try {
      await this.limit(this.parts.store.close());
    } catch (error) {
      this.parts.onError('close', error);
    }
  }

  /** Undefined when the store is away. */
  async look(key: string, names: readonly string[]): Promise<PersistedLook | undefined> {
    const { store, outside } = this.parts;
    const look = await this.attempt('look', async () =>
      checked(await outside(() => store.look(key, names))),
    );
    if (look) this.activity.counts[look.entry ? 'found' : 'absent'] += 1;
    return look;
  }

  /** Undefined when the store is away, or has too much to do. */
  async put(write: PersistedWrite): Promise<boolean | undefined> {
    const { counts } = this.activity;
    const { store, outside } = this.parts;
    if (this.writes >= MAX_WRITES) {
      counts.dropped += 1;
      return undefined;
    }
    this.writes += 1;
    try {
      const stored = await this.attempt('put', () => outside(() => store.put(write)));
      if (stored !== undefined) counts[stored ? 'stored' : 'refused'] += 1;
      return stored;
    } finally {
      this.writes -= 1;
    }
  }

  /**
   * Whatever becomes of it, the store is not looked into by this process again before it has taken it.
   *
   * @param names by which a part of it goes; all of it by default
   * @param next names of what is put with the point, its key first
   * @returns a point behind it; undefined when the store has not acknowledged it
   */
  async invalidate(
    invalidation: Invalidation,
    names: readonly string[] = [invalidation.key],
    next?: readonly string[],
  ): Promise<string | undefined> {
    const { journal, store, outside, onError } = this.parts;
    const acknowledge = journal.note(invalidation);
    if (!this.available && !this.recovering) return undefined;
    try {
      const send = () => this.limit(outside(() => store.invalidate(names, next)));
      const point = await this.timed('invalidate', send);
      acknowledge();
      this.activity.counts.evicted += 1;
      return point;
    } catch (error) {
      onError('invalidate', error);
      this.suspend();
      return undefined;
    }
  }

  /**
   * Erases what begins alike.
   *
   * @param stamp what all of it is invalidated by
   * @returns how many entries; undefined when the store is away, or failed
   */
  erase(prefix: string, stamp: string): Promise<number | undefined> {
    const { store, outside } = this.parts;
    const erase = async (): Promise<number> => {
      const point = await store.invalidate([stamp]);
      return store.erase({ prefix, point });
    };
    return this.attempt(undefined, () => outside(erase), ERASURE_MS);
  }

  /** Has the store take what Redis remembers that it lacks, whoever made it. */
  drainLater(): void {
    if (this.draining) return;
    this.draining = this.drain().finally(() => {
      this.draining = undefined;
    });
    this.parts.inBackground('owed', this.draining);
  }

  private async drain(): Promise<void> {
    const { link, store, outside } = this.parts;
    if (!link?.available || !this.available) return;
    const owed = await link.owed();
    if (owed.names.length === 0) return;
    for (let from = 0; from < owed.names.length; from += BATCH) {
      const names = owed.names.slice(from, from + BATCH);
      const taken = await this.attempt('invalidate', () => outside(() => store.invalidate(names)));
      if (taken === undefined) return;
      this.activity.counts.evicted += names.length;
    }
    await link.settleOwed(owed.text);
  }

  /** @param operation as which it is counted and timed; undefined for an erasure */
  private async attempt<T>(
    operation: PersistentOperation | undefined,
    work: () => Promise<T>,
    ms?: number,
  ): Promise<T | undefined> {
    if (!this.available) return undefined;
    const { breaker, onError } = this.parts;
    try {
      const send = () => this.limit(work(), ms);
      const answer = await (operation ? this.timed(operation, send) : send());
      breaker.recordSuccess();
      return answer;
    } catch (error) {
      onError(operation ?? 'erase', error);
      if (breaker.recordFailure()) this.away();
      return undefined;
    }
  }

  private async timed<T>(operation: PersistentOperation, send: () => Promise<T>): Promise<T> {
    const { clock } = this.parts;
    const beganMs = clock.nowMs();
    try {
      return await send();
    } catch (error) {
      this.activity.counts.failed[operation] += 1;
      throw error;
    } finally {
      this.activity.latency[operation].record(clock.nowMs() - beganMs);
    }
  }

  /** Not used until it has been opened again, for it may lack an invalidation. */
  private suspend(): void {
    if (this.parts.breaker.trip()) this.away();
  }

  private away(): void {
    this.parts.onChange(false);
    this.probeAfter(this.parts.breaker.probeDelayMs());
  }

  private probeAfter(ms: number): void {
    if (this.closed) return;
    const probe = (): void => {
      this.probing = this.probe();
    };
    this.cancelProbe = this.parts.clock.schedule(ms, probe, { background: true });
  }

  private async probe(): Promise<void> {
    const { breaker, journal } = this.parts;
    const settle = breaker.beginProbe();
    if (!settle || this.closed) return;
    let back = false;
    try {
      await this.limit(this.open(), this.opened ? undefined : FIRST_OPENING_MS);
      this.opened = true;
      this.recovering = true;
      await journal.replay(({ key }) => this.limit(this.parts.store.invalidate([key])));
      back = true;
    } catch (error) {
      this.report('open', error);
    } finally {
      this.recovering = false;
    }
    // Suspended meanwhile by an invalidation that failed: then it lacks that one.
    if (settle(back) && back) this.back();
    else this.probeAfter(breaker.probeDelayMs());
  }

  private back(): void {
    if (this.closed) return;
    this.parts.onChange(true);
    this.drainLater();
  }

  /** Of what may fail by being closed. */
  private report(operation: string, error: unknown): void {
    if (!this.closed) this.parts.onError(operation, error);
  }

  private open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.endOpening = () => reject(new PersistentStoreError('The persistent store was closed'));
      begin(() => this.parts.store.open()).then(resolve, reject);
    });
  }

  private sweepLater(): void {
    if (this.closed) return;
    this.cancelSweep = this.parts.clock.schedule(SWEEP_EVERY_MS, () => this.sweep(), {
      background: true,
    });
  }

  /** Nobody waits for it, not on closing either: it may take as long as there is much to delete. */
  private sweep(): void {
    const { store } = this.parts;
    const again = (): void => this.sweepLater();
    if (!this.available) {
      again();
      return;
    }
    begin(() => store.sweep()).then(again, (error: unknown) => {
      this.report('sweep', error);
      again();
    });
  }

  private limit<T>(work: Promise<T>, ms = this.parts.timeoutMs): Promise<T> {
    const late = (): Error =>
      new PersistentStoreError(`The persistent store did not answer within ${ms} ms`);
    return withDeadline(work, ms, this.parts.clock, late);
  }
}

/** @throws {PersistentStoreError} what it has cannot be an entry */
function checked(look: PersistedLook): PersistedLook {
  const { entry } = look;
  if (!entry || types.isUint8Array(entry.bytes)) return look;
  throw new PersistentStoreError(
    `The persistent store gave ${typeof entry.bytes} for an entry and not a Uint8Array: have the ` +
      `driver of its database give bytes as they are`,
  );
}
