import type { Clock } from '../resilience/clock.js';
import { HeldLimit, type Telling } from './held-limit.js';
import type { LimitRule } from './rate-limit.js';
import type { LimitVerdict } from './rate-limit-result.js';
import { WeightedKeys } from './weighted-keys.js';

/** How often it is looked for blocks that have ended, while memory is short. */
const SWEEP_EVERY_MS = 1_000;

/**
 * What this process knows of all limits, in bounded memory. What was not used of late goes first;
 * callers that are shut out stay before all others, in up to half of the memory.
 */
export class MemoryLimits {
  private readonly open = new WeightedKeys<HeldLimit>();
  private readonly blocked = new WeightedKeys<HeldLimit>();
  private sweptAtMs = -Infinity;

  /** @param maxCalls weight that it holds at most, see {@link HeldLimit.weight} */
  constructor(
    private readonly clock: Clock,
    private readonly maxCalls: number,
  ) {}

  get weight(): number {
    return this.open.weight + this.blocked.weight;
  }

  /** Callers that are held. */
  get size(): number {
    return this.open.size + this.blocked.size;
  }

  judge(callsKey: string, rule: LimitRule, counts: boolean): LimitVerdict {
    const held = this.heldFor(callsKey, rule);
    const verdict = held.judge(this.clock.nowMs(), counts);
    if (counts) this.keep(callsKey, held);
    return verdict;
  }

  /** See {@link HeldLimit.learn}. */
  learn(callsKey: string, rule: LimitRule, verdict: LimitVerdict, counted: boolean): void {
    const held = this.heldFor(callsKey, rule);
    held.learn(verdict, this.clock.nowMs(), counted);
    this.keep(callsKey, held);
  }

  /** See {@link HeldLimit.tell}. */
  tell(callsKey: string): Telling | undefined {
    const held = this.find(callsKey);
    return held?.hasUntold ? held.tell(this.clock.nowMs()) : undefined;
  }

  /** See {@link HeldLimit.untell}. */
  untell(callsKey: string, rule: LimitRule, telling: Telling): void {
    const held = this.heldFor(callsKey, rule);
    held.untell(telling);
    this.keep(callsKey, held);
  }

  /** See {@link HeldLimit.doubt}. */
  doubt(): void {
    const nowMs = this.clock.nowMs();
    for (const [, held] of this.blocked.entries()) held.doubt(nowMs);
  }

  /** Callers of whom Redis has to be told something, those who are shut out first. */
  untold(): { readonly callsKey: string; readonly rule: LimitRule }[] {
    return [...this.blocked.entries(), ...this.open.entries()]
      .filter(([, held]) => held.hasUntold)
      .map(([callsKey, { rule }]) => ({ callsKey, rule }));
  }

  forget(callsKey: string): void {
    this.open.delete(callsKey);
    this.blocked.delete(callsKey);
  }

  private find(callsKey: string): HeldLimit | undefined {
    return this.blocked.get(callsKey) ?? this.open.get(callsKey);
  }

  private heldFor(callsKey: string, rule: LimitRule): HeldLimit {
    const held = this.find(callsKey) ?? new HeldLimit(rule);
    held.rule = rule;
    return held;
  }

  private keep(callsKey: string, held: HeldLimit): void {
    const nowMs = this.clock.nowMs();
    const isBlocked = held.isBlocked(nowMs);
    (isBlocked ? this.open : this.blocked).delete(callsKey);
    (isBlocked ? this.blocked : this.open).put(callsKey, held);
    if (this.weight > this.maxCalls) this.makeRoom(nowMs);
  }

  private makeRoom(nowMs: number): void {
    if (nowMs - this.sweptAtMs >= SWEEP_EVERY_MS) {
      this.sweptAtMs = nowMs;
      for (const [key, held] of this.blocked.entries()) {
        if (!held.isBlocked(nowMs)) this.blocked.delete(key);
      }
    }
    while (this.weight > this.maxCalls) {
      const blocksHaveTheirShare = this.blocked.weight > this.maxCalls / 2;
      (blocksHaveTheirShare || this.open.size === 0 ? this.blocked : this.open).dropOne();
    }
  }
}
