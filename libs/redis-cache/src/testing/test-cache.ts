import type { OnApplicationBootstrap } from '@nestjs/common';
import type { CacheEngine } from '../cache/cache-engine.js';
import type { EngineParts } from '../cache/engine-parts.js';
import type { Duration } from '../config/duration.js';
import type { RedisConnectionOptions } from '../connection/connection-options.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import type { CacheRecord } from './cache-record.js';
import { cachedEntries, type CachedEntry } from './cached-entry.js';
import { FakeClock } from './fake-clock.js';
import { RecordingEngine } from './recording.engine.js';
import { TestRedis } from './test-redis.js';

/** What a {@link TestCache} is made with. */
export interface TestCacheOptions {
  /**
   * A Redis in memory: true for one of its own, or one that several caches of a test share. Without, the
   * near tier works alone.
   * @default false
   */
  redis?: boolean | TestRedis;
  /** When its clock begins; one with a shared Redis has the clock of that. @default 2026-01-01T00:00:00Z */
  startAt?: Date;
  /**
   * Chance, from 0 up to but not 1: what shortens a ttl by its `jitter`, and pauses. 0 shortens nothing.
   * @default always 0
   */
  random?: () => number;
}

/** Passes between an event and all that follows from it, at most, when a cache begins. */
const ROUNDS_TO_CONNECT = 20;

/**
 * What a test sees of the cache of one application, and decides for it: its time, and whether its Redis
 * is well. One that is new belongs to the first application that it is given to.
 */
export class TestCache implements OnApplicationBootstrap {
  /** The time of the cache. It stands still but for {@link advance}. */
  readonly clock: FakeClock;
  /** The Redis of the cache; undefined where the near tier works alone. */
  readonly redis: TestRedis | undefined;
  /** @internal */
  readonly fraction: () => number;
  #parts: EngineParts | undefined;
  readonly #log: CacheRecord[] = [];

  constructor({ redis = false, startAt, random = () => 0 }: TestCacheOptions = {}) {
    this.clock = typeof redis === 'object' ? redis.clock : new FakeClock(startAt?.getTime());
    this.redis = redis === true ? new TestRedis(this.clock) : redis || undefined;
    this.fraction = random;
  }

  /** What the cache did so far, in order: hits, misses, loads, evictions. */
  get log(): readonly CacheRecord[] {
    return this.#log;
  }

  /** Forgets what is in {@link log}. */
  clearLog(): void {
    this.#log.length = 0;
  }

  /**
   * Every entry that a call would be answered with now, of all tenants and caches, by their keys; but for
   * those whose tenant or cache has a name that is too long to stand in a key as it is.
   */
  entries(): CachedEntry[] {
    return this.#parts ? cachedEntries(this.#parts, this.redis) : [];
  }

  /**
   * Lets time pass for the cache, and whatever falls due in it happen. No other timers run by it.
   *
   * @param duration milliseconds, or `'15m'`
   * @throws {InvalidCacheOptionsError} it is no duration
   */
  advance(duration: Duration): Promise<void> {
    return this.clock.advance(duration);
  }

  /** @internal */
  placeOf(): RedisConnectionOptions {
    return this.redis ? this.redis.createClient() : false;
  }

  /** @internal */
  createEngine(parts: EngineParts): CacheEngine {
    if (this.#parts) {
      throw new InvalidCacheOptionsError(
        'TestCache',
        this,
        'one that no application has yet',
        'Make a new TestCache for each test; several can have the same redis.',
      );
    }
    this.#parts = parts;
    return new RecordingEngine(parts, (record) => this.#log.push(record));
  }

  /** @internal Boots end with Redis in use, if it is up. */
  async onApplicationBootstrap(): Promise<void> {
    for (let round = 0; round < ROUNDS_TO_CONNECT && this.#isConnecting; round += 1) {
      await this.clock.advance(0);
    }
  }

  get #isConnecting(): boolean {
    return this.redis?.isDown === false && !this.#parts?.far?.available;
  }
}
