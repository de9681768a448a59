import {
  Module,
  type DynamicModule,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { tenantMiddleware } from 'nestjs-redis-cache';
import { AccessModule } from './access/access.module.js';
import { AdminModule } from './admin/admin.module.js';
import { CacheModule } from './cache/cache.module.js';
import { CallsModule } from './calls/calls.module.js';
import { environmentSchema } from './config/environment.js';
import { ConversationsModule } from './conversations/conversations.module.js';
import { DatabaseModule } from './database/database.module.js';
import { HealthModule } from './health/health.module.js';
import { HumanControlModule } from './human-control/human-control.module.js';
import { LeadsModule } from './leads/leads.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { OrganizationsModule } from './organizations/organizations.module.js';
import { ProblemsModule } from './problems/problems.module.js';
import { RateLimitsModule } from './rate-limits/rate-limits.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';

@Module({
  imports: [
    DatabaseModule,
    CacheModule,
    ProblemsModule,
    AccessModule,
    RateLimitsModule,
    OrganizationsModule,
    LeadsModule,
    ConversationsModule,
    HumanControlModule,
    CallsModule,
    WebhooksModule,
    HealthModule,
    MetricsModule,
    AdminModule,
  ],
})
export class AppModule implements NestModule {
  /** Reads the environment when called, not when this file is loaded: tests start several apps. */
  static forRoot(): DynamicModule {
    const config = ConfigModule.forRoot({
      isGlobal: true,
      skipProcessEnv: true,
      validationSchema: environmentSchema,
    });
    return { module: AppModule, imports: [config] };
  }

  /** Opens an empty tenant scope for each request; `ApiKeyGuard` fills it in. */
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(tenantMiddleware()).forRoutes('{*path}');
  }
}
