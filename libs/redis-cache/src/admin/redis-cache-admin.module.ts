import { Module, type DynamicModule } from '@nestjs/common';
import { SystemClock } from '../resilience/clock.js';
import { AdminEvictor } from './admin-eviction.js';
import { AdminTargets } from './admin-targets.js';
import { ADMIN_CLOCK, ADMIN_OPTIONS, ADMIN_SURFACE, resolveAdminOptions } from './admin.options.js';
import { EventRecorder } from './event-recorder.js';
import { HealthReport } from './health-report.js';
import { PageFiles } from './page-files.js';
import { PurgeRuns } from './purge-runs.js';
import {
  ConfigurableModuleClass,
  RAW_ADMIN_OPTIONS,
  type ASYNC_OPTIONS_TYPE,
  type OPTIONS_TYPE,
} from './redis-cache-admin.module-definition.js';
import { StreamHub } from './stream-hub.js';
import { Walks } from './walks.js';
import { WebhookGate } from './webhook-gate.js';

/**
 * Routes to look into the cache, to evict, and to be told by other systems; with the page of a
 * dashboard. They are not served without a guard, unless `unprotected` says that this is meant.
 *
 * @example RedisCacheAdminModule.register({ guards: [OperatorGuard] })
 */
@Module({
  providers: [
    {
      provide: ADMIN_OPTIONS,
      inject: [RAW_ADMIN_OPTIONS, ADMIN_SURFACE],
      useFactory: resolveAdminOptions,
    },
    { provide: ADMIN_CLOCK, useFactory: () => new SystemClock() },
    { provide: PageFiles, useFactory: () => new PageFiles() },
    AdminTargets,
    AdminEvictor,
    EventRecorder,
    HealthReport,
    PurgeRuns,
    StreamHub,
    Walks,
    WebhookGate,
  ],
})
export class RedisCacheAdminModule extends ConfigurableModuleClass {
  /**
   * Options at hand.
   *
   * @throws {InvalidCacheOptionsError} while the application boots, above all where there is no guard
   */
  static override register(options: typeof OPTIONS_TYPE = {}): DynamicModule {
    return super.register(options);
  }

  /**
   * Options by `useFactory`, `useClass` or `useExisting`, with `imports` and `inject`. Path, guards and
   * all else that decides on the routes is given beside the factory: Nest makes the routes first.
   *
   * @throws {InvalidCacheOptionsError} while the application boots, above all where there is no guard
   */
  static override registerAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    return super.registerAsync(options);
  }
}
