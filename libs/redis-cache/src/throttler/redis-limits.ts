import type { RedisConnection } from '../connection/redis-connection.js';
import { LIMIT } from './limit.script.js';
import type { LimitRule } from './rate-limit.js';
import type { LimitVerdict } from './rate-limit-result.js';

/** Where one caller's calls under one limit are kept in Redis. */
export interface LimitKeys {
  readonly calls: string;
  readonly block: string;
}

/** What Redis has not been told. */
export interface Untold {
  /** How long ago calls were allowed, each. */
  readonly agesMs: readonly number[];
  /** How long the caller is still shut out; 0 for not at all. */
  readonly blockedMs: number;
}

const NOTHING_UNTOLD: Untold = { agesMs: [], blockedMs: 0 };

/** The count that all processes share. Every question is one script, and waits no longer than any command. */
export class RedisLimits {
  constructor(private readonly connection: RedisConnection) {}

  /**
   * @param counts false only looks
   * @throws {FarUnavailableError} Redis is away
   * @throws {FarTimeoutError} no answer in time; whether the call was counted is unknown
   */
  async judge(
    keys: LimitKeys,
    { limit, windowMs, blockMs }: LimitRule,
    counts: boolean,
    { agesMs, blockedMs }: Untold = NOTHING_UNTOLD,
  ): Promise<LimitVerdict> {
    const ages = agesMs.map((ms) => Math.round(ms * 1_000));
    const args = [counts ? 1 : 0, limit, windowMs, blockMs, Math.ceil(blockedMs), ...ages];
    const reply = await this.connection.run((client) =>
      LIMIT.run(client, [keys.calls, keys.block], args),
    );
    const [kind, used, waitMs] = reply as [Buffer, number, number];
    return { kind: kind.toString() as LimitVerdict['kind'], used, waitMs };
  }

  /** Forgets what was counted, and whether the caller is shut out. */
  async reset({ calls, block }: LimitKeys): Promise<void> {
    await this.connection.run((client) => client.unlink(calls, block));
  }
}
