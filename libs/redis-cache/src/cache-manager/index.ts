export { CacheManagerModule } from './cache-manager.module.js';
export type {
  CacheManagerModuleExtras,
  CacheManagerOptionsFactory,
} from './cache-manager.module-definition.js';
export type { CacheManagerOptions, CachedResponsesOptions } from './cache-manager.options.js';
export { KeyvCacheAdapter, type KeyvCacheAdapterOptions } from './keyv-cache.adapter.js';
