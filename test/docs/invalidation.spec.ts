import type { Type } from '@nestjs/common';
import { runWithTenant, type CacheService } from 'nestjs-redis-cache';
import { CacheApps, ownPrefix } from '../support/cache-apps.js';
import { entriesInRedis } from './entries-in-redis.js';
import { describeGuide } from './guide.js';

interface Lead {
  id: string;
  phone: string;
}

interface LeadStore {
  byPhone(phone: string): Promise<Lead | null>;
  move(id: string, phone: string): Promise<Lead>;
  remove(id: string): Promise<Lead>;
}

/** What two of its recipes have: a service with one or the other of the methods that write. */
interface Recipe {
  readonly LeadStore: Type;
  readonly LeadService: Type<LeadStore>;
}

interface Several {
  readonly ImportService: Type<{ importAll(campaign: string): Promise<number> }>;
}

interface AcrossServices {
  onLeadChanged(
    caches: CacheService,
    event: { organizationId: string; leadId: string },
  ): Promise<void>;
}

const inTenant = <T>(work: () => Promise<T>) => runWithTenant('acme', work);

/** A table of leads that counts what is asked of it. */
function tableWith(...leads: Lead[]) {
  const rows = new Map(leads.map((lead) => [lead.id, lead]));
  return {
    rows,
    byPhone: jest.fn(async (phone: string) => {
      return [...rows.values()].find((lead) => lead.phone === phone) ?? null;
    }),
    async move(id: string, phone: string) {
      rows.set(id, { id, phone });
      return { id, phone };
    },
    async remove(id: string) {
      const lead = rows.get(id);
      rows.delete(id);
      return lead;
    },
  };
}

describeGuide('docs/invalidation.md', (guide) => {
  const apps = new CacheApps();
  const byKey = guide.program<Recipe>('By key');
  const keyChanged = guide.program<Recipe>('The key changed');
  const several = guide.program<Several>('Several at once');
  const acrossServices = guide.program<AcrossServices>('Across services');

  async function bootRecipe({ LeadService, LeadStore }: Recipe) {
    const table = tableWith({ id: '7', phone: '+1' });
    const prefix = ownPrefix();
    const store = { provide: LeadStore, useValue: table };
    const providers = [LeadService, store];
    const app = await apps.boot({ tier: 'redis', cache: { prefix }, providers });
    const leads = app.get(LeadService);
    const read = (phone: string) => inTenant(() => leads.byPhone(phone));
    return { prefix, table, leads, read, caches: app.caches };
  }

  it('by key: evicts the entry that the result names, and no other', async () => {
    const { prefix, table, leads, read } = await bootRecipe(byKey.run());
    table.rows.set('8', { id: '8', phone: '+2' });
    for (const phone of ['+1', '+1', '+2']) await read(phone);
    expect(table.byPhone).toHaveBeenCalledTimes(2);
    await inTenant(() => leads.remove('7'));
    expect(await entriesInRedis(prefix)).toEqual(['{acme/lead.byPhone@1/+2}']);
    expect(await read('+1')).toBeNull();
    expect(await read('+2')).toEqual({ id: '8', phone: '+2' });
    expect(table.byPhone).toHaveBeenCalledTimes(3);
  });

  it('by key: keeps what was missing until that is evicted as well', async () => {
    const { table, read, caches } = await bootRecipe(byKey.run());
    expect(await read('+3')).toBeNull();
    table.rows.set('9', { id: '9', phone: '+3' });
    expect(await read('+3')).toBeNull();
    await caches.forTenant('acme').cache('lead.byPhone').del('+3');
    expect(await read('+3')).toEqual({ id: '9', phone: '+3' });
  });

  it('the key changed: evicts the entry under the old number, and the null under the new one', async () => {
    const { leads, read } = await bootRecipe(keyChanged.run());
    expect([await read('+1'), await read('+2')]).toEqual([{ id: '7', phone: '+1' }, null]);
    await inTenant(() => leads.move('7', '+2'));
    expect([await read('+1'), await read('+2')]).toEqual([null, { id: '7', phone: '+2' }]);
  });

  it('several at once: evicts two caches and a tag, of its tenant', async () => {
    const { ImportService } = several.run();
    const app = await apps.boot({ tier: 'redis', providers: [ImportService] });
    const tagged = { tags: ['campaign:spring'] };
    const views = ['acme', 'globex'].map((tenant) => app.caches.forTenant(tenant));
    const left = async () => {
      const names: string[] = [];
      for (const [index, view] of views.entries()) {
        for (const cache of ['lead.search', 'lead.count', 'lead.byId', 'campaign.byId']) {
          const value = await view.cache<string>(cache).get('k');
          if (value !== undefined) names.push(`${index} ${value}`);
        }
      }
      return names;
    };
    for (const view of views) {
      await view.cache('lead.search').set('k', 'search');
      await view.cache('lead.count').set('k', 'count');
      await view.cache('lead.byId').set('k', 'lead');
      await view.cache('campaign.byId').set('k', 'campaign', tagged);
    }
    expect(await left()).toHaveLength(8);

    expect(await inTenant(() => app.get(ImportService).importAll('spring'))).toBe(6);

    expect(await left()).toEqual(['0 lead', '1 search', '1 count', '1 lead', '1 campaign']);
  });

  it('across services: has a consumer that evicts, as often as the event is delivered', async () => {
    const { read, table, caches } = await bootRecipe(keyChanged.run());
    const { onLeadChanged } = acrossServices.run();
    await read('+1');
    await onLeadChanged(caches, { organizationId: 'globex', leadId: '7' });
    await read('+1');
    expect(table.byPhone).toHaveBeenCalledTimes(1);
    table.rows.clear();
    for (let delivery = 0; delivery < 2; delivery++) {
      await onLeadChanged(caches, { organizationId: 'acme', leadId: '7' });
    }
    expect(await read('+1')).toBeNull();
    expect(table.byPhone).toHaveBeenCalledTimes(2);
  });

  it('says by explain which stamp of an entry does not hold any more', async () => {
    const { read, caches } = await bootRecipe(keyChanged.run());
    await read('+1');
    const view = caches.forTenant('acme');
    await view.evictTags(['lead:7']);
    const { outlook, far } = await view.explain('lead.byPhone', '+1');
    expect(outlook).toMatchObject({ kind: 'miss', reason: 'outdated' });
    const stamps = far.kind === 'entry' ? far.stamps : [];
    expect(stamps.filter(({ holds }) => !holds).map(({ tag }) => tag)).toEqual(['lead:7']);
  });

  it('has evictions that take no more than they name', async () => {
    const { prefix, caches } = await bootRecipe(byKey.run());
    const view = caches.forTenant('acme');
    const fill = () =>
      view.cache('lead.byPhone').mset([
        ['+15550', 1],
        ['+15551', 2],
        ['+2', 3],
      ]);
    await fill();
    expect(await view.evictPattern('lead.byPhone/+1555*')).toBe(2);
    expect(await entriesInRedis(prefix)).toEqual(['{acme/lead.byPhone@1/+2}']);
    await fill();
    await caches.forTenant('globex').evictTenant();
    expect(await view.cache('lead.byPhone').mget(['+15550', '+2'])).toEqual([1, 3]);
    await view.evictTenant();
    expect(await view.cache('lead.byPhone').mget(['+15550', '+2'])).toEqual([undefined, undefined]);
    expect(await entriesInRedis(prefix)).toHaveLength(3);
  });
});
