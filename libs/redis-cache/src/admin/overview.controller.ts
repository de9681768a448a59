import { Get, HttpStatus, Inject } from '@nestjs/common';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import { CACHE_RUNTIME } from '../constants/injection.tokens.js';
import { ForTenants } from './admin-access.guard.js';
import { figuresOfTenant } from './admin-figures.js';
import { Principal } from './admin-principal.js';
import { refusal } from './admin-problem.js';
import type {
  AdminCache,
  AdminCaches,
  AdminHealth,
  AdminLoads,
  AdminPrincipal,
  AdminSession,
  OperatorStatistics,
  TenantStatistics,
} from './admin.contract.js';
import { ADMIN_OPTIONS, type ResolvedAdminOptions } from './admin.options.js';
import { EventRecorder } from './event-recorder.js';
import { QueryFields } from './fields.decorator.js';
import { Fields } from './fields.js';
import { HealthReport } from './health-report.js';
import { StreamHub } from './stream-hub.js';

/** How the cache is, and what it does. */
export class OverviewController {
  constructor(
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(ADMIN_OPTIONS) private readonly options: ResolvedAdminOptions,
    @Inject(HealthReport) private readonly healthReport: HealthReport,
    @Inject(EventRecorder) private readonly recorder: EventRecorder,
    @Inject(StreamHub) private readonly streams: StreamHub,
  ) {}

  @Get('session')
  @ForTenants()
  session(@Principal() principal: AdminPrincipal): AdminSession {
    return { principal, values: this.options.values };
  }

  @Get('statistics')
  @ForTenants()
  async statistics(
    @Principal() principal: AdminPrincipal,
    @QueryFields() query: Fields,
  ): Promise<OperatorStatistics | TenantStatistics> {
    query.only('window', 'redis');
    const window = query.oneOf('window', ['start', '1m', '5m', '15m'], 'start');
    const withRedis = query.flag('redis');
    const statistics = this.runtime.statistics.report(window);
    if (principal.kind === 'operator') {
      const redis = withRedis && { redis: (await this.runtime.redisFigures()) ?? null };
      return { principal: 'operator', ...statistics, ...redis };
    }
    if (withRedis) throw refusal('redis', 'is for operators alone', HttpStatus.FORBIDDEN);
    return figuresOfTenant(principal.tenant, statistics);
  }

  @Get('caches')
  @ForTenants()
  caches(@Principal() principal: AdminPrincipal): AdminCaches {
    const caches = this.runtime.policies.names.map((name) => this.describe(name));
    const told = caches.filter(({ scope }) => principal.kind === 'operator' || scope === 'tenant');
    return { caches: told.sort((a, b) => (a.name < b.name ? -1 : 1)) };
  }

  @Get('health')
  health(): Promise<AdminHealth> {
    return this.healthReport.withPing(this.streams.use);
  }

  @Get('loads')
  @ForTenants()
  loads(@Principal() principal: AdminPrincipal): AdminLoads {
    const slowest = this.recorder.loads.lately(Date.now());
    const isTold = (tenant: string | null) =>
      principal.kind === 'operator' || tenant === principal.tenant;
    return { slowest: slowest.filter(({ tenant }) => isTold(tenant)) };
  }

  private describe(name: string): AdminCache {
    const { codec: _codec, ...policy } = this.runtime.policies.of(name);
    return { name, ...policy };
  }
}
