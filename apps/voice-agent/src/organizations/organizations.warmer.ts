import { Injectable } from '@nestjs/common';
import { CacheWarmer, type CacheWarmup, type WarmContext, type WarmStep } from 'nestjs-redis-cache';
import { InjectDatabase, type Database } from '../database/database.js';
import { organizations } from '../database/schema.js';
import { OrganizationsService } from './organizations.service.js';

/** Whose number was called is the first thing that any call asks. */
@Injectable()
@CacheWarmer({ name: 'organizations' })
export class OrganizationsWarmer implements CacheWarmup {
  constructor(
    @InjectDatabase() private readonly database: Database,
    private readonly organizations: OrganizationsService,
  ) {}

  async *warm({ expect }: WarmContext): AsyncGenerator<WarmStep> {
    const { id, phone } = organizations;
    const all = await this.database.select({ id, phone }).from(organizations);
    expect(2 * all.length);
    for (const organization of all) {
      yield () => this.organizations.findByCalledPhone(organization.phone);
      yield () => this.organizations.findById(organization.id);
    }
  }
}
