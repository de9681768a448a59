import { Injectable } from '@nestjs/common';
import { eq } from 'drizzle-orm';
import { CacheEvict, Cacheable } from 'nestjs-redis-cache';
import { InjectDatabase, type Database } from '../database/database.js';
import { organizations } from '../database/schema.js';
import type { Organization, OrganizationChanges } from './organization.schema.js';

@Injectable()
export class OrganizationsService {
  constructor(@InjectDatabase() private readonly database: Database) {}

  /**
   * Whose number was called. This is how the tenant of a call is found out, so there is none yet: the
   * cache is of the global scope (see `cache-policies.ts`).
   *
   * @param phone in E.164
   */
  @Cacheable('organization.byPhone', { key: (phone: string) => phone })
  async findByCalledPhone(phone: string): Promise<Organization | null> {
    const [organization] = await this.database
      .select()
      .from(organizations)
      .where(eq(organizations.phone, phone));
    return organization ?? null;
  }

  /** An organization is its own tenant, so its entry belongs to it, whoever asks. */
  @Cacheable('organization.byId', { key: (id: string) => id, tenant: (id: string) => id })
  async findById(id: string): Promise<Organization | null> {
    const [organization] = await this.database
      .select()
      .from(organizations)
      .where(eq(organizations.id, id));
    return organization ?? null;
  }

  @CacheEvict('organization.byId', { key: (id: string) => id, tenant: (id: string) => id })
  @CacheEvict('organization.byPhone', {
    resultKey: (organization: Organization) => organization.phone,
  })
  async update(id: string, changes: OrganizationChanges): Promise<Organization> {
    const [organization] = await this.database
      .update(organizations)
      .set(changes)
      .where(eq(organizations.id, id))
      .returning();
    if (!organization) throw new Error(`Organization ${id} is gone`);
    return organization;
  }
}
