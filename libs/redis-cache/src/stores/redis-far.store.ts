import { asBuffer } from '../codec/binary.js';
import { failureKind } from '../connection/failure-kind.js';
import type { RedisClientLike } from '../connection/redis-client.interface.js';
import type { RedisConnection } from '../connection/redis-connection.js';
import {
  ANYBODY,
  entryMessage,
  patternMessage,
  rolloutMessage,
  stampMessageHead,
} from '../invalidation/bus-message.js';
import type { Stamp } from '../invalidation/stamp-table.js';
import type { KeyPattern } from '../keys/key-pattern.js';
import type { KeySelection } from '../keys/key-selection.js';
import type { KeySpace } from '../keys/key-space.js';
import { assertAccess } from './access-check.js';
import { argumentOf, type ScriptItem } from './batch-script.js';
import {
  FINAL,
  type Acquired,
  type ClaimRequest,
  type FarLook,
  type FarStore,
  type FillRequest,
  type LeaseRequest,
  type Owed,
  type StoreRequest,
  type SweepProgress,
} from './far-store.interface.js';
import {
  ACQUIRE,
  CLAIM,
  DISCARD,
  EVICT,
  FILL,
  OWE,
  RELEASE,
  RENEW,
  RENEW_STAMP,
  REPLACE,
  SETTLE,
  STAMP,
  STORE,
} from './far.scripts.js';
import { lookAt, peekAtStamps } from './look-at.js';
import { newStampId } from './new-stamp-id.js';
import { owedText, readOwed } from './owed-text.js';
import { RedisGatherers } from './redis-gatherers.js';
import type { Reply } from '../resilience/reply.interface.js';
import { acquiredBy, isOne, nothing, stampOf } from './script-replies.js';
import type { Gatherer } from './tick-gatherer.js';
import { SlotRule } from './slot-rule.js';
import { sweepKeys } from './sweep-keys.js';
import { Teller, type TellerOptions } from './teller.js';

/** A renewed stamp outlives entries of any usual ttl; in use it is prolonged as they need it. */
const RENEWED_STAMP_LIFE_MS = 60 * 86_400_000;

/** What the persistent store lacks is one value, and not to become a large one. */
const MAX_OWED_BYTES = 262_144;

type LeaseItem = ScriptItem & { readonly onGiven: (() => void) | undefined };
type StoreItem = ScriptItem & Pick<StoreRequest, 'isOutdated'>;

/**
 * The far tier on Redis: every step that must not be torn apart is one script. What is asked for in
 * one tick goes out together, evictions first: whatever is read then is read after them.
 */
export class RedisFarStore implements FarStore {
  private readonly teller: Teller;
  private readonly slots: SlotRule;
  private readonly evicts: Gatherer<ScriptItem, boolean>;
  private readonly renewedStamps: Gatherer<ScriptItem, string>;
  private readonly claims: Gatherer<LeaseItem, boolean>;
  private readonly stores: Gatherer<StoreItem, boolean>;
  private readonly upToStores: readonly { flush(): void }[];
  private readonly releases: Gatherer<ScriptItem, void>;
  private readonly renewals: Gatherer<ScriptItem, boolean>;
  private readonly stamps: Gatherer<ScriptItem, string>;
  private readonly reads: Gatherer<string, Buffer | undefined>;
  private readonly acquires: Gatherer<LeaseItem, Acquired>;
  private readonly fills: Gatherer<ScriptItem, boolean>;
  private readonly discards: Gatherer<ScriptItem, void>;
  private readonly owes: Gatherer<ScriptItem, void>;
  private readonly settlements: Gatherer<ScriptItem, void>;
  private readonly replacements: Gatherer<ScriptItem, boolean>;

  /**
   * @param origin names this process in what it tells the others
   */
  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: KeySpace,
    private readonly origin: string,
    telling: TellerOptions = {},
  ) {
    this.slots = new SlotRule(connection.client);
    const gatherers = new RedisGatherers(connection, this.slots);
    this.teller = new Teller(connection, keys.channel(), telling);
    this.owes = gatherers.script(OWE, nothing, { update: true });
    this.evicts = gatherers.script(EVICT, isOne, { update: true, urgent: true });
    this.renewedStamps = gatherers.script(RENEW_STAMP, String, { update: true });
    this.claims = gatherers.script(CLAIM, isOne, {
      heard: ({ onGiven }: LeaseItem) => onGiven?.(),
    });
    const isOutdated = (item: StoreItem) => item.isOutdated();
    // It does nothing by these arguments, as they come too late on any clock.
    this.stores = gatherers.inOrder(STORE, isOutdated, [0, '', 1, '', '', 0]);
    this.upToStores = [this.owes, this.evicts, this.renewedStamps, this.claims, this.stores];
    this.releases = gatherers.script(RELEASE, nothing);
    this.renewals = gatherers.script(RENEW, isOne);
    this.stamps = gatherers.script(STAMP, String);
    this.reads = gatherers.reads();
    this.acquires = gatherers.script(ACQUIRE, acquiredBy, {
      tellsTime: true,
      heard: ({ onGiven }: LeaseItem, { kind }) => {
        if (kind === 'lease') onGiven?.();
      },
    });
    this.fills = gatherers.script(FILL, isOne);
    this.discards = gatherers.script(DISCARD, nothing);
    this.settlements = gatherers.script(SETTLE, nothing);
    this.replacements = gatherers.script(REPLACE, isOne, { update: true });
  }

  get available(): boolean {
    return this.connection.available;
  }

  get keepsOrder(): boolean {
    return !this.connection.client.isCluster;
  }

  get reachable(): boolean {
    return this.connection.reachable;
  }

  onRecovery(recover: () => Promise<void>): void {
    const { connection, keys } = this;
    connection.recoverBy(async () => {
      await assertAccess(connection, keys.probe('access'), keys.territory());
      await recover();
    });
  }

  suspect(reason: string): void {
    this.connection.suspect(reason);
  }

  nowMs(hereMs?: number): number {
    return this.connection.serverNowMs(hereMs);
  }

  get(entryKey: string, budgetMs?: number): Reply<Buffer | undefined> {
    return this.reads.put(entryKey, budgetMs);
  }

  acquire(entryKey: string, request: LeaseRequest, budgetMs?: number): Reply<Acquired> {
    const { token, leaseMs, onGiven, known, takeOverBelowMs } = request;
    const head = known === undefined ? '' : asBuffer(known);
    const args = [token, leaseMs, head, Math.round(takeOverBelowMs)];
    return this.acquires.put({ keys: this.keysOf(entryKey), args, onGiven }, budgetMs);
  }

  claim(
    entryKey: string,
    { token, leaseMs, onGiven }: ClaimRequest,
    budgetMs?: number,
  ): Reply<boolean> {
    // What is stored at once drops no lease that is claimed later. It goes out behind all that was asked for before.
    if (!this.stores.isEmpty) for (const gatherer of this.upToStores) gatherer.flush();
    const message = token.endsWith(FINAL) ? '' : entryMessage(ANYBODY, entryKey);
    const telling = this.teller.telling(message);
    const args = [token, leaseMs, ...telling.byScript];
    const item = { keys: this.keysOf(entryKey), args, onGiven };
    return this.teller.toldIfDone(telling, this.claims.put(item, budgetMs));
  }

  renew(entryKey: string, token: string, leaseMs: number): Promise<boolean> {
    return this.renewals.put({ keys: this.keysOf(entryKey), args: [token, leaseMs] }).then();
  }

  fill(entryKey: string, token: string, request: FillRequest, budgetMs?: number): Reply<boolean> {
    const { bytes, ttlMs, announce } = request;
    const message = announce ? entryMessage(this.origin, entryKey) : '';
    const telling = this.teller.tellingOf(request, message);
    const args = [token, argumentOf(bytes), ttlMs, ...telling.byScript];
    const item = { keys: this.keysOf(entryKey), args };
    return this.teller.toldIfDone(telling, this.fills.put(item, budgetMs));
  }

  store(entryKey: string, request: StoreRequest, budgetMs?: number): Reply<boolean> {
    const { bytes, ttlMs, untilMs, isOutdated } = request;
    const telling = this.teller.tellingOf(request, entryMessage(this.origin, entryKey));
    const args = [Math.ceil(untilMs), argumentOf(bytes), ttlMs, ...telling.byScript];
    const storing = this.stores.put({ keys: this.keysOf(entryKey), args, isOutdated }, budgetMs);
    return this.teller.toldIfDone(telling, storing);
  }

  release(entryKey: string, token: string): Promise<void> {
    return this.releases.put({ keys: this.keysOf(entryKey), args: [token] }).then();
  }

  evict(entryKey: string): Promise<boolean> {
    const telling = this.teller.telling(entryMessage(this.origin, entryKey));
    const item = { keys: this.keysOf(entryKey), args: telling.byScript };
    const evicting = this.evicts.put(item).then();
    const { after } = telling;
    return after ? evicting.then((existed) => after().then(() => existed)) : evicting;
  }

  async stamp(stampKey: string, lifeMs: number, budgetMs?: number): Promise<Stamp> {
    const item = { keys: [stampKey], args: [newStampId(), lifeMs] };
    return stampOf(stampKey, await this.stamps.put(item, budgetMs));
  }

  async renewStamp(stampKey: string, id: string): Promise<Stamp> {
    const telling = this.teller.telling(stampMessageHead(this.origin, stampKey));
    const item = { keys: [stampKey], args: [id, RENEWED_STAMP_LIFE_MS, ...telling.byScript] };
    const stamp = await this.renewedStamps.put(item);
    await telling.after?.(stamp);
    return stampOf(stampKey, stamp);
  }

  async owe(names: readonly string[]): Promise<void> {
    const everything = owedText([this.keys.globalStamp()]);
    const args = [owedText(names), everything, MAX_OWED_BYTES];
    await this.owes.put({ keys: [this.keys.owed()], args });
  }

  async owesAny(budgetMs?: number): Promise<boolean> {
    const exists = (client: RedisClientLike) => client.exists(this.keys.owed());
    return (await this.connection.run(exists, budgetMs)) === 1;
  }

  async owed(): Promise<Owed> {
    const bytes = await this.reads.put(this.keys.owed());
    return readOwed(bytes?.toString() ?? '');
  }

  async settleOwed(text: string): Promise<void> {
    await this.settlements.put({ keys: [this.keys.owed()], args: [text] });
  }

  async readRollouts(): Promise<string> {
    const key = this.keys.rollouts();
    const bytes = await this.connection.update((client) => client.getBuffer(key));
    return bytes?.toString() ?? '';
  }

  replaceRollouts(expected: string, text: string): Promise<boolean> {
    const key = this.keys.rollouts();
    const telling = this.teller.telling(rolloutMessage(this.origin, key));
    const item = { keys: [key], args: [expected, text, ...telling.byScript] };
    return this.teller.toldIfDone(telling, this.replacements.put(item)).then();
  }

  async publish(channel: string, message: string): Promise<void> {
    await this.connection.update((client) => client.publish(channel, message));
  }

  sweep(
    selection: KeySelection,
    onProgress: (progress: SweepProgress) => void = () => undefined,
  ): Promise<number> {
    return sweepKeys(this.connection, this.slots, selection, onProgress);
  }

  async announce(pattern: KeyPattern): Promise<void> {
    try {
      await this.teller.tell(patternMessage(this.origin, pattern));
    } catch (error) {
      if (failureKind(error) !== 'refused') throw error;
    }
  }

  look(entryKey: string): Promise<FarLook> {
    return lookAt(this.connection, entryKey, this.keys.lease(entryKey));
  }

  peekStamps(stampKeys: readonly string[]): Promise<(Stamp | undefined)[]> {
    return peekAtStamps(this.connection, stampKeys);
  }

  async discard(entryKey: string, known: Uint8Array): Promise<void> {
    await this.discards.put({ keys: [entryKey], args: [asBuffer(known)] });
  }

  /** The entry and its lease. */
  private keysOf(entryKey: string): readonly string[] {
    return [entryKey, this.keys.lease(entryKey)];
  }
}
