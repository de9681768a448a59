import { inStyle, type CodeStyle } from './code-style.js';
import type { Variable } from './env-file.js';

/** What the file is called, without an extension, and what it exports. */
export const CONFIG_FILE = 'redis-cache.config';
export const CONFIG_NAME = 'redisCacheConfig';

const URL = 'redis://localhost:6379';

/** What the file reads. */
export function variablesOf(prefix: string): Variable[] {
  return [
    {
      name: 'REDIS_ENABLED',
      value: 'true',
      about: 'false: entries are kept in memory alone, and Redis is only told what is evicted.',
    },
    { name: 'REDIS_URL', value: URL, about: 'Redis or Valkey of the cache; rediss:// for TLS.' },
    {
      name: 'CACHE_PREFIX',
      value: prefix,
      about:
        'Begins every key of the cache in Redis: two applications on one server need different ones.',
    },
  ];
}

/** The file of a project that owns the options of its cache. */
export function configFile(prefix: string, usesNestConfig: boolean, style: CodeStyle): string {
  return inStyle(usesNestConfig ? withNestConfig(prefix) : withEnvironment(prefix), style);
}

function withEnvironment(prefix: string): string[] {
  return [
    `import type { RedisCacheModuleOptions } from 'nestjs-redis-cache';`,
    ``,
    `export const ${CONFIG_NAME} = {`,
    `  useFactory: (): RedisCacheModuleOptions => {`,
    `    const { REDIS_ENABLED, REDIS_URL, CACHE_PREFIX } = process.env;`,
    `    const far = REDIS_ENABLED !== 'false';`,
    `    return {`,
    `      connection: (far || !!REDIS_URL) && {`,
    `        url: REDIS_URL || '${URL}',`,
    `      },`,
    `      // Without it entries are kept in memory alone, and what is evicted is told where REDIS_URL says.`,
    `      far,`,
    `      prefix: CACHE_PREFIX || '${prefix}',`,
    `      // Policies by the names of caches: how long entries live, and for whom.`,
    `      caches: {},`,
    `    };`,
    `  },`,
    `};`,
  ];
}

function withNestConfig(prefix: string): string[] {
  return [
    `import { ConfigModule, ConfigService } from '@nestjs/config';`,
    `import type { RedisCacheModuleOptions } from 'nestjs-redis-cache';`,
    ``,
    `export const ${CONFIG_NAME} = {`,
    `  imports: [ConfigModule],`,
    `  inject: [ConfigService],`,
    `  useFactory: (config: ConfigService): RedisCacheModuleOptions => {`,
    `    const far = String(config.get('REDIS_ENABLED')) !== 'false';`,
    `    const url = config.get<string>('REDIS_URL');`,
    `    return {`,
    `      connection: (far || !!url) && { url: url || '${URL}' },`,
    `      // Without it entries are kept in memory alone, and what is evicted is told where REDIS_URL says.`,
    `      far,`,
    `      prefix: config.get<string>('CACHE_PREFIX') || '${prefix}',`,
    `      // Policies by the names of caches: how long entries live, and for whom.`,
    `      caches: {},`,
    `    };`,
    `  },`,
    `};`,
  ];
}

/** A prefix that the module takes, made of the name of an application. */
export function prefixOf(name: string): string {
  const allowed = name.replaceAll(/[^A-Za-z0-9._~-]+/g, '-').replaceAll(/^-+|-+$/g, '');
  return allowed.slice(0, 64) || 'app';
}
