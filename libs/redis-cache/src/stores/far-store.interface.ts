import type { TextOrBytes } from '../codec/binary.js';
import type { KeyPattern } from '../keys/key-pattern.js';
import type { KeySelection } from '../keys/key-selection.js';
import type { Stamp } from '../invalidation/stamp-table.js';
import type { Reply } from '../resilience/reply.interface.js';

/** What a request for a lease came to. */
export type Acquired =
  | { readonly kind: 'entry'; readonly bytes: Buffer }
  | { readonly kind: 'lease' }
  | { readonly kind: 'wait' };

/** Ends the token of a lease whose holder has its value at hand: nobody takes it over but another write. */
export const FINAL = '!';

/** What a lease is taken with, whoever has it. */
export interface ClaimRequest {
  /** Random; proves later that the lease is still ours. */
  readonly token: string;
  readonly leaseMs: number;
  /**
   * Called when the lease is given, also when whoever asked for it was told of a timeout before. A `release` that
   * was sent since may have come too soon: a command may be overtaken by those that are sent after it.
   */
  readonly onGiven?: () => void;
}

/** What is asked for a lease with that nobody has. */
export interface LeaseRequest extends ClaimRequest {
  /** First bytes of the entry the caller has seen and finds unusable; undefined for none. */
  readonly known: Uint8Array | undefined;
  /**
   * A lease of somebody else that has less than this left is taken over, unless its token ends in {@link FINAL}.
   * 0 takes none over.
   */
  readonly takeOverBelowMs: number;
}

/** An entry as it is to be stored. */
export interface StoredEntry {
  readonly bytes: TextOrBytes;
  readonly ttlMs: number;
  /** Whether other processes keep such entries, and so are to be told of it if it is small enough. @default true */
  readonly isKept?: boolean;
}

/** What is stored under a lease. */
export interface FillRequest extends StoredEntry {
  /** Tell the other processes, for it takes the place of an earlier value. */
  readonly announce: boolean;
}

/** What is stored at once, under no lease. */
export interface StoreRequest extends StoredEntry {
  /** By the server's clock; when that is later, nothing is stored. */
  readonly untilMs: number;
  /** Asked right before the command is sent: whether a later call of this process is to win. Then nothing is stored. */
  readonly isOutdated: () => boolean;
}

/** How far a sweep has come. */
export interface SweepProgress {
  /** Which master it is at, from 1. */
  readonly node: number;
  /** How many masters there are. */
  readonly nodes: number;
  /** Keys that the server has given so far; one may be given more than once. */
  readonly scanned: number;
  /** Keys that are gone by it. */
  readonly deleted: number;
}

/** An entry as it stands in the far tier, with its lease. */
export interface FarLook {
  readonly bytes: Buffer | undefined;
  readonly lease: { readonly token: string; readonly leftMs: number } | undefined;
}

/** Invalidations that the persistent store has not taken, by their keys. */
export interface Owed {
  readonly names: readonly string[];
  /** As they stand in the far tier; to settle just these. */
  readonly text: string;
}

/**
 * What a process shares with all others by way of Redis though it may keep no entries there: what is
 * evicted, what the persistent store has not taken, and for whom caches are used.
 *
 * Every method rejects with a `FarUnavailableError` or `FarTimeoutError` when Redis is away, and with the
 * server's error when it refuses a command. `budgetMs` is what the call may still spend on Redis; without
 * it a command has the full timeout.
 */
export interface FarLink {
  /** Whether commands are sent at the moment. */
  readonly available: boolean;

  /**
   * Whether invalidations are sent: `evict`, `renewStamp` and `publish` go out also while Redis
   * recovers, for they are what brings it up to date.
   */
  readonly reachable: boolean;

  /**
   * Has `recover` bring Redis up to date whenever the connection is back, before anything is read;
   * if it fails, Redis counts as away again.
   */
  onRecovery(recover: () => Promise<void>): void;

  /** Counts Redis as away until it has recovered, for it may not know of an invalidation. */
  suspect(reason: string): void;

  /**
   * The server's clock in milliseconds since 1970, as known to this process.
   *
   * @param hereMs the time of this process that is asked for; now by default
   */
  nowMs(hereMs?: number): number;

  /**
   * Deletes the entry and its lease, and tells the other processes.
   *
   * @returns whether the entry was there
   */
  evict(entryKey: string): Promise<boolean>;

  /** Makes the stamp anew, so that whatever was loaded under the former does not hold any more. */
  renewStamp(stampKey: string, id: string): Promise<Stamp>;

  /**
   * Deletes the keys that are there when it begins and that `selection` takes, on every master, one
   * bounded step after the other. A key that comes or goes meanwhile may be missed.
   *
   * @returns how many there were
   * @throws besides, a `FarUnavailableError` if the connection was lost or keys moved between
   *   masters meanwhile: some may have been missed
   */
  sweep(selection: KeySelection, onProgress?: (progress: SweepProgress) => void): Promise<number>;

  /** Tells the other processes of a pattern. A server that refuses to is no failure: no bus is proven then. */
  announce(pattern: KeyPattern): Promise<void>;

  /**
   * Remembers invalidations that the persistent store has not taken; sent also while Redis recovers.
   * Past a bound they become one of everything.
   */
  owe(names: readonly string[]): Promise<void>;

  /** Whether any are remembered. */
  owesAny(budgetMs?: number): Promise<boolean>;

  owed(): Promise<Owed>;

  /** Forgets what `owed` gave, and nothing that was added since. */
  settleOwed(text: string): Promise<void>;

  /** What stands in the far tier of whom caches are used for; empty for nothing. Sent while it recovers, too. */
  readRollouts(): Promise<string>;

  /**
   * Puts `text` in its place and tells the other processes, but only while it is `expected`.
   *
   * @returns whether it was
   */
  replaceRollouts(expected: string, text: string): Promise<boolean>;

  /** Sends a message to those who listen to a channel. */
  publish(channel: string, message: string): Promise<void>;
}

/** The far tier as the engine sees it: the link, and the entries. */
export interface FarStore extends FarLink {
  get(entryKey: string, budgetMs?: number): Reply<Buffer | undefined>;

  /** The entry if another one than `known` is there by now, else the lease, else `wait`. */
  acquire(entryKey: string, request: LeaseRequest, budgetMs?: number): Reply<Acquired>;

  /**
   * Takes the lease whoever holds it, so that a fill under the earlier one is refused.
   *
   * If that one's token ends in {@link FINAL}, and the new one's does not, the entry goes, and all processes
   * are told, this one too: a value was about to take its place, and another one may never come.
   *
   * @returns whether the lease was such a one
   */
  claim(entryKey: string, request: ClaimRequest, budgetMs?: number): Reply<boolean>;

  /** @returns false when the lease is no longer ours */
  renew(entryKey: string, token: string, leaseMs: number): Promise<boolean>;

  /**
   * Stores the entry and drops the lease, but only while the lease carries `token`: an eviction or
   * another writer in between has dropped it, and the entry is refused.
   *
   * @returns whether it was stored
   */
  fill(entryKey: string, token: string, fill: FillRequest, budgetMs?: number): Reply<boolean>;

  /**
   * Whether commands are applied in the order in which they are sent, so that {@link store} can be used. They are
   * not by several nodes, where one that has to be sent anew is overtaken by those behind it.
   */
  readonly keepsOrder: boolean;

  /**
   * Stores the entry, drops the lease, whoever has it, and tells the other processes, all in one command.
   *
   * @returns false when nothing was done: the request was outdated, the command came too late, or the server did not
   *   know the script yet. Whether and how the entry is stored is then to be found out under a lease
   */
  store(entryKey: string, store: StoreRequest, budgetMs?: number): Reply<boolean>;

  /** Gives the lease back without an entry. */
  release(entryKey: string, token: string): Promise<void>;

  /** The stamp, made at random and with time 0 if there is none; it lives for `lifeMs` at least. */
  stamp(stampKey: string, lifeMs: number, budgetMs?: number): Promise<Stamp>;

  /** Looks at an entry and its lease, and changes neither. */
  look(entryKey: string): Promise<FarLook>;

  /** Looks at stamps and makes none, in their order. */
  peekStamps(stampKeys: readonly string[]): Promise<readonly (Stamp | undefined)[]>;

  /** Deletes an entry that does not decode, unless another one took its place. */
  discard(entryKey: string, known: Uint8Array): Promise<void>;
}
