export type { AdminRequest } from './admin-principal.js';
export type * from './admin.contract.js';
export type {
  AdminPageOptions,
  AdminRuntimeOptions,
  AdminStreamOptions,
  AdminSurfaceOptions,
  RedisCacheAdminOptions,
} from './admin.options.js';
export type { BreakerState } from '../resilience/circuit-breaker.js';
export {
  adminOpenApi,
  type AdminOpenApi,
  type OpenApiContent,
  type OpenApiMethod,
  type OpenApiOperation,
  type OpenApiParameter,
} from './open-api.js';
export type { OpenApiReference, OpenApiSchema } from './open-api-schemas.js';
export { RedisCacheAdminModule } from './redis-cache-admin.module.js';
export type { RedisCacheAdminOptionsFactory } from './redis-cache-admin.module-definition.js';
export { CACHE_SIGNATURE_HEADER, signCacheWebhook } from '../signing/webhook-signature.js';
export type { AdminWebhookOptions } from './webhook.options.js';
