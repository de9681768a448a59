import { failureKind } from '../connection/failure-kind.js';
import type { RedisConnection } from '../connection/redis-connection.js';
import type { Telling } from './held-limit.js';
import type { KeySpace } from '../keys/key-space.js';
import type { MemoryLimits } from './memory-limits.js';
import type { LimitRule } from './rate-limit.js';
import { resultOf, type LimitVerdict, type RateLimitResult } from './rate-limit-result.js';
import { RedisLimits, type LimitKeys } from './redis-limits.js';

/** What a {@link LimitKeeper} works with. */
export interface LimitKeeperParts {
  /** Null where no Redis is configured. */
  readonly connection: RedisConnection | null;
  readonly keys: KeySpace;
  readonly memory: MemoryLimits;
  /** Called when Redis is there and refuses to count. */
  readonly onRefused: (error: unknown) => void;
}

/** Callers of whom Redis is told at a time, when it is back. */
const TOLD_AT_ONCE = 50;

/**
 * Counts in Redis while it is there, and in the memory of this process while it is not. What was
 * allowed and who was shut out meanwhile is told to Redis when it is back: before the next call of the
 * same caller is judged, and of all others in the background.
 */
export class LimitKeeper {
  private readonly redis: RedisLimits | undefined;
  /** By caller, while Redis is being told what it does not know. */
  private readonly tellings = new Map<string, Promise<void>>();
  private stopListening: (() => void) | undefined;
  private telling: Promise<void> = Promise.resolve();

  constructor(private readonly parts: LimitKeeperParts) {
    this.redis = parts.connection ? new RedisLimits(parts.connection) : undefined;
  }

  /** Begins to listen for outages of Redis, and for their end. */
  start(): void {
    this.stopListening ??= this.parts.connection?.events.on('state', ({ from, to }) => {
      if (from.kind === 'ready') this.parts.memory.doubt();
      if (to.kind === 'ready') this.telling = this.telling.then(() => this.tellAll());
    });
  }

  /** Resolves when nothing runs in the background any more. */
  async stop(): Promise<void> {
    this.stopListening?.();
    await this.telling;
  }

  /** @param counts false only looks whether a call would be allowed */
  async judge(callsKey: string, rule: LimitRule, counts: boolean): Promise<RateLimitResult> {
    const verdict = await this.askRedis(callsKey, rule, counts);
    if (!verdict) {
      return resultOf(rule, this.parts.memory.judge(callsKey, rule, counts), 'memory');
    }
    this.parts.memory.learn(callsKey, rule, verdict, counts);
    return resultOf(rule, verdict, 'redis');
  }

  /** @returns false where Redis has not confirmed it, and may go on counting as before */
  async reset(callsKey: string): Promise<boolean> {
    // Else it might be told after it was reset.
    for (let telling; (telling = this.tellings.get(callsKey));) await telling;
    this.parts.memory.forget(callsKey);
    if (!this.redis) return true;
    try {
      await this.redis.reset(this.keysOf(callsKey));
      return true;
    } catch (error) {
      this.note(error);
      return false;
    } finally {
      // What was answered in between was of before.
      this.parts.memory.forget(callsKey);
    }
  }

  private async askRedis(
    callsKey: string,
    rule: LimitRule,
    counts: boolean,
  ): Promise<LimitVerdict | undefined> {
    const { redis } = this;
    const { memory, connection } = this.parts;
    if (!redis || !connection?.available) return undefined;
    try {
      const telling = this.tellings.get(callsKey);
      if (telling) {
        await telling;
        // It has failed, and another call tries it again: this one does not wait for that, too.
        if (this.tellings.has(callsKey)) return undefined;
      }
      const told = memory.tell(callsKey);
      return await (told
        ? this.tell(redis, callsKey, rule, counts, told)
        : redis.judge(this.keysOf(callsKey), rule, counts));
    } catch (error) {
      this.note(error);
      return undefined;
    }
  }

  /**
   * Judges a call, and tells Redis what it does not know of the caller. Who else asks about the caller
   * waits for it: where the server does not know the script (any more), what was sent first is done last.
   */
  private tell(
    redis: RedisLimits,
    callsKey: string,
    rule: LimitRule,
    counts: boolean,
    told: Telling,
  ): Promise<LimitVerdict> {
    const judging = redis.judge(this.keysOf(callsKey), rule, counts, told);
    const end = (): void => void this.tellings.delete(callsKey);
    const telling = judging.then(end, () => {
      end();
      this.parts.memory.untell(callsKey, rule, told);
    });
    this.tellings.set(callsKey, telling);
    return judging;
  }

  private async tellAll(): Promise<void> {
    const { memory, connection } = this.parts;
    const untold = memory.untold();
    while (untold.length > 0 && connection?.available) {
      const portion = untold.splice(0, TOLD_AT_ONCE);
      await Promise.all(portion.map(({ callsKey, rule }) => this.askRedis(callsKey, rule, false)));
    }
  }

  private note(error: unknown): void {
    // Outages are told of by the connection.
    if (failureKind(error) === 'refused') this.parts.onRefused(error);
  }

  private keysOf(callsKey: string): LimitKeys {
    return { calls: callsKey, block: this.parts.keys.limitBlock(callsKey) };
  }
}
