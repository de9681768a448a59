import { Injectable } from '@nestjs/common';
import { desc } from 'drizzle-orm';
import { CacheWarmer, type CacheWarmup, type WarmStep } from 'nestjs-redis-cache';
import { InjectDatabase, type Database } from '../database/database.js';
import { leads } from '../database/schema.js';
import { LeadsService } from './leads.service.js';

/** Those are the likeliest to call again. */
const RECENT_LEADS = 100;

@Injectable()
@CacheWarmer({ name: 'recent leads' })
export class RecentLeadsWarmer implements CacheWarmup {
  constructor(
    @InjectDatabase() private readonly database: Database,
    private readonly leads: LeadsService,
  ) {}

  async warm(): Promise<WarmStep[]> {
    const { organizationId: tenant, phone, id } = leads;
    const recent = await this.database
      .select({ tenant, phone })
      .from(leads)
      .orderBy(desc(leads.updatedAt), tenant, id)
      .limit(RECENT_LEADS);
    return recent.map((lead) => ({
      tenant: lead.tenant,
      run: () => this.leads.findByPhone(lead.phone),
    }));
  }
}
