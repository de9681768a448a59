import type { Files } from './nest-project.js';

export const MODULE = 'src/app.module.ts';
export const CONFIG = 'src/redis-cache.config.ts';

/** As `nest new` makes it. */
export const MODULE_TEXT = `import { Module } from '@nestjs/common';
import { AppController } from './app.controller';
import { AppService } from './app.service';

@Module({
  imports: [],
  controllers: [AppController],
  providers: [AppService],
})
export class AppModule {}
`;
export const EDITED_MODULE = `import { Module } from '@nestjs/common';
import { RedisCacheModule } from 'nestjs-redis-cache';
import { AppController } from './app.controller';
import { AppService } from './app.service';
import { redisCacheConfig } from './redis-cache.config';

@Module({
  imports: [RedisCacheModule.forRootAsync(redisCacheConfig)],
  controllers: [AppController],
  providers: [AppService],
})
export class AppModule {}
`;
export const CONFIG_TEXT = `import type { RedisCacheModuleOptions } from 'nestjs-redis-cache';

export const redisCacheConfig = {
  useFactory: (): RedisCacheModuleOptions => {
    const { REDIS_ENABLED, REDIS_URL, CACHE_PREFIX } = process.env;
    const far = REDIS_ENABLED !== 'false';
    return {
      connection: (far || !!REDIS_URL) && {
        url: REDIS_URL || 'redis://localhost:6379',
      },
      // Without it entries are kept in memory alone, and what is evicted is told where REDIS_URL says.
      far,
      prefix: CACHE_PREFIX || 'acme-crm',
      // Policies by the names of caches: how long entries live, and for whom.
      caches: {},
    };
  },
};
`;
export const NEST_CONFIG_TEXT = `import { ConfigModule, ConfigService } from '@nestjs/config';
import type { RedisCacheModuleOptions } from 'nestjs-redis-cache';

export const redisCacheConfig = {
  imports: [ConfigModule],
  inject: [ConfigService],
  useFactory: (config: ConfigService): RedisCacheModuleOptions => {
    const far = String(config.get('REDIS_ENABLED')) !== 'false';
    const url = config.get<string>('REDIS_URL');
    return {
      connection: (far || !!url) && { url: url || 'redis://localhost:6379' },
      // Without it entries are kept in memory alone, and what is evicted is told where REDIS_URL says.
      far,
      prefix: config.get<string>('CACHE_PREFIX') || 'acme-crm',
      // Policies by the names of caches: how long entries live, and for whom.
      caches: {},
    };
  },
};
`;
export const VARIABLES = `# false: entries are kept in memory alone, and Redis is only told what is evicted.
REDIS_ENABLED=true
# Redis or Valkey of the cache; rediss:// for TLS.
REDIS_URL=redis://localhost:6379
# Begins every key of the cache in Redis: two applications on one server need different ones.
CACHE_PREFIX=acme-crm
`;

/** A package.json. */
export const manifest = (more: object = {}) => JSON.stringify({ name: '@acme/crm', ...more });
export const FRESH: Files = { 'package.json': manifest(), [MODULE]: MODULE_TEXT };
