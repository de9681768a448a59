import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { RedisCacheModuleOptions } from './redis-cache.options.js';

/** What a class given to `forRootAsync` as `useClass` or `useExisting` has to offer. */
export interface RedisCacheOptionsFactory {
  createRedisCacheOptions(): Promise<RedisCacheModuleOptions> | RedisCacheModuleOptions;
}

/** `RAW_OPTIONS` is the token of the options as given; everybody else injects the resolved ones. */
export const {
  ConfigurableModuleClass,
  MODULE_OPTIONS_TOKEN: RAW_OPTIONS,
  OPTIONS_TYPE,
  ASYNC_OPTIONS_TYPE,
} = new ConfigurableModuleBuilder<RedisCacheModuleOptions>({ moduleName: 'RedisCache' })
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createRedisCacheOptions')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({
    ...definition,
    global: isGlobal,
  }))
  .build();
