import { Global, Module } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import {
  RedisCacheModule,
  type CachePolicy,
  type Duration,
  type RedisCacheModuleOptions,
  type WarmMode,
} from 'nestjs-redis-cache';
import { PostgresStore } from 'nestjs-redis-cache/persistence';
import type { Environment } from '../config/environment.js';
import { DatabaseConnection } from '../database/database-connection.js';
import { Transactions } from '../database/transactions.js';
import { alertsOf } from './cache-alerts.js';
import { CACHE_POLICIES } from './cache-policies.js';
import { historyRolloutOf } from './history-rollout.js';
import { RedisServer } from './redis-server.js';

/**
 * Global as the cache is, and imported before it: Nest shuts such modules down last and in reverse
 * order, so the cache lets go of its connections before an embedded server stops.
 */
@Global()
@Module({ providers: [RedisServer], exports: [RedisServer] })
class RedisServerModule {}

@Module({
  imports: [
    RedisServerModule,
    RedisCacheModule.forRootAsync({
      inject: [ConfigService, RedisServer, Transactions, DatabaseConnection],
      useFactory: async (
        config: ConfigService<Environment, true>,
        redis: RedisServer,
        transactions: Transactions,
        database: DatabaseConnection,
      ): Promise<RedisCacheModuleOptions> => ({
        prefix: config.get('CACHE_PREFIX', { infer: true }),
        caches: cachesOf(config),
        // Off, but not cut off: who is asked nothing is still told what to evict.
        defaults: { enabled: config.get('CACHE_ENABLED', { infer: true }) },
        connection: await redis.connection(),
        far: config.get('REDIS_ENABLED', { infer: true }),
        persistence: { store: new PostgresStore({ client: await database.plainClient() }) },
        timeouts: { command: config.get('REDIS_TIMEOUT', { infer: true }) as Duration },
        transaction: { current: () => transactions.current },
        warm: warmOf(config),
        alerts: alertsOf(config),
      }),
    }),
  ],
})
export class CacheModule {}

function cachesOf(config: ConfigService<Environment, true>): Record<string, CachePolicy> {
  const { 'conversation.history': history } = CACHE_POLICIES;
  if (!config.get('CACHE_ENABLED', { infer: true })) return CACHE_POLICIES;
  const rollout = historyRolloutOf(config);
  return { ...CACHE_POLICIES, 'conversation.history': { ...history, rollout } };
}

function warmOf(config: ConfigService<Environment, true>): WarmMode | false {
  const mode = config.get('CACHE_WARM', { infer: true });
  return config.get('CACHE_ENABLED', { infer: true }) && mode !== 'false' && mode;
}
