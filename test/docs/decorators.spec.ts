import type { Type } from '@nestjs/common';
import { runWithTenant } from 'nestjs-redis-cache';
import { CacheApps, ownPrefix } from '../support/cache-apps.js';
import { describeGuide } from './guide.js';
import { entriesInRedis } from './entries-in-redis.js';

interface Lead {
  id: string;
  phone: string;
}

interface Leads {
  byPhone(phone: string, signal?: AbortSignal): Promise<Lead | null>;
  update(id: string, change: Partial<Lead>): Promise<Lead>;
}

interface Keys {
  readonly LeadStore: Type<Leads>;
  readonly LeadService: Type<Leads>;
}

interface OwnDecorators {
  readonly Texts: Type<{ all(language: string): Promise<Record<string, string>> }>;
}

const inTenant = <T>(work: () => Promise<T>) => runWithTenant('acme', work);

describeGuide('docs/decorators.md', (guide) => {
  const apps = new CacheApps();
  const keys = guide.program<Keys>('Keys');
  const own = guide.program<OwnDecorators>('Decorators of your own');

  async function bootLeads() {
    const lead = { id: '7', phone: '+1 555' };
    const store = {
      byPhone: jest.fn(async (phone: string) => (phone === lead.phone ? lead : null)),
      update: jest.fn(async (_id: string, change: Partial<Lead>) => Object.assign(lead, change)),
    };
    const { LeadStore, LeadService } = keys.run();
    const prefix = ownPrefix();
    const app = await apps.boot({
      tier: 'redis',
      cache: { prefix },
      providers: [LeadService, { provide: LeadStore, useValue: store }],
    });
    const entries = () => entriesInRedis(prefix);
    return { store, entries, leads: app.get(LeadService), caches: app.caches };
  }

  it('has a key for what is written in several ways, whatever the other arguments', async () => {
    const { leads, store, entries } = await bootLeads();
    const { signal } = new AbortController();
    const lead = { id: '7', phone: '+1 555' };
    expect(await inTenant(() => leads.byPhone('+1 555', signal))).toEqual(lead);
    expect(await inTenant(() => leads.byPhone('(+1) 555'))).toEqual(lead);
    expect(store.byPhone.mock.calls).toEqual([['+1 555', signal]]);
    expect(await entries()).toEqual(['{acme/lead.byPhone@1/+1555}']);
  });

  it('has a writer that meets a reader of other arguments', async () => {
    const { leads, store, entries, caches } = await bootLeads();
    await inTenant(() => leads.byPhone('+1555'));
    await inTenant(() => leads.update('7', { phone: '+1-555' }));
    expect(await entries()).toEqual(['{acme/lead.byId@1/7}']);
    await inTenant(() => leads.byPhone('+1555'));
    expect(store.byPhone).toHaveBeenCalledTimes(2);
    const byId = caches.forTenant('acme').cache<Lead>('lead.byId');
    expect(await byId.get(['7'])).toEqual({ id: '7', phone: '+1-555' });
  });

  it('keeps null, and never a rejection', async () => {
    const { leads, store } = await bootLeads();
    const failure = new Error('the source is down');
    store.byPhone.mockRejectedValueOnce(failure);
    await expect(inTenant(() => leads.byPhone('+2'))).rejects.toBe(failure);
    expect(await inTenant(() => leads.byPhone('+2'))).toBeNull();
    expect(await inTenant(() => leads.byPhone('+2'))).toBeNull();
    expect(store.byPhone).toHaveBeenCalledTimes(2);
  });

  it('gives each caller a value of its own', async () => {
    const { leads } = await bootLeads();
    for (let call = 0; call < 3; call++) {
      const lead = await inTenant(() => leads.byPhone('+1 555'));
      expect(lead).toEqual({ id: '7', phone: '+1 555' });
      Object.assign(lead ?? {}, { phone: 'changed by its caller' });
    }
  });

  it('has a class whose methods are plain where it is made with new', async () => {
    const { LeadService } = keys.run();
    const byPhone = jest.fn(async () => null);
    const leads = new LeadService({ byPhone });
    await leads.byPhone('+1');
    await leads.byPhone('+1');
    expect(byPhone).toHaveBeenCalledTimes(2);
  });

  it('has a decorator for what belongs to everybody', async () => {
    const { Texts } = own.run();
    const prefix = ownPrefix();
    const app = await apps.boot({ tier: 'redis', cache: { prefix }, providers: [Texts] });
    const texts = app.get(Texts);
    await texts.all('en');
    const hit = await texts.all('en');
    expect(hit).toEqual({ hello: 'en' });
    expect(Object.isFrozen(hit)).toBe(true);
    expect(app.counters('settings.texts')).toMatchObject({ loads: 1, nearHits: 1 });
    expect(await entriesInRedis(prefix)).toEqual(['{/settings.texts@1/en}']);
  });
});
