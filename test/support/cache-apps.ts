import { randomUUID } from 'node:crypto';
import type { INestApplication, LoggerService, ModuleMetadata, Type } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  CacheService,
  RedisCacheModule,
  type CacheCounters,
  type RedisCacheModuleOptions,
} from 'nestjs-redis-cache';

/** Where an application of a test caches: in this process alone, or also on the server of the run. */
export type Tier = 'memory' | 'redis';

export const TIERS: readonly Tier[] = ['memory', 'redis'];

export interface BootOptions extends Omit<ModuleMetadata, 'imports'> {
  imports?: ModuleMetadata['imports'];
  tier?: Tier;
  /** Another server than that of the run. */
  redisUrl?: string;
  cache?: Omit<RedisCacheModuleOptions, 'connection'>;
  logger?: LoggerService;
  /** @default Express */
  http?: 'express' | 'fastify';
  /** Keeps the bytes of bodies, for signatures. @default false */
  rawBody?: boolean;
  /** Called before the application is initialised. */
  prepare?: (app: INestApplication) => void;
}

/** A key prefix that no other test uses; applications that are given the same one share entries. */
export function ownPrefix(): string {
  return `${String(process.env.TEST_RUN_PREFIX)}:decorators:${randomUUID().slice(0, 8)}`;
}

/** An application with a cache, as its users see it. */
export class CacheApp {
  readonly caches: CacheService;

  constructor(readonly nest: INestApplication) {
    this.caches = nest.get(CacheService);
  }

  get<T>(type: Type<T> | symbol): T {
    return this.nest.get<T>(type);
  }

  counters(cache: string): Partial<CacheCounters> {
    return this.caches.getStats().caches[cache] ?? {};
  }
}

/** Boots applications through the public module, and closes those of each test behind it. */
export class CacheApps {
  private readonly running: INestApplication[] = [];

  constructor() {
    afterEach(async () => {
      await Promise.all(this.running.splice(0).map((app) => app.close()));
    });
  }

  /** @throws whatever stops the boot */
  async boot(options: BootOptions): Promise<CacheApp> {
    const { tier = 'memory', cache, logger, http, rawBody, prepare, redisUrl, ...rest } = options;
    const { imports = [], ...metadata } = rest;
    const root = RedisCacheModule.forRoot({
      connection: tier === 'redis' && { url: redisUrl ?? String(process.env.REDIS_URL) },
      prefix: ownPrefix(),
      // No test here is about a slow Redis, and a busy machine is no outage.
      timeouts: { command: '10s' },
      ...cache,
    });
    const testing = Test.createTestingModule({ ...metadata, imports: [root, ...imports] });
    if (logger) testing.setLogger(logger);
    const compiled = await testing.compile();
    const nest =
      http === 'fastify'
        ? compiled.createNestApplication(new FastifyAdapter(), { rawBody })
        : compiled.createNestApplication({ rawBody });
    this.running.push(nest);
    prepare?.(nest);
    await nest.init();
    if (http === 'fastify') {
      await (nest as NestFastifyApplication).getHttpAdapter().getInstance().ready();
    }
    const app = new CacheApp(nest);
    if (tier === 'redis') await whenConnected(app.caches);
    return app;
  }
}

async function whenConnected(caches: CacheService): Promise<void> {
  if (caches.getStats().mode === 'redis') return;
  await new Promise<void>((resolve) => {
    const stop = caches.on('state', ({ to }) => {
      if (to.kind !== 'ready') return;
      stop();
      resolve();
    });
  });
}
