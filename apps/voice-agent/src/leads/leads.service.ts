import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { and, asc, count, eq } from 'drizzle-orm';
import { CacheEvict, CacheService, Cacheable, type Duration } from 'nestjs-redis-cache';
import { currentOrganization } from '../access/current-organization.js';
import { InjectDatabase, type Database } from '../database/database.js';
import { leads } from '../database/schema.js';
import { isViolation } from '../database/violation.js';
import type { Page } from '../pagination/page.js';
import { TakenValueException } from '../problems/taken-value.exception.js';
import type { Lead, LeadChanges, LeadQuery, NewLead } from './lead.schema.js';

const LEAD = {
  id: leads.id,
  phone: leads.phone,
  firstName: leads.firstName,
  lastName: leads.lastName,
  email: leads.email,
  status: leads.status,
  createdAt: leads.createdAt,
  updatedAt: leads.updatedAt,
};

/** A caller we do not know may be entered as a lead any moment: remember that only briefly. */
const brieflyIfMissing = (result: unknown): Duration => (result === null ? '30s' : '15m');

const isNull = (lead: Lead | null) => lead === null;

@Injectable()
export class LeadsService {
  constructor(
    @InjectDatabase() private readonly database: Database,
    private readonly cache: CacheService,
  ) {}

  @Cacheable('lead.byId', { key: (id: string) => id, ttl: brieflyIfMissing })
  async findById(id: string): Promise<Lead | null> {
    const [lead] = await this.database.select(LEAD).from(leads).where(withId(id));
    return lead ?? null;
  }

  /** @param phone in E.164 */
  @Cacheable('lead.byPhone', { key: (phone: string) => phone, ttl: brieflyIfMissing })
  async findByPhone(phone: string): Promise<Lead | null> {
    const [lead] = await this.database.select(LEAD).from(leads).where(withPhone(phone));
    return lead ?? null;
  }

  /** @param phone in E.164 */
  @Cacheable('lead.idByPhone', { key: (phone: string) => phone, ttl: brieflyIfMissing })
  async idOf(phone: string): Promise<string | null> {
    const [lead] = await this.database.select({ id: leads.id }).from(leads).where(withPhone(phone));
    return lead?.id ?? null;
  }

  @Cacheable('lead.phoneById', { key: (id: string) => id, ttl: brieflyIfMissing })
  async phoneOf(id: string): Promise<string | null> {
    const [lead] = await this.database.select({ phone: leads.phone }).from(leads).where(withId(id));
    return lead?.phone ?? null;
  }

  /** Not cached: every write to any lead would change some page of it. */
  async list({ status, limit, offset }: LeadQuery): Promise<Page<Lead>> {
    const wanted = and(ofOrganization(), status && eq(leads.status, status));
    const page = this.database.select(LEAD).from(leads).where(wanted).orderBy(asc(leads.id));
    const items = await page.limit(limit).offset(offset);
    const [all] = await this.database.select({ total: count() }).from(leads).where(wanted);
    return { items, total: all?.total ?? 0, limit, offset };
  }

  /** Until now it may have been cached that nobody has this phone. */
  @CacheEvict('lead.byPhone', { resultKey: (lead: Lead) => lead.phone })
  @CacheEvict('lead.idByPhone', { resultKey: (lead: Lead) => lead.phone })
  async create(lead: NewLead): Promise<Lead> {
    const row = { ...lead, id: `lead_${randomUUID()}`, organizationId: currentOrganization() };
    const [created] = await refusingTakenPhone(() =>
      this.database.insert(leads).values(row).returning(LEAD),
    );
    if (!created) throw new Error('The new lead was not returned');
    return created;
  }

  /** All of them or none: what {@link create} evicts waits for the commit. */
  createAll(newLeads: readonly NewLead[]): Promise<Lead[]> {
    return this.database.transaction(async () => {
      const created: Lead[] = [];
      for (const lead of newLeads) created.push(await this.create(lead));
      return created;
    });
  }

  /** @returns null if the lead is not new any more, and so stays as it is */
  @CacheEvict('lead.byId', { key: (id: string) => id, unless: isNull })
  @CacheEvict('lead.byPhone', {
    resultKey: (lead: Lead | null) => lead?.phone ?? '',
    unless: isNull,
  })
  async markContacted(id: string): Promise<Lead | null> {
    const [contacted] = await this.database
      .update(leads)
      .set({ status: 'contacted', updatedAt: new Date() })
      .where(and(withId(id), eq(leads.status, 'new')))
      .returning(LEAD);
    return contacted ?? null;
  }

  /**
   * What to evict hangs on the phone before the change too, which neither the arguments nor the
   * result tell a decorator: so this calls the cache itself, once the change is made.
   */
  async update(id: string, changes: LeadChanges): Promise<Lead | null> {
    const before = this.database
      .select({ phone: leads.phone })
      .from(leads)
      .where(withId(id))
      .for('update')
      .as('before');
    const [updated] = await refusingTakenPhone(() =>
      this.database
        .update(leads)
        .set({ ...changes, updatedAt: new Date() })
        .from(before)
        .where(withId(id))
        .returning({ lead: LEAD, phoneBefore: before.phone }),
    );
    if (!updated) return null;
    const { lead, phoneBefore } = updated;
    await Promise.all([
      this.cache.cache('lead.byId').del(id),
      this.cache.cache('lead.phoneById').del(id),
      this.cache.cache('lead.byPhone').mdel([phoneBefore, lead.phone]),
      this.cache.cache('lead.idByPhone').mdel([phoneBefore, lead.phone]),
    ]);
    return lead;
  }
}

function ofOrganization() {
  return eq(leads.organizationId, currentOrganization());
}

function withId(id: string) {
  return and(ofOrganization(), eq(leads.id, id));
}

function withPhone(phone: string) {
  return and(ofOrganization(), eq(leads.phone, phone));
}

async function refusingTakenPhone<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (isViolation('unique', error)) throw new TakenValueException('phone', 'Another lead has it');
    throw error;
  }
}
