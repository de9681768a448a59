import { Get, HttpCode, HttpStatus, Inject, Param, Post } from '@nestjs/common';
import { ForTenants } from './admin-access.guard.js';
import { Principal } from './admin-principal.js';
import { refusal } from './admin-problem.js';
import { AdminTargets } from './admin-targets.js';
import type { AdminPrincipal, AdminPurge, AdminPurges } from './admin.contract.js';
import { BodyFields } from './fields.decorator.js';
import { Fields } from './fields.js';
import { PurgeRuns } from './purge-runs.js';

/** Erasing all that a tenant has. */
export class PurgesController {
  constructor(
    @Inject(PurgeRuns) private readonly purges: PurgeRuns,
    @Inject(AdminTargets) private readonly targets: AdminTargets,
  ) {}

  @Post('purges')
  @HttpCode(202)
  @ForTenants()
  start(@Principal() principal: AdminPrincipal, @BodyFields() body: Fields): AdminPurge {
    return this.purges.start(this.targets.tenant(principal, body.only('tenant')));
  }

  @Get('purges')
  @ForTenants()
  list(@Principal() principal: AdminPrincipal): AdminPurges {
    const tenant = principal.kind === 'tenant' ? principal.tenant : undefined;
    return { purges: this.purges.list(tenant) };
  }

  @Get('purges/:id')
  @ForTenants()
  get(@Principal() principal: AdminPrincipal, @Param('id') id: string): AdminPurge {
    const run = this.purges.get(id);
    const isTheirs = principal.kind === 'operator' || principal.tenant === run?.tenant;
    if (run && isTheirs) return run;
    throw refusal('id', 'is no purge of the last ones', HttpStatus.NOT_FOUND);
  }
}
