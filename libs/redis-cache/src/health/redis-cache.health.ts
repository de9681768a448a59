import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import { positiveMs, type Duration } from '../config/duration.js';
import { knownFields } from '../config/option-checks.js';
import type { RedisConnection } from '../connection/redis-connection.js';
import { CACHE_RUNTIME, REDIS_CONNECTION } from '../constants/injection.tokens.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';

/** How the health of the cache is judged. */
export interface CacheHealthOptions {
  /**
   * What a Redis that is configured but away means. The cache goes on without it, so `up` is right
   * where an orchestrator restarts what is down: a restart would bring nothing back.
   * @default 'up'
   */
  degraded?: 'up' | 'down';
  /** How long the check waits for Redis. @default '500ms' */
  timeout?: Duration;
}

const AWAY = 'Redis is away: answering from memory and from the methods themselves';

const WAITING = 'Redis is away: other processes are told what is evicted once it is back';

const OPTIONS = 'options of isHealthy';

const DENIED = 'Redis is not used: its user lacks permissions, grant it';

/**
 * Health of the cache for Terminus. It asks over the connection that the cache has, and opens none.
 *
 * | mode | meaning |
 * |---|---|
 * | `redis` | Redis answers |
 * | `memory` | no Redis is configured, or `far` is `false`: the near tier works alone |
 * | `fallback` | Redis is configured and away, or its user lacks permissions |
 *
 * With `far: false`, `evictions` says whether Redis is `told` of them at once, or they are `waiting` for it,
 * which does not make the answer `down` either.
 *
 * Where a persistent store is configured, `persistence` says whether it is `up` or `away`; that alone is no
 * reason to restart anything, and never makes the answer `down`.
 *
 * @example () => this.cache.isHealthy('cache')
 */
@Injectable()
export class RedisCacheHealthIndicator {
  /** @internal Made by Nest. */
  constructor(
    private readonly indicators: HealthIndicatorService,
    @Inject(REDIS_CONNECTION) private readonly connection: RedisConnection | null,
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
  ) {}

  /**
   * @param key name of the result in the answer of the health check
   * @throws {InvalidCacheOptionsError} an option cannot be used
   */
  async isHealthy<Key extends string = 'cache'>(
    key: Key = 'cache' as Key,
    options: CacheHealthOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    const { degraded, timeoutMs } = resolve(options);
    const indicator = this.indicators.check(key);
    const persistence = this.persistence;
    if (!this.connection) return indicator.up({ mode: 'memory', ...persistence });
    const latencyMs = await this.latencyMs(this.connection, timeoutMs);
    if (!this.runtime.usesFar) {
      return indicator.up({ mode: 'memory', ...this.evictions(latencyMs), ...persistence });
    }
    if (latencyMs !== undefined) return indicator.up({ mode: 'redis', latencyMs, ...persistence });
    const state = { mode: 'fallback', message: this.reason(AWAY), ...persistence } as const;
    return degraded === 'up' ? indicator.up(state) : indicator.down(state);
  }

  /** What becomes of evictions where nothing else is told to Redis. */
  private evictions(latencyMs: number | undefined) {
    return latencyMs === undefined
      ? ({ evictions: 'waiting', message: this.reason(WAITING) } as const)
      : ({ evictions: 'told', latencyMs } as const);
  }

  private reason(usual: string): string {
    const lacking = this.connection?.lackingPermissions;
    return lacking === undefined ? usual : `${DENIED} ${lacking}`;
  }

  private get persistence(): { persistence: 'up' | 'away' } | undefined {
    const available = this.runtime.statistics.persistenceAvailable;
    return available === undefined ? undefined : { persistence: available ? 'up' : 'away' };
  }

  private async latencyMs(
    connection: RedisConnection,
    timeoutMs: number,
  ): Promise<number | undefined> {
    if (!connection.available) return undefined;
    try {
      return Math.round((await connection.ping(timeoutMs)) * 100) / 100;
    } catch {
      return undefined; // why it is away stands in the connection's state and in the log
    }
  }
}

function resolve(options: CacheHealthOptions): { degraded: 'up' | 'down'; timeoutMs: number } {
  knownFields(options, OPTIONS, ['degraded', 'timeout']);
  const { degraded = 'up', timeout = '500ms' } = options;
  if (!(['up', 'down'] as string[]).includes(degraded)) {
    throw new InvalidCacheOptionsError(
      `${OPTIONS}.degraded`,
      degraded,
      `'up' or 'down'`,
      `Say 'down' only where a restart of this process is to follow.`,
    );
  }
  return { degraded, timeoutMs: positiveMs(timeout, `${OPTIONS}.timeout`) };
}
