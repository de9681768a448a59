import { Module, type INestApplicationContext, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CacheService, RedisCacheModule, type CacheMode } from 'nestjs-redis-cache';
import type { RedisCacheModuleOptions } from 'nestjs-redis-cache';

@Module({})
class CacheAppModule {}

/** An application with a cache, put together as users do it. */
export function bootCacheApp(
  options: RedisCacheModuleOptions,
  providers: Provider[] = [],
): Promise<INestApplicationContext> {
  return NestFactory.createApplicationContext(
    {
      module: CacheAppModule,
      imports: [RedisCacheModule.forRootAsync({ useFactory: () => options })],
      providers,
    },
    { logger: false },
  );
}

/** Resolves when the cache works in this mode: an application boots without waiting for Redis. */
export function inMode(caches: CacheService, mode: CacheMode): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (caches.getStats().mode !== mode) return;
      off();
      resolve();
    };
    const off = caches.on('state', look);
    look();
  });
}
