export type { AdminRequest } from './admin-principal.js';
export type * from './admin.contract.js';
export type {
  AdminPageOptions,
  AdminRuntimeOptions,
  AdminStreamOptions,
  AdminSurfaceOptions,
  RedisCacheAdminOptions,
} from './admin.options.js';
export { adminOpenApi, type AdminOpenApi } from './open-api.js';
export { RedisCacheAdminModule } from './redis-cache-admin.module.js';
export type { RedisCacheAdminOptionsFactory } from './redis-cache-admin.module-definition.js';
export { CACHE_SIGNATURE_HEADER, signCacheWebhook } from '../signing/webhook-signature.js';
export type { AdminWebhookOptions } from './webhook.options.js';
