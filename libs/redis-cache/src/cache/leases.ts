import { failureKind } from '../connection/failure-kind.js';
import type { MissCause } from './cache-counters.js';
import type { EngineParts } from './engine-parts.js';
import type { ScopedEntry } from './entry-scope.js';
import { isAway, type Away, type FarAccess } from './far-access.js';
import type { FarBudget } from './far-budget.js';
import type { FarReader, HoldingEntry } from './far-reader.js';
import type { Flight } from './flight.js';
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
const LONGEST_PAUSE_MS = 50;
const PAUSE_GROWTH = 1.6;

/** A lease is renewed this many times within its life, so that one lost renewal does no harm. */
const RENEWALS_PER_LEASE = 3;

/** Abandoned leases remembered at most; one that is forgotten lapses by itself. */
const MAX_ABANDONED = 1_000;

/** Who may load: one process at a time, and another one soon after that one has died. */
export class Leases {
  /** What the tokens of this process begin with. */
  private readonly mark: string;
  private tokens = 0;
  /** By token: leases that Redis may hold for this process, which does not use them. */
  private readonly abandoned = new Map<string, ScopedEntry>();

  constructor(
    private readonly parts: EngineParts,
    private readonly access: FarAccess,
    private readonly reader: FarReader,
    private readonly stampReader: StampReader,
  ) {
    this.mark = `${parts.random.token()}.`;
    parts.events.on('state', ({ to }) => {
      if (to.kind !== 'ready') return;
      for (const [token, ref] of this.abandoned) this.abandon(ref, token);
    });
  }

  /**
   * Asks for the right to load, waiting while another process has it.
   *
   * @param waitMs how long to wait for another process; 0 does not wait
   */
  async takeTurn(
    request: LoadRequest,
    lacking: Lacking,
    waitMs: number,
    budget: FarBudget,
  ): Promise<Turn> {
    const { clock } = this.parts;
    const { counters } = request.ref.scope.activity;
    const untilMs = clock.nowMs() + waitMs;
    const token = this.newToken();
    let turn = await this.ask(request, token, lacking, budget);
    if (turn.kind === 'theirs') {
      counters.leasesLost += 1;
      if (waitMs > 0) counters.waited += 1;
    }
    for (let pauses = 0; turn.kind === 'theirs'; pauses += 1) {
      const leftMs = untilMs - clock.nowMs();
      if (leftMs <= 0) return turn;
      await this.pause(Math.min(this.pauseMs(pauses), leftMs));
      turn = await this.ask(request, token, lacking);
    }
    if (turn.kind === 'lease') counters.leasesWon += 1;
    return turn;
  }

  /** Runs `work` while the lease is renewed; past `loadTimeout` the flight aborts and it lapses. */
  async whileHeld<T>(
    ref: ScopedEntry,
    token: string,
    flight: Flight,
    work: () => T | Promise<T>,
  ): Promise<T> {
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
    try {
      return await work();
    } finally {
      cancel();
    }
  }

  /** Takes the lease from whoever has it, for a write. Undefined when Redis is away. */
  async claim(ref: ScopedEntry, budget: FarBudget): Promise<string | undefined> {
    const token = this.newToken();
    const claimed = await this.access.ask('claim', ref, (far) =>
      budget.spend(async (ms) => {
        try {
          await far.claim(ref.redisKey, token, this.parts.leaseMs, ms);
        } catch (error) {
          this.abandonIfUnsure(ref, token, error);
          throw error;
        }
      }),
    );
    return isAway(claimed) ? undefined : token;
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

  /** A lease whose command was not answered may be given all the same, now or when Redis goes on. */
  private abandonIfUnsure(ref: ScopedEntry, token: string, error: unknown): void {
    if (failureKind(error) !== 'refused') this.abandon(ref, token);
  }

  private async renew(ref: ScopedEntry, token: string): Promise<void> {
    await this.access.ask('renew', ref, (far) =>
      far.renew(ref.redisKey, token, this.parts.leaseMs),
    );
  }

  private ask(
    request: LoadRequest,
    token: string,
    { known, reason }: Lacking,
    budget?: FarBudget,
  ): Promise<Turn> {
    const { ref } = request;
    const { far, leaseMs, clock } = this.parts;
    if (!far?.available) return Promise.resolve(this.access.away);
    const acquire = (budgetMs?: number) =>
      far.acquire(ref.redisKey, { token, leaseMs, known }, budgetMs);
    const unsent = budget?.exhausted === true;
    const beganMs = clock.nowMs();
    const asking = () => (budget ? budget.spend(acquire) : acquire());
    return this.access.traced('acquire', ref, asking).then(
      (acquired): Turn | Promise<Turn> => {
        this.access.took(ref, beganMs);
        switch (acquired.kind) {
          case 'lease':
            return { kind: 'lease', token, reason };
          case 'wait':
            return { kind: 'theirs', reason };
          case 'entry':
            return this.judge(request, token, acquired.bytes, budget);
        }
      },
      (error: unknown) => {
        if (!unsent) this.abandonIfUnsure(ref, token, error);
        return this.access.failed('acquire', ref, error, beganMs);
      },
    );
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
      return this.reader.judge(far, ref, policy, bytes, scope, budget);
    });
    // What has appeared cannot be served either: ask again, past it.
    if (found.kind === 'absent') return this.ask(request, token, found, budget);
    return found.kind === 'entry' ? { kind: 'entry', entry: found } : found;
  }

  private pauseMs(pauses: number): number {
    const full = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * PAUSE_GROWTH ** pauses);
    return full * (0.5 + 0.5 * this.parts.random.fraction());
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.parts.clock.schedule(ms, resolve);
    });
  }
}
