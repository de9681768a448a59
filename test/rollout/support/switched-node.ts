import { Redis } from 'ioredis';
import type { RolloutPolicy } from 'nestjs-redis-cache';

export interface SwitchedNodeOptions {
  readonly url: string;
  readonly prefix: string;
  readonly tenants: readonly string[];
  /** Whether it keeps entries in Redis. @default true */
  readonly far?: boolean;
}

/** What a node has seen so far. */
export interface SwitchedReport {
  readonly reads: number;
  readonly writes: number;
  /** Reads answered by the cache. */
  readonly hits: number;
  /** Loads that the cache was left out of. */
  readonly bypassed: number;
  /** Answers that were older than what an eviction or a switch had ended, in words. */
  readonly stale: readonly string[];
  readonly errors: readonly string[];
}

/** An application under load, in a process of its own. */
export interface SwitchedNode {
  set(rollout: RolloutPolicy): Promise<number>;
  /** Evicts an item, and returns once that has resolved. */
  evict(item: string): Promise<void>;
  /** Resolves once a change of at least this version holds. */
  heard(version: number): Promise<void>;
  /** From now on, no read that begins may be answered by what is older than these versions. */
  raise(floors: Readonly<Record<string, number>>): Promise<void>;
  report(): Promise<SwitchedReport>;
  close(): Promise<void>;
}

/** What each tenant has: the one is changed by writers, who evict it, and the other behind their backs alone. */
export const KEYS = ['busy', 'quiet'] as const;

/** What caches are filled from: versions, which only grow. An item is `tenant/key`. */
export class SwitchedSource {
  private readonly redis: Redis;

  constructor(
    url: string,
    private readonly prefix: string,
  ) {
    this.redis = new Redis(url);
  }

  /** @returns the version after a change that no cache hears of */
  change(item: string): Promise<number> {
    return this.redis.incr(this.keyOf(item));
  }

  async read(item: string): Promise<number> {
    return Number(await this.redis.get(this.keyOf(item)));
  }

  async close(): Promise<void> {
    await this.redis.quit();
  }

  private keyOf(item: string): string {
    return `${this.prefix}-source:${item}`;
  }
}
