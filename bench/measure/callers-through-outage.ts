import { setTimeout } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { leadOf, type Lead } from '../data/leads.js';
import type { PeerNode } from '../peer-cache.js';
import { exactly, percentile } from './statistics.js';
import type { Measures } from './outcome.js';

const CALLERS = 64;
const PAUSE_MS = 5;
const KEYS = 1_000;
const CHANGE_EVERY_MS = 25;
/** By then every cache has had the time to find out that Redis is away. */
const SUSPENDED_AFTER_MS = 200;
const ANSWERED_WITHIN_MS = 1_000;
const BACKLOG_MS = 20;
const LOOK_EVERY_MS = 5;
const LOOK_FOR_MS = 2_000;
/** Commands by which caches read entries. None of them is sent to find out whether Redis is back. */
const READS = /^cmdstat_(?:get|mget|evalsha|eval|hget|hmget|getbuffer):calls=(\d+)/gm;

interface Versioned extends Lead {
  readonly version: number;
}

interface Call {
  readonly beganMs: number;
  readonly tookMs: number;
}

/** Callers that go on whatever happens to Redis, and note what that does to them. */
export class CallersThroughOutage {
  private readonly calls: Call[] = [];
  private readonly versions = new Uint32Array(KEYS);
  /** Below this no answer may be, as an eviction has been acknowledged. */
  private readonly evicted = new Uint32Array(KEYS);
  private running = true;
  /** When the calls under way began. */
  private readonly underWay = new Map<number, number>();
  private begun = 0;
  private errors = 0;
  private stale = 0;
  private awayMs = Infinity;
  private backMs = Infinity;
  private usedAgainMs: number | undefined;

  constructor(private readonly node: PeerNode) {}

  start(): void {
    for (let caller = 0; caller < CALLERS; caller++) void this.callAgainAndAgain(caller);
    void this.changeNowAndThen();
  }

  stop(): void {
    this.running = false;
  }

  noteAway(): void {
    this.awayMs = performance.now();
  }

  /** Resolves once the server was asked for an entry again, or was not for some seconds. */
  async noteBack(redisUrl: string): Promise<void> {
    this.backMs = performance.now();
    const redis = new Redis(redisUrl);
    // What a frozen server has not read yet was sent before it came back.
    await setTimeout(BACKLOG_MS);
    const before = await readsOf(redis);
    while (performance.now() < this.backMs + LOOK_FOR_MS) {
      if ((await readsOf(redis)) > before) {
        this.usedAgainMs = performance.now();
        break;
      }
      await setTimeout(LOOK_EVERY_MS);
    }
    redis.disconnect();
  }

  measures(): Measures {
    const suspended = this.calls
      .filter(({ beganMs }) => beganMs > this.awayMs + SUSPENDED_AFTER_MS && beganMs < this.backMs)
      .map(({ tookMs }) => tookMs * 1e6);
    const slowestMs = this.calls.reduce((slowest, { tookMs }) => Math.max(slowest, tookMs), 0);
    const used = this.usedAgainMs;
    const longSinceMs = performance.now() - ANSWERED_WITHIN_MS;
    const unanswered = [...this.underWay.values()].filter((beganMs) => beganMs < longSinceMs);
    return {
      calls: exactly(this.calls.length),
      errors: exactly(this.errors),
      unanswered: exactly(unanswered.length),
      ...(suspended.length > 0 && { suspendedNs: exactly(percentile(suspended, 50)) }),
      slowestNs: exactly(slowestMs * 1e6),
      ...(used !== undefined && { backNs: exactly((used - this.backMs) * 1e6) }),
      stale: exactly(this.stale),
    };
  }

  private async callAgainAndAgain(caller: number): Promise<void> {
    for (let turn = caller; this.running; turn += CALLERS) {
      await this.call(turn % KEYS);
      await setTimeout(PAUSE_MS);
    }
  }

  private async call(number: number): Promise<void> {
    const beganMs = performance.now();
    const atLeast = this.evicted[number] as number;
    const call = this.begun++;
    this.underWay.set(call, beganMs);
    try {
      const { version } = await this.node.wrap(String(number), () => this.load(number));
      if (version < atLeast) this.stale += 1;
      this.calls.push({ beganMs, tookMs: performance.now() - beganMs });
    } catch {
      // Whatever the error is: without a cache there would have been none.
      this.errors += 1;
    } finally {
      this.underWay.delete(call);
    }
  }

  private load(number: number): Promise<Versioned> {
    return Promise.resolve({ ...leadOf(number), version: this.versions[number] as number });
  }

  private async changeNowAndThen(): Promise<void> {
    for (let turn = 0; this.running; turn++) {
      const number = turn % KEYS;
      const version = (this.versions[number] as number) + 1;
      this.versions[number] = version;
      try {
        await this.node.evict(String(number));
        this.evicted[number] = version;
      } catch {
        // Not acknowledged: its caller knows that the older value may still be served.
      }
      await setTimeout(CHANGE_EVERY_MS);
    }
  }
}

async function readsOf(redis: Redis): Promise<number> {
  const info = await redis.info('commandstats');
  return [...info.matchAll(READS)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}
