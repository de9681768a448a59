import { Inject, Injectable } from '@nestjs/common';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import type { CacheStatistics } from '../cache/cache-statistics.js';
import type { RedisConnection } from '../connection/redis-connection.js';
import { CACHE_RUNTIME, REDIS_CONNECTION } from '../constants/injection.tokens.js';
import type { AdminHealth } from './admin.contract.js';

const PING_TIMEOUT_MS = 1_000;

/** Tells how the cache is. */
@Injectable()
export class HealthReport {
  constructor(
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(REDIS_CONNECTION) private readonly connection: RedisConnection | null,
  ) {}

  /** @param statistics of now, of whatever window */
  of(statistics: CacheStatistics, stream: AdminHealth['stream']): AdminHealth {
    const { mode, bus, journal, near, persistence, flights, period } = statistics;
    const { connection } = this;
    const lackingPermissions = connection?.lackingPermissions;
    return {
      atMs: period.toMs,
      status: mode === 'fallback' || (mode === 'redis' && !bus.trusted) ? 'degraded' : 'ok',
      mode,
      connection: connection?.state ?? null,
      ...(lackingPermissions !== undefined && { lackingPermissions }),
      breaker: connection?.breaker ?? null,
      bus: { trusted: bus.trusted, ...(bus.delayMs !== undefined && { delayMs: bus.delayMs }) },
      journal,
      near,
      ...(persistence && {
        persistence: {
          available: persistence.available,
          unacknowledged: persistence.unacknowledged,
        },
      }),
      flights,
      stream,
    };
  }

  /** The same of this moment, with how long Redis takes to answer. */
  async withPing(stream: AdminHealth['stream']): Promise<AdminHealth> {
    const pingMs = await this.pingMs();
    return { ...this.of(this.runtime.statistics.report('start'), stream), pingMs };
  }

  private async pingMs(): Promise<number | null> {
    if (!this.connection?.available) return null;
    try {
      return Math.round((await this.connection.ping(PING_TIMEOUT_MS)) * 100) / 100;
    } catch {
      return null; // why it is away stands in the connection's state
    }
  }
}
