import { Injectable } from '@nestjs/common';
import { Cacheable, CachePut, runWithTenant } from 'nestjs-redis-cache';
import { CacheApps, TIERS } from '../support/cache-apps.js';

interface Lead {
  id: string;
  name: string;
}

@Injectable()
class LeadService {
  loads = 0;
  saves = 0;
  readonly source = new Map<string, Lead>([['1', { id: '1', name: 'Ada' }]]);

  @Cacheable('lead.byId')
  async byId(id: string): Promise<Lead | undefined> {
    this.loads += 1;
    return this.source.get(id);
  }

  @CachePut('lead.byId', { key: (id: string) => id })
  async rename(id: string, name: string): Promise<Lead> {
    return this.save({ id, name });
  }

  @CachePut('lead.byId', { resultKey: (lead: Lead) => lead.id })
  async create(name: string): Promise<Lead> {
    return this.save({ id: `new ${name}`, name });
  }

  @CachePut('lead.byId', { resultKey: (lead: Lead, prefix: string) => `${prefix}${lead.id}` })
  async import(_prefix: string, lead: Lead): Promise<Lead> {
    return this.save(lead);
  }

  @CachePut('lead.byId')
  async touch(id: string): Promise<Lead> {
    return this.save({ id, name: 'touched' });
  }

  @CachePut('lead.byId', {
    key: (id: string) => id,
    condition: (_id: string, name: string) => name !== 'hidden',
    unless: (lead: Lead, id: string) => lead.name === 'draft' && id === '1',
    ttl: (lead: Lead) => (lead.name === 'brief' ? 0 : '1h'),
  })
  async change(id: string, name: string): Promise<Lead> {
    return this.save({ id, name });
  }

  @CachePut('lead.byId', { key: (id: string) => id })
  async fail(id: string): Promise<Lead> {
    this.source.set(id, { id, name: 'half written' });
    throw new Error(`no ${id}`);
  }

  @CachePut('lead.byId', { key: (id: string) => id, unless: () => JSON.parse('broken') as boolean })
  async changeOddly(id: string, name: string): Promise<Lead> {
    return this.save({ id, name });
  }

  @CachePut('lead.byId', {
    key: (id: string) => id,
    condition: () => JSON.parse('broken') as boolean,
  })
  async changeUndecidedly(id: string, name: string): Promise<Lead> {
    return this.save({ id, name });
  }

  private save(lead: Lead): Lead {
    this.saves += 1;
    this.source.set(lead.id, lead);
    return { ...lead };
  }
}

describe.each(TIERS)('@CachePut in %s', (tier) => {
  const apps = new CacheApps();

  /** The service, with lead 1 read into the cache. */
  async function boot() {
    const app = await apps.boot({
      tier,
      providers: [LeadService],
      cache: { defaults: { scope: 'global' } },
    });
    const leads = app.get(LeadService);
    await leads.byId('1');
    return { app, leads };
  }

  it('stores the result under the key of the arguments', async () => {
    const { leads } = await boot();
    expect(await leads.rename('1', 'Eve')).toEqual({ id: '1', name: 'Eve' });
    expect(await leads.byId('1')).toEqual({ id: '1', name: 'Eve' });
    expect(leads.loads).toBe(1);
  });

  it('always runs the method, once', async () => {
    const { app, leads } = await boot();
    await leads.rename('1', 'Eve');
    expect(await leads.rename('1', 'Mallory')).toEqual({ id: '1', name: 'Mallory' });
    expect(await leads.byId('1')).toEqual({ id: '1', name: 'Mallory' });
    await leads.create('Bob');
    expect(leads.saves).toBe(3);
    expect(app.counters('lead.byId')).toMatchObject({ fills: 4 });
  });

  it('stores the result under a key of the result, or of it and the arguments', async () => {
    const { leads } = await boot();
    await leads.create('Bob');
    expect(await leads.byId('new Bob')).toEqual({ id: 'new Bob', name: 'Bob' });
    await leads.import('crm-', { id: '7', name: 'Carol' });
    expect(await leads.byId('crm-7')).toEqual({ id: '7', name: 'Carol' });
    expect(leads.loads).toBe(1);
  });

  it('takes the only argument for the key where none is given', async () => {
    const { leads } = await boot();
    await leads.touch('1');
    expect(await leads.byId('1')).toEqual({ id: '1', name: 'touched' });
    expect(leads.loads).toBe(1);
  });

  it('leaves the entry alone where the condition says no', async () => {
    const { leads } = await boot();
    expect(await leads.change('1', 'hidden')).toEqual({ id: '1', name: 'hidden' });
    expect(await leads.byId('1')).toEqual({ id: '1', name: 'Ada' });
  });

  it.each([
    ['unless keeps the result from being stored', 'draft'],
    ['its ttl is 0', 'brief'],
  ])('removes the earlier entry where %s', async (_, name) => {
    const { leads } = await boot();
    await leads.change('1', name);
    expect(await leads.byId('1')).toEqual({ id: '1', name });
    expect(leads.loads).toBe(2);
  });

  it.each(['changeOddly', 'changeUndecidedly'] as const)(
    'removes the earlier entry, and tells of it, where %s cannot tell what to do',
    async (method) => {
      const { app, leads } = await boot();
      const heard: unknown[] = [];
      app.caches.on('policyError', (event) => heard.push(event));
      expect(await leads[method]('1', 'Eve')).toEqual({ id: '1', name: 'Eve' });
      expect(await leads.byId('1')).toEqual({ id: '1', name: 'Eve' });
      expect(leads.loads).toBe(2);
      expect(heard).toEqual([{ cache: 'lead.byId', error: expect.any(SyntaxError) }]);
    },
  );

  it('keeps the entry where the method fails, and passes its error', async () => {
    const { leads } = await boot();
    await expect(leads.fail('1')).rejects.toThrow(new Error('no 1'));
    expect(leads.loads).toBe(1);
    const read = await leads.byId('1');
    expect({ read, loads: leads.loads }).toEqual({ read: { id: '1', name: 'Ada' }, loads: 1 });
  });

  it('stores a copy: what its caller does to the result stays outside', async () => {
    const { leads } = await boot();
    const renamed = await leads.rename('1', 'Eve');
    renamed.name = 'Mallory';
    expect(await leads.byId('1')).toEqual({ id: '1', name: 'Eve' });
  });
});

describe('@CachePut that fails while a value is being set', () => {
  const apps = new CacheApps();

  it.each(TIERS)('keeps no value that was set over, with %s', async (tier) => {
    const app = await apps.boot({ tier, providers: [LeadService] });
    const cache = app.caches.forTenant('acme').cache('lead.byId');
    await cache.set('1', 'old');
    const failing = () => runWithTenant('acme', () => app.get(LeadService).fail('1'));
    await Promise.all([cache.set('1', 'new'), expect(failing()).rejects.toThrow('no 1')]);
    expect(['new', undefined]).toContain(await cache.get('1'));
  });
});

describe('@CachePut and tenants', () => {
  const apps = new CacheApps();

  it('writes for the tenant of the call and for no other', async () => {
    const leads = (await apps.boot({ providers: [LeadService] })).get(LeadService);
    await runWithTenant('acme', () => leads.rename('1', 'Eve'));
    expect(await runWithTenant('globex', () => leads.byId('2'))).toBeUndefined();
    expect(await runWithTenant('acme', () => leads.byId('1'))).toEqual({ id: '1', name: 'Eve' });
    leads.source.clear();
    expect(await runWithTenant('globex', () => leads.byId('1'))).toBeUndefined();
  });
});
