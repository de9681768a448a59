import { durationMs, type Duration } from '../config/duration.js';
import { wholeNumber } from '../config/option-checks.js';
import type { RedisClientLike } from '../connection/redis-client.interface.js';
import { FakeClock } from './fake-clock.js';
import { RedisMemory } from './redis-memory.js';
import { replyError, RedisMemoryClient, type RedisMemoryServer } from './redis-memory.client.js';
import type { TestRedisCommand } from './test-redis.command.js';

interface Failure {
  readonly command: TestRedisCommand;
  readonly error: Error;
  times: number;
}

const OUT_OF_MEMORY = `OOM command not allowed when used memory > 'maxmemory'.`;

/**
 * A Redis in the memory of this process, and all that can go wrong with one. What is between it and
 * the methods is the cache as it runs in production: with time limits, breaker, journal and recovery,
 * by the time of {@link clock}. Caches that are given the same one share it, as processes share Redis.
 */
export class TestRedis {
  readonly #memory: RedisMemory;
  readonly #connections = new Set<RedisMemoryClient>();
  readonly #sent: TestRedisCommand[] = [];
  #isDown = false;
  #delayMs = 0;
  #failures: Failure[] = [];
  /** Commands that wait for an answer, while it hangs. */
  #held: (() => void)[] | undefined;

  /** @param clock the time of the server, and of the caches that are given it */
  constructor(readonly clock: FakeClock = new FakeClock()) {
    this.#memory = new RedisMemory(clock);
    this.#memory.listen((channel, message) => {
      for (const connection of [...this.#connections]) connection.hear(channel, message);
    });
  }

  /** Whether it refuses connections. */
  get isDown(): boolean {
    return this.#isDown;
  }

  /** Commands in the order they arrived in, those too that failed or have no answer yet. */
  get sent(): readonly TestRedisCommand[] {
    return this.#sent;
  }

  /** All keys, as they stand in Redis. */
  get keys(): readonly string[] {
    return this.#memory.keys();
  }

  /** What stands under a key; undefined if nothing does. */
  peek(key: string): Buffer | undefined {
    return this.#memory.get(key);
  }

  /** Every connection breaks, and new ones are refused. What it holds is there when it is {@link up}. */
  down(): void {
    if (this.#isDown) return;
    this.#isDown = true;
    const held = this.#held ?? [];
    this.#held &&= [];
    for (const connection of [...this.#connections]) connection.onDown();
    for (const settle of held) settle();
  }

  /**
   * It takes connections again. Caches recover in the time they take for it in production: wind the
   * clock on by two seconds for them to have done so.
   */
  up(): void {
    if (!this.#isDown) return;
    this.#isDown = false;
    for (const connection of [...this.#connections]) connection.onUp();
  }

  /**
   * Every answer takes as long from now on.
   *
   * @param delay 0 for at once
   * @throws {InvalidCacheOptionsError} it is no duration
   */
  slow(delay: Duration): void {
    this.#delayMs = durationMs(delay, 'delay of TestRedis.slow');
  }

  /** Takes commands, and answers none until it is {@link release | released}. */
  hang(): void {
    this.#held ??= [];
  }

  /** Does what it was sent while it hung, in order, and answers. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const settle of held) settle();
  }

  /**
   * The next commands of a kind are refused and not done.
   *
   * @param times how many; Infinity for all until it is healed. @default 1
   * @param reply what Redis says, its code first. @default `OOM command not allowed …`
   * @throws {InvalidCacheOptionsError} `times` is no whole number above 0
   */
  failNext(command: TestRedisCommand, times = 1, reply = OUT_OF_MEMORY): void {
    if (times !== Infinity) wholeNumber(times, 'times of TestRedis.failNext', 1);
    this.#failures.push({ command, times, error: replyError(reply) });
  }

  /** Nothing is wrong with it any more: up, quick, and no command fails or waits. */
  heal(): void {
    this.#delayMs = 0;
    this.#failures = [];
    this.release();
    this.up();
  }

  /** Loses all that it holds, as a server does that is started anew without its disk. */
  clear(): void {
    this.#memory.clear();
  }

  /** @internal A client for a cache. */
  createClient(): RedisClientLike {
    return new RedisMemoryClient(this.#server, true);
  }

  get #server(): RedisMemoryServer {
    const isDown = (): boolean => this.#isDown;
    return {
      memory: this.#memory,
      get isDown() {
        return isDown();
      },
      perform: (command, apply) => this.#perform(command, apply),
      connect: (connection) => {
        this.#connections.add(connection);
        return () => void this.#connections.delete(connection);
      },
    };
  }

  async #perform<T>(command: TestRedisCommand, apply: () => T): Promise<T> {
    this.#sent.push(command);
    await this.#turn();
    if (this.#isDown) throw new Error('Connection is closed.');
    const failure = this.#failures.find((each) => each.times > 0 && each.command === command);
    if (!failure) return apply();
    failure.times -= 1;
    throw failure.error;
  }

  /** Resolves when it is the turn of a command. */
  async #turn(): Promise<void> {
    if (this.#delayMs > 0) await this.clock.sleep(this.#delayMs);
    const held = this.#held;
    if (held) await new Promise<void>((resolve) => void held.push(resolve));
  }
}
