import { randomUUID } from 'node:crypto';
import { Module, type INestApplicationContext, type ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  CacheService,
  RedisCacheModule,
  type Cache,
  type CachePolicy,
  type RedisCacheModuleOptions,
} from 'nestjs-redis-cache';
import type { Bench } from '../measure/bench.js';

/** The tenant of all entries, unless a workload is about tenants. */
export const TENANT = 'acme';

/** Long enough that nothing ends while it is measured. */
const TTL = '1h';

/**
 * Where speed is measured, a busy machine must not look like an outage: with the defaults, a pause of
 * some 100 ms sends calls past Redis, or past the near tier.
 */
const PATIENCE: RedisCacheModuleOptions = {
  timeouts: { command: '2s' },
  bus: { silence: '10s' },
};

@Module({})
class BenchModule {}

/** What an application has beside the cache. */
export type OwnAppParts = Pick<ModuleMetadata, 'imports' | 'providers'>;

/** An application with our cache, by its public names. */
export class OwnApp {
  private constructor(
    readonly app: INestApplicationContext,
    readonly caches: CacheService,
  ) {}

  /** Resolves when the application uses Redis, or has none. */
  static async boot(
    options: RedisCacheModuleOptions,
    { imports = [], providers = [] }: OwnAppParts = {},
  ): Promise<OwnApp> {
    const app = await NestFactory.createApplicationContext(
      { module: BenchModule, imports: [RedisCacheModule.forRoot(options), ...imports], providers },
      { logger: false, abortOnError: false },
    );
    const caches = app.get(CacheService);
    await settled(caches);
    return new OwnApp(app, caches);
  }

  /**
   * With Redis, entries that outlive the measurement, and patience; and of this application alone
   * unless a prefix is given. All else is as by default.
   */
  static withRedis(
    bench: Pick<Bench, 'redisUrl'>,
    policy: CachePolicy = {},
    options: RedisCacheModuleOptions = {},
    parts?: OwnAppParts,
  ): Promise<OwnApp> {
    return OwnApp.boot(
      {
        connection: { url: bench.redisUrl },
        prefix: `bench-${randomUUID()}`,
        ...PATIENCE,
        ...options,
        defaults: { ttl: TTL, near: { ttl: TTL }, ...policy },
      },
      parts,
    );
  }

  /** A cache of the one tenant. */
  cache<T>(name = 'lead.byId'): Cache<T> {
    return this.caches.forTenant(TENANT).cache<T>(name);
  }

  close(): Promise<void> {
    return this.app.close();
  }
}

function settled(caches: CacheService): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (caches.getStats().mode === 'fallback') return;
      off();
      resolve();
    };
    const off = caches.on('state', look);
    look();
  });
}
