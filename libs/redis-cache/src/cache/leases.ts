import type { MissCause } from './cache-counters.js';
import { FINAL, type Acquired, type FarStore } from '../stores/far-store.interface.js';
import { asIs } from './as-is.js';
import type { EngineParts } from './engine-parts.js';
import type { ScopedEntry } from './entry-scope.js';
import type { Evictor } from './evictor.js';
import { isAway, type Away, type FarAccess } from './far-access.js';
import type { FarBudget } from './far-budget.js';
import type { HoldingEntry } from './entry-opener.js';
import type { FarReader } from './far-reader.js';
import type { Flight } from './flight.js';
import { RENEWALS_PER_LEASE } from './held-lease.js';
import { LeaseBid } from './lease-bid.js';
import type { LoadRequest } from './load-request.js';
import type { StampReader } from './stamp-reader.js';

/** Whose turn it is to load an entry. */
export type Turn =
  /** Somebody has stored it meanwhile. */
  | { readonly kind: 'entry'; readonly entry: HoldingEntry }
  /** Ours: the token proves it when the value is stored. */
  | { readonly kind: 'lease'; readonly token: string; readonly reason: MissCause }
  /** Another process is loading it, and it was not, or no longer, waited for. */
  | { readonly kind: 'theirs'; readonly reason: MissCause }
  /** There is an entry of a later version of this library, which is not to be overwritten. */
  | { readonly kind: 'newer'; readonly reason: 'newer' }
  | Away;

/** Why there is nothing to serve, and the first bytes of what there is instead, if anything. */
export interface Lacking {
  readonly reason: MissCause;
  readonly known: Uint8Array | undefined;
}

const FIRST_PAUSE_MS = 2;
const PAUSE_GROWTH = 1.6;
/** What it grows to at once, and beyond that with the time that was waited, up to the longest. */
const SHORT_PAUSE_MS = 20;
const PAUSED_SHARE = 1 / 8;
const LONGEST_PAUSE_MS = 50;

/** Abandoned leases remembered at most; one that is forgotten lapses by itself. */
const MAX_ABANDONED = 1_000;

/** Who may load: one process at a time, and another one soon after that one has died. */
export class Leases {
  /** What the tokens of this process begin with. */
  private readonly mark: string;
  private tokens = 0;
  /** By token: leases that Redis may hold for this process, which does not use them. */
  private readonly abandoned = new Map<string, ScopedEntry>();
  /** When the last outage began for this process, and when it was over. */
  private outage = { beganMs: -Infinity, endedMs: -Infinity };

  constructor(
    private readonly parts: EngineParts,
    private readonly access: FarAccess,
    private readonly reader: FarReader,
    private readonly stampReader: StampReader,
    private readonly evictor: Evictor,
  ) {
    this.mark = `${parts.random.token()}.`;
    parts.events.on('state', ({ from, to }) => {
      const nowMs = parts.clock.nowMs();
      // One that fails to recover is away for as long as before.
      if (to.kind === 'suspended' && from.kind !== 'recovering') this.outage.beganMs = nowMs;
      if (to.kind !== 'ready') return;
      this.outage.endedMs = nowMs;
      for (const [token, ref] of this.abandoned) this.abandon(ref, token);
    });
  }

  /**
   * Asks for the right to load, waiting while another process has it.
   *
   * @param waitMs how long to wait for another process; 0 does not wait
   * @param then what is made of the turn; given, not put behind it, as with {@link FarReader.find}
   */
  takeTurn<R>(
    request: LoadRequest,
    lacking: Lacking,
    waitMs: number,
    budget: FarBudget,
    then: (turn: Turn) => R | Promise<R>,
  ): Promise<R> {
    const { counters } = request.ref.scope.activity;
    const untilMs = this.parts.clock.nowMs() + waitMs;
    const token = this.newToken();
    const onTurn = (turn: Turn): R | Promise<R> => {
      if (turn.kind === 'lease') counters.leasesWon += 1;
      if (turn.kind !== 'theirs') return then(turn);
      counters.leasesLost += 1;
      if (waitMs > 0) counters.waited += 1;
      return this.wait(request, token, lacking, untilMs).then(then);
    };
    return this.ask(request, token, lacking, onTurn, budget);
  }

  /** Asks again and again while it is another process's turn. */
  private async wait(
    request: LoadRequest,
    token: string,
    lacking: Lacking,
    untilMs: number,
  ): Promise<Turn> {
    const beganMs = this.parts.clock.nowMs();
    for (let pauses = 0; ; pauses += 1) {
      const nowMs = this.parts.clock.nowMs();
      const leftMs = untilMs - nowMs;
      if (leftMs <= 0) return { kind: 'theirs', reason: lacking.reason };
      await this.pause(Math.min(this.pauseMs(pauses, nowMs - beganMs), leftMs));
      const turn = await this.ask(request, token, lacking, asIs);
      if (turn.kind === 'lease') request.ref.scope.activity.counters.leasesWon += 1;
      if (turn.kind !== 'theirs') return turn;
    }
  }

  /**
   * Renews the lease as often as is needed; past `loadTimeout` the flight aborts and it lapses.
   *
   * @returns ends that
   */
  keep(ref: ScopedEntry, token: string, flight: Flight): () => void {
    const { background } = this.parts;
    const renewLater = () =>
      this.parts.clock.schedule(
        this.parts.leaseMs / RENEWALS_PER_LEASE,
        () => {
          if (flight.aborted) return;
          cancel = renewLater();
          background.run('renew', this.renew(ref, token));
        },
        { background: true },
      );
    let cancel = renewLater();
    return () => cancel();
  }

  /**
   * Takes the lease from whoever has it, for a write. Undefined when Redis is away.
   *
   * @param final nobody may take it over in turn, as the write does not evict what comes of that
   * @param then what is made of the token; given, not put behind it, as with {@link FarReader.find}
   */
  claim<R>(
    ref: ScopedEntry,
    budget: FarBudget,
    { final }: { readonly final: boolean },
    then: (token: string | undefined) => R | Promise<R>,
  ): Promise<R> {
    const token = `${this.newToken()}${final ? FINAL : ''}`;
    const unsent = budget.exhausted || !this.parts.far?.available;
    const { background, leaseMs } = this.parts;
    // It may have displaced a later write, which then has not evicted what was there before.
    const bid = new LeaseBid(() => background.run('evict', this.evictor.evict(ref)));
    const request = { token, leaseMs, onGiven: bid.onGiven };
    const claim = (far: FarStore, budgetMs?: number) => far.claim(ref.redisKey, request, budgetMs);
    return this.access.askWithin(budget, 'claim', ref, claim, (claimed) => {
      if (!isAway(claimed)) return then(token);
      if (!unsent && bid.giveUp(claimed.reason === 'refused')) this.abandon(ref, token);
      return then(undefined);
    });
  }

  /** Gives it back without an entry, so that the next caller need not wait for its end. */
  async release(ref: ScopedEntry, token: string): Promise<void> {
    const answer = await this.access.ask('release', ref, (far) => far.release(ref.redisKey, token));
    if (isAway(answer)) this.remember(ref, token);
    else this.abandoned.delete(token);
  }

  /**
   * Gives up a lease that nobody is to wait for: at once, or where Redis is away as soon as it is back.
   */
  abandon(ref: ScopedEntry, token: string): void {
    this.remember(ref, token);
    this.parts.background.run('release', this.release(ref, token));
  }

  /** Whether a token is one of this process. */
  owns(token: string): boolean {
    return token.startsWith(this.mark);
  }

  private newToken(): string {
    this.tokens += 1;
    return `${this.mark}${this.tokens.toString(36)}`;
  }

  private remember(ref: ScopedEntry, token: string): void {
    this.abandoned.set(token, ref);
    const [oldest] = this.abandoned.keys();
    if (this.abandoned.size > MAX_ABANDONED && oldest !== undefined) this.abandoned.delete(oldest);
  }

  private async renew(ref: ScopedEntry, token: string): Promise<void> {
    await this.access.ask('renew', ref, (far) =>
      far.renew(ref.redisKey, token, this.parts.leaseMs),
    );
  }

  private ask<R>(
    request: LoadRequest,
    token: string,
    { known, reason }: Lacking,
    then: (turn: Turn) => R | Promise<R>,
    budget?: FarBudget,
  ): Promise<R> {
    const { ref } = request;
    const { far, leaseMs } = this.parts;
    const { takeOverBelowMs } = this;
    const unsent = budget?.exhausted === true || !far?.available;
    const bid = new LeaseBid(() => this.abandon(ref, token));
    const asked = { token, leaseMs, known, takeOverBelowMs, onGiven: bid.onGiven };
    const acquire = (store: FarStore, budgetMs?: number) =>
      store.acquire(ref.redisKey, asked, budgetMs);
    const onAnswer = (acquired: Acquired | Away): R | Promise<R> => {
      switch (acquired.kind) {
        case 'lease':
          return then({ kind: 'lease', token, reason });
        case 'wait':
          return then({ kind: 'theirs', reason });
        case 'entry':
          return this.judge(request, token, acquired.bytes, budget).then(then);
        case 'away':
          if (!unsent && bid.giveUp(acquired.reason === 'refused')) this.abandon(ref, token);
          return then(acquired);
      }
    };
    return budget
      ? this.access.askWithin(budget, 'acquire', ref, acquire, onAnswer)
      : this.access.ask('acquire', ref, (store) => acquire(store)).then(onAnswer);
  }

  /** Somebody has stored an entry meanwhile. */
  private async judge(
    request: LoadRequest,
    token: string,
    bytes: Buffer,
    budget?: FarBudget,
  ): Promise<Turn> {
    const { ref, policy } = request;
    const found = await this.access.ask('get', ref, async (far) => {
      const read = (budgetMs?: number) => this.stampReader.read(far, ref, [], { budgetMs });
      const scope =
        this.stampReader.known(ref, []) ?? (await (budget ? budget.spend(read) : read()));
      return this.reader.judge(far, ref, policy, bytes, scope, this.parts.clock.nowMs(), budget);
    });
    // What has appeared cannot be served either: ask again, past it.
    if (found.kind === 'absent') return this.ask(request, token, found, asIs, budget);
    return found.kind === 'entry' ? { kind: 'entry', entry: found } : found;
  }

  /**
   * What a lease has left at most that was given before this process was cut off from Redis. Its holder
   * may have been cut off as well and not be back, and nobody is to wait for that. One who goes on
   * loading has renewed it since, if the outage was no short one; else the entry is loaded twice.
   */
  private get takeOverBelowMs(): number {
    const { clock, leaseMs, commandTimeoutMs } = this.parts;
    const { beganMs, endedMs } = this.outage;
    if (beganMs === -Infinity) return 0;
    // Others may have noticed it later, and leases given since are of those who are back.
    const givenBeforeMs = Math.min(beganMs + commandTimeoutMs, endedMs - commandTimeoutMs);
    return Math.max(0, leaseMs - (clock.nowMs() - givenBeforeMs));
  }

  private pauseMs(pauses: number, waitedMs: number): number {
    const soonMs = FIRST_PAUSE_MS * PAUSE_GROWTH ** pauses;
    const laterMs = Math.max(SHORT_PAUSE_MS, waitedMs * PAUSED_SHARE);
    const full = Math.min(soonMs, laterMs, LONGEST_PAUSE_MS);
    return full * (0.5 + 0.5 * this.parts.random.fraction());
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.parts.clock.schedule(ms, resolve);
    });
  }
}
