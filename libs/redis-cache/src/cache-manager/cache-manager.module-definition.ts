import { ConfigurableModuleBuilder, type ModuleMetadata } from '@nestjs/common';
import type { CacheManagerOptions } from './cache-manager.options.js';

/** What a class given to `registerAsync` as `useClass` or `useExisting` has to offer. */
export interface CacheManagerOptionsFactory {
  createCacheManagerOptions(): Promise<CacheManagerOptions> | CacheManagerOptions;
}

/** What is said of the module itself, beside the options. */
export interface CacheManagerModuleExtras {
  /** Whether every module finds the manager, and not only those that import this one. @default false */
  isGlobal?: boolean;
  /** What has to be imported to find the cache, where its module is not global. @default [] */
  imports?: ModuleMetadata['imports'];
}

const EXTRAS: CacheManagerModuleExtras = { isGlobal: false, imports: [] };

/** `RAW_CACHE_MANAGER_OPTIONS` is the token of the options as given. */
export const {
  ConfigurableModuleClass,
  MODULE_OPTIONS_TOKEN: RAW_CACHE_MANAGER_OPTIONS,
  OPTIONS_TYPE,
  ASYNC_OPTIONS_TYPE,
} = new ConfigurableModuleBuilder<CacheManagerOptions>({ moduleName: 'CacheManager' })
  .setClassMethodName('register')
  .setFactoryMethodName('createCacheManagerOptions')
  .setExtras(EXTRAS, (definition, { isGlobal = false, imports = [] }) => ({
    ...definition,
    global: isGlobal,
    imports: [...(definition.imports ?? []), ...imports],
  }))
  .build();
