import type { LimitRule } from './rate-limit.js';
import type { LimitVerdict } from './rate-limit-result.js';
import type { Untold } from './redis-limits.js';

/** What was told to Redis and may not have arrived. */
export interface Telling extends Untold {
  readonly calls: readonly number[];
}

/**
 * What this process knows of one caller under one limit: calls that were allowed here, whoever counted
 * them, and what Redis said. By it calls are judged while Redis is away. All times are of the local
 * clock.
 */
export class HeldLimit {
  /** Oldest first. */
  private calls: number[] = [];
  /** Those of them that Redis does not know of. */
  private untoldCalls: number[] = [];
  /** Redis said that no call is allowed before. */
  private fullUntilMs = -Infinity;
  private blockedUntilMs = -Infinity;
  private blockIsUntold = false;

  constructor(public rule: LimitRule) {}

  /** Grows with what it holds; what it takes beside that counts as one call. */
  get weight(): number {
    return this.calls.length + 1;
  }

  get hasUntold(): boolean {
    return this.untoldCalls.length > 0 || this.blockIsUntold;
  }

  isBlocked(nowMs: number): boolean {
    return nowMs < this.blockedUntilMs;
  }

  /** The same as the script does in Redis. @param counts false only looks */
  judge(nowMs: number, counts: boolean): LimitVerdict {
    const { limit, windowMs, blockMs } = this.rule;
    this.dropPast(nowMs);
    if (this.isBlocked(nowMs)) return this.refusal('blocked', this.blockedUntilMs - nowMs);
    const { calls } = this;
    const holding = calls.length < limit ? -Infinity : (calls[calls.length - limit] ?? nowMs);
    const freeAtMs = Math.max(this.fullUntilMs, holding + windowMs);
    if (freeAtMs <= nowMs) {
      if (counts) {
        calls.push(nowMs);
        this.untoldCalls.push(nowMs);
      }
      const waitMs = Math.ceil((calls[0] ?? nowMs - windowMs) + windowMs - nowMs);
      return { kind: 'allowed', used: calls.length, waitMs };
    }
    if (blockMs === 0 || !counts) return this.refusal('limited', freeAtMs - nowMs);
    this.blockedUntilMs = Math.max(nowMs + blockMs, freeAtMs);
    this.blockIsUntold = true;
    return this.refusal('blocked', this.blockedUntilMs - nowMs);
  }

  /** Takes over what Redis has just said. @param counted whether it has counted a call */
  learn({ kind, waitMs }: LimitVerdict, nowMs: number, counted: boolean): void {
    this.dropPast(nowMs);
    this.fullUntilMs = kind === 'limited' ? nowMs + waitMs : -Infinity;
    if (kind === 'allowed' && counted) this.calls.push(nowMs);
    // A block that Redis has not heard of meanwhile holds, whatever it says.
    if (this.blockIsUntold) return;
    this.blockedUntilMs = kind === 'blocked' ? nowMs + waitMs : -Infinity;
  }

  /** What Redis has to be told, which counts as told from now on. */
  tell(nowMs: number): Telling {
    this.dropPast(nowMs);
    const calls = this.untoldCalls;
    const blockedMs = this.blockIsUntold ? Math.max(0, this.blockedUntilMs - nowMs) : 0;
    this.untoldCalls = [];
    this.blockIsUntold = false;
    return { calls, agesMs: calls.map((ms) => nowMs - ms), blockedMs };
  }

  /** It has not arrived, as far as is known. What may have arrived counts twice, never not at all. */
  untell({ calls, blockedMs }: Telling): void {
    this.untoldCalls.unshift(...calls);
    if (blockedMs > 0) this.blockIsUntold = true;
  }

  /** Redis is away and may lose what it knew: a block has to be told to it anew. */
  doubt(nowMs: number): void {
    if (this.isBlocked(nowMs)) this.blockIsUntold = true;
  }

  private refusal(kind: 'limited' | 'blocked', waitMs: number): LimitVerdict {
    return { kind, used: this.calls.length, waitMs: Math.ceil(waitMs) };
  }

  private dropPast(nowMs: number): void {
    const sinceMs = nowMs - this.rule.windowMs;
    dropUpTo(this.calls, sinceMs);
    dropUpTo(this.untoldCalls, sinceMs);
  }
}

/** Takes the times up to `ms` off the front. */
function dropUpTo(times: number[], ms: number): void {
  let past = 0;
  while ((times[past] ?? Infinity) <= ms) past += 1;
  if (past > 0) times.splice(0, past);
}
