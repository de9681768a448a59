export { CacheAlertsService, type AlertPost } from './alerts/cache-alerts.service.js';
export type { WebhookCounts } from './alerts/alert-webhook.js';
export type {
  AlertsOptions,
  AlertWebhookOptions,
  CacheAlertOptions,
  DisconnectedAlert,
  ErrorsAlert,
  HitRateAlert,
  LatencyAlert,
} from './alerts/alerts.options.js';
export type { PersistentCounts, PersistentOperation } from './persistence/persistent-activity.js';
export type { Alert, AlertChange, AlertKind } from './cache/alert.js';
export { Cache } from './cache/cache.js';
export type { SetOptions, ValueWithTtl, WrapPolicy } from './cache/call-options.js';
export { CacheService, type PurgeOptions } from './cache/cache.service.js';
export {
  CacheRolloutService,
  type RolloutChangeOptions,
  type RolloutChanged,
  type RolloutReport,
} from './cache/cache-rollout.service.js';
export type { EvictionCounts, EvictionOrigins } from './cache/cache-activities.js';
export type { BypassCounts, CacheCounters, MissCounts } from './cache/cache-counters.js';
export type { TimedWork } from './cache/cache-activity.js';
export type { CacheEvents } from './cache/cache-events.js';
export type {
  BusyTenant,
  CacheFigures,
  CacheMode,
  CacheStatistics,
  LatencyFigures,
  PersistenceFigures,
  StatisticsWindow,
} from './cache/cache-statistics.js';
export type { CacheTracing, FarWork } from './cache/cache-tracing.js';
export type {
  EntryAge,
  EntryExplanation,
  FarExplanation,
  MissReason,
  NearExplanation,
  PersistentExplanation,
  ReadOutlook,
  StampExplanation,
  TiersExplanation,
} from './cache/entry-explanation.js';
export type { EntryRef } from './cache/entry-ref.js';
export type { LoadContext } from './cache/load-request.js';
export type { PurgeProgress, SweepStep } from './cache/purge-progress.js';
export type { WarmOutcome, WarmProgress, WarmState } from './cache/warm-progress.js';
export type { Codec } from './codec/codec.interface.js';
export type { ClassRef } from './codec/value-codec.js';
export type { CachePolicy, CacheScope, NearPolicy, PersistPolicy } from './config/cache-policy.js';
export type { RolloutPolicy } from './config/rollout-policy.js';
export type { Duration } from './config/duration.js';
export type { ReservedOption } from './connection/connection-checks.js';
export type {
  ClusterConnection,
  ExtraClusterOptions,
  ExtraRedisOptions,
  HostAndPort,
  HostConnection,
  Login,
  OwnConnectionOptions,
  RedisConnectionOptions,
  SentinelConnection,
  UrlConnection,
} from './connection/connection-options.js';
export type { ConnectionState } from './connection/connection-state.js';
export type {
  EvalBuffer,
  RedisClientLike,
  RedisValue,
} from './connection/redis-client.interface.js';
export type { RedisFigures } from './connection/redis-figures.js';
export { CacheDefaults } from './decorators/cache-defaults.decorator.js';
export { CacheEvict } from './decorators/cache-evict.decorator.js';
export { CachePut } from './decorators/cache-put.decorator.js';
export { Cacheable } from './decorators/cacheable.decorator.js';
export type {
  CacheableOptions,
  CachedMethodOptions,
  CacheEvictOptions,
  CachePutOptions,
  MethodPolicy,
  TagEvictOptions,
  Tags,
} from './decorators/cached-method.definition.js';
export { InjectCache } from './decorators/inject-cache.decorator.js';
export { InjectRedis } from './decorators/inject-redis.decorator.js';
export type {
  CacheableMethod,
  Fits,
  FittingMethodDecorator,
  NoOptions,
  OnlyKnown,
} from './decorators/method-fit.js';
export { InvalidCacheKeyError } from './errors/invalid-key.error.js';
export { InvalidCacheOptionsError } from './errors/invalid-options.error.js';
export { InvalidDecoratorError } from './errors/invalid-decorator.error.js';
export { PurgeIncompleteError } from './errors/purge-incomplete.error.js';
export {
  isRedisCacheError,
  RedisCacheError,
  type RedisCacheErrorCode,
} from './errors/redis-cache.error.js';
export { RolloutConflictError } from './errors/rollout-conflict.error.js';
export { TenantMissingError } from './errors/tenant-missing.error.js';
export { TenantScopeMissingError } from './errors/tenant-scope-missing.error.js';
export { UncacheableValueError } from './errors/uncacheable-value.error.js';
export { CacheStatusInterceptor, cacheStatusInterceptor } from './http/cache-status.interceptor.js';
export type { CacheTransaction } from './invalidation/cache-transaction.interface.js';
export type { InvalidationLevel } from './invalidation/invalidation.js';
export type { SeenInvalidation } from './invalidation/invalidation-history.js';
export type { CacheKey } from './keys/arguments.js';
export { escapePattern } from './keys/parse-pattern.js';
export type { RolloutChange, RolloutOrigin } from './rollout/rollouts.js';
export type { RolloutMode, RolloutState } from './rollout/rollout-state.js';
export { RedisCacheModule } from './redis-cache.module.js';
export type { RedisCacheOptionsFactory } from './redis-cache.module-definition.js';
export type {
  BreakerOptions,
  BusOptions,
  CoherenceMode,
  JournalOptions,
  NearTierOptions,
  PersistenceOptions,
  RedisCacheModuleOptions,
  TenantOptions,
  TimeoutOptions,
  TransactionOptions,
  WarmingOptions,
} from './redis-cache.options.js';
export type { SweepProgress } from './stores/far-store.interface.js';
export type { NearUse } from './stores/near-node.js';
export {
  verifyCacheWebhook,
  type SignedCall,
  type VerifyOptions,
} from './signing/webhook-signature.js';
export { currentTenant, runWithTenant, setTenant } from './tenancy/tenant-context.js';
export { tenantGuard } from './tenancy/tenant.guard.js';
export { tenantMiddleware, type TenantMiddleware } from './tenancy/tenant.middleware.js';
export { CacheWarmer, type CacheWarmerOptions } from './warming/cache-warmer.decorator.js';
export {
  CacheWarmingService,
  type WarmMode,
  type WarmOptions,
  type WarmReport,
} from './warming/cache-warming.service.js';
export type { CacheWarmup, WarmContext, WarmStep } from './warming/cache-warmup.interface.js';
