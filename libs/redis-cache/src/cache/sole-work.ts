import type { FarStore } from '../stores/far-store.interface.js';
import type { EngineParts } from './engine-parts.js';
import { HeldLease, type GivenLease } from './held-lease.js';
import { LeaseBid } from './lease-bid.js';

/** How work is done by one process of many. */
export interface SoleWorkSettings {
  /** How long the lease lives unless it is renewed. */
  readonly leaseMs: number;
  /** How long it then counts as done, for those who ask with `unlessDone`; two leases at least. */
  readonly doneMs: number;
  /** Leaves it when it was done that lately, by whichever process. */
  readonly unlessDone: boolean;
}

/**
 * What came of it.
 *
 * - `done`: this process did it, or as much of it as it would.
 * - `elsewhere`: another process is at it.
 * - `recent`: it was done lately.
 * - `away`: Redis is away, so that nobody can say whose it is, or what comes of it would not last.
 * - `lost`: begun, and given up, since the lease could not be kept.
 */
export type SoleOutcome = 'done' | 'elsewhere' | 'recent' | 'away' | 'lost';

/** @returns whether it came to its end; what did not is for another process to do */
export type SoleTask = (signal: AbortSignal) => Promise<boolean>;

/**
 * Work that one process of many is to do: whoever gets its lease in Redis, which another one gets soon
 * after the holder has died. Where no entries are kept in Redis every process does its own; though where
 * one is configured not while it is away, as nothing is kept for long then.
 */
export class SoleWork {
  /** By token: leases that Redis may hold for this process, which does not use them. */
  private readonly givenUp = new Map<string, GivenLease>();

  constructor(
    private readonly parts: Pick<
      EngineParts,
      'far' | 'link' | 'keys' | 'clock' | 'random' | 'events' | 'background'
    >,
  ) {
    const { far, events } = parts;
    if (!far) return;
    events.on('state', ({ to }) => {
      if (to.kind !== 'ready') return;
      for (const lease of this.givenUp.values()) this.giveUp(far, lease);
    });
  }

  /**
   * @param kind what it is, and `name` which of its kind
   * @throws what `task` throws; the work is then for another process to do
   */
  async run(
    kind: string,
    name: string,
    settings: SoleWorkSettings,
    task: SoleTask,
  ): Promise<SoleOutcome> {
    const { far, link, keys, random, clock } = this.parts;
    if (!far) {
      if (link?.available === false) return 'away';
      await task(new AbortController().signal);
      return 'done';
    }
    const asked: GivenLease = {
      key: keys.work(kind, name),
      token: random.token(),
      leaseMs: settings.leaseMs,
      sinceMs: clock.nowMs(),
    };
    const answer = await this.ask(far, asked, settings.unlessDone);
    return answer === 'given' ? this.hold(far, asked, settings, task) : answer;
  }

  private async ask(
    far: FarStore,
    lease: GivenLease,
    unlessDone: boolean,
  ): Promise<'given' | 'elsewhere' | 'recent' | 'away'> {
    if (!far.available) return 'away';
    const bid = new LeaseBid(() => this.giveUp(far, lease));
    const request = { ...lease, takeOverBelowMs: 0, onGiven: bid.onGiven };
    try {
      const ask = (known?: Uint8Array) => far.acquire(lease.key, { ...request, known });
      let asked = await ask();
      if (asked.kind === 'entry' && !unlessDone) asked = await ask(asked.bytes);
      if (asked.kind === 'lease') return 'given';
      return asked.kind === 'wait' ? 'elsewhere' : 'recent';
    } catch (error) {
      this.parts.events.emit('farError', { operation: 'acquire', error });
      if (bid.giveUp()) this.giveUp(far, lease);
      return 'away';
    }
  }

  private async hold(
    far: FarStore,
    lease: GivenLease,
    { leaseMs, doneMs }: SoleWorkSettings,
    task: SoleTask,
  ): Promise<SoleOutcome> {
    const held = new HeldLease(far, this.parts, lease);
    let complete = false;
    try {
      complete = await task(held.lost);
    } finally {
      held.end();
      if (!complete) this.giveUp(far, lease);
    }
    if (held.lost.aborted) return 'lost';
    if (complete) await this.noteDone(far, lease, Math.max(doneMs, 2 * leaseMs));
    return 'done';
  }

  /** By the token, which makes it unlike what was noted before: so it can be asked past. */
  private async noteDone(far: FarStore, { key, token }: GivenLease, ttlMs: number): Promise<void> {
    try {
      await far.fill(key, token, { bytes: Buffer.from(token), ttlMs, announce: false });
    } catch (error) {
      this.parts.events.emit('farError', { operation: 'fill', error });
    }
  }

  /** At once, or where Redis is away as soon as it is back. */
  private giveUp(far: FarStore, lease: GivenLease): void {
    const { key, token } = lease;
    const attempt = { ...lease };
    this.givenUp.set(token, attempt);
    const released = far.release(key, token).then(() => {
      // An earlier attempt says nothing of a lease that has been given since.
      if (this.givenUp.get(token) === attempt) this.givenUp.delete(token);
    });
    this.parts.background.run('release', released);
  }
}
