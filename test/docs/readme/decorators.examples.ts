import type { Type } from '@nestjs/common';
import { runWithTenant } from 'nestjs-redis-cache';
import { RawRedis } from '../../integration/support/raw-redis.js';
import { CacheApps, ownPrefix } from '../../support/cache-apps.js';
import type { Guide } from '../guide.js';

interface Lead {
  id: string;
  phone: string;
  status: 'new' | 'won';
}

interface Filter {
  status: string;
  page: number;
}

interface LeadService {
  byPhone(phone: string): Promise<Lead | null>;
  search(filter: Filter): Promise<Lead[]>;
  setStatus(id: string, status: Lead['status']): Promise<Lead>;
  create(phone: string): Promise<Lead>;
  remove(id: string): Promise<Lead>;
}

interface Decorators {
  readonly LeadStore: Type;
  readonly LeadService: Type<LeadService>;
}

const NEW: Filter = { status: 'new', page: 1 };
const WON: Filter = { status: 'won', page: 1 };

/** Leads in memory, as a database that counts what is read of it. */
class Leads {
  readonly rows = new Map<string, Lead>();
  readonly reads = { byPhone: 0, search: 0 };

  async byPhone(phone: string) {
    this.reads.byPhone += 1;
    const plain = phone.replaceAll(' ', '');
    return [...this.rows.values()].find((lead) => lead.phone === plain) ?? null;
  }

  async search({ status }: Filter) {
    this.reads.search += 1;
    return [...this.rows.values()].filter((lead) => lead.status === status);
  }

  async setStatus(id: string, status: Lead['status']) {
    const lead = { ...(this.rows.get(id) as Lead), status };
    this.rows.set(id, lead);
    return lead;
  }

  async insert(phone: string) {
    const lead: Lead = { id: `${this.rows.size + 1}`, phone, status: 'new' };
    this.rows.set(lead.id, lead);
    return lead;
  }

  async remove(id: string) {
    const lead = this.rows.get(id) as Lead;
    this.rows.delete(id);
    return lead;
  }
}

export function decoratorExamples(guide: Guide): void {
  const decorators = guide.program<Decorators>('Decorators');

  describe('decorators', () => {
    const apps = new CacheApps();
    let store: Leads;
    let leads: LeadService;
    let raw: RawRedis;

    beforeEach(async () => {
      const { LeadService, LeadStore } = decorators.run();
      store = new Leads();
      const prefix = ownPrefix();
      const providers = [LeadService, { provide: LeadStore, useValue: store }];
      const app = await apps.boot({ tier: 'redis', cache: { prefix }, providers });
      leads = inTenant('acme', app.get(LeadService));
      raw = new RawRedis(String(process.env.REDIS_URL), prefix);
    });

    afterEach(() => raw.close());

    const stored = async (cache: string, key: string) =>
      (await raw.client.exists(raw.entryKey('acme', key, cache))) === 1;
    const leftMs = (phone: string) => raw.client.pttl(raw.entryKey('acme', phone, 'lead.byPhone'));

    it('have a key that the notation does not change, and a ttl that depends on the result', async () => {
      await leads.create('+1555');
      expect(await leads.byPhone('+1 555')).toMatchObject({ id: '1' });
      expect(await leads.byPhone('+1555')).toMatchObject({ id: '1' });
      expect(await leads.byPhone('+2')).toBeNull();
      expect(await leads.byPhone('+2')).toBeNull();
      expect(store.reads.byPhone).toBe(2);
      // The class shortens each by a tenth at most.
      expect(await leftMs('+1555')).toBeGreaterThan(13 * 60_000);
      expect(await leftMs('+1555')).toBeLessThanOrEqual(15 * 60_000);
      expect(await leftMs('+2')).toBeLessThanOrEqual(30_000);
    });

    it('store no empty search, and all others whatever the order of properties', async () => {
      expect([await leads.search(NEW), await leads.search(NEW)]).toEqual([[], []]);
      expect(store.reads.search).toBe(2);
      await leads.create('+1');
      await leads.search(NEW);
      expect(await leads.search({ page: 1, status: 'new' })).toHaveLength(1);
      expect(store.reads.search).toBe(3);
    });

    it('put and evict what a change of the status is about', async () => {
      const { id } = await leads.create('+1555');
      await leads.byPhone('+1555');
      expect(await leads.search(NEW)).toHaveLength(1);
      const won = await leads.setStatus(id, 'won');
      expect(await stored('lead.byId', id)).toBe(true);
      expect(await stored('lead.byPhone', '+1555')).toBe(false);
      expect(await leads.byPhone('+1555')).toEqual(won);
      expect([await leads.search(NEW), await leads.search(WON)]).toEqual([[], [won]]);
    });

    it('evict what was missing before a lead came, and every search', async () => {
      expect(await leads.byPhone('+1 555')).toBeNull();
      await leads.create('+2');
      expect(await leads.search(NEW)).toHaveLength(1);
      const created = await leads.create('+1555');
      expect(await stored('lead.byId', created.id)).toBe(true);
      expect(await leads.byPhone('+1 555')).toEqual(created);
      expect(await leads.search(NEW)).toHaveLength(2);
    });

    it('evict a lead that is removed wherever it was', async () => {
      const { id } = await leads.create('+1555');
      await leads.byPhone('+1555');
      await leads.search(NEW);
      await leads.remove(id);
      expect(await stored('lead.byId', id)).toBe(false);
      expect(await leads.byPhone('+1555')).toBeNull();
      expect(await leads.search(NEW)).toEqual([]);
    });
  });
}

/** Calls every method for a tenant. */
function inTenant(tenant: string, service: LeadService): LeadService {
  return {
    byPhone: (phone) => runWithTenant(tenant, () => service.byPhone(phone)),
    search: (filter) => runWithTenant(tenant, () => service.search(filter)),
    setStatus: (id, status) => runWithTenant(tenant, () => service.setStatus(id, status)),
    create: (phone) => runWithTenant(tenant, () => service.create(phone)),
    remove: (id) => runWithTenant(tenant, () => service.remove(id)),
  };
}
