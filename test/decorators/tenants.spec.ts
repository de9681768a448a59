import { Injectable } from '@nestjs/common';
import {
  Cacheable,
  CacheEvict,
  CachePut,
  currentTenant,
  InvalidCacheKeyError,
  runWithTenant,
  TenantMissingError,
} from 'nestjs-redis-cache';
import { CacheApps, TIERS } from '../support/cache-apps.js';
import { Gate } from '../support/gate.js';

@Injectable()
class LeadService {
  loads = 0;
  readonly ran: (string | undefined)[] = [];
  gate: Gate | undefined;

  @Cacheable('lead.byId')
  async byId(_id: string): Promise<string | undefined> {
    this.loads += 1;
    await this.gate?.pass();
    return currentTenant();
  }

  @Cacheable('lead.settings', { scope: 'global' })
  async settings(_name: string): Promise<string | undefined> {
    this.loads += 1;
    return currentTenant();
  }

  @Cacheable('lead.settings', { scope: 'global' })
  async askingForLeads(): Promise<string | undefined> {
    return this.byId('1');
  }

  @Cacheable('lead.of', { tenant: (tenant: string) => tenant, key: (_: string, id: string) => id })
  async of(_tenant: string, _id: string): Promise<number> {
    return ++this.loads;
  }

  @CachePut('lead.of', { tenant: (tenant: string) => tenant, key: (_: string, id: string) => id })
  async set(_tenant: string, _id: string, value: number): Promise<number> {
    this.ran.push(currentTenant());
    return value;
  }

  @CacheEvict('lead.of', { tenant: (tenant: string) => tenant, key: (_: string, id: string) => id })
  async remove(_tenant: string, _id: string): Promise<void> {
    this.ran.push(currentTenant());
  }

  @Cacheable('lead.settings', { scope: 'global', tenant: (tenant: string) => tenant })
  async globalOf(_tenant: string): Promise<number> {
    return ++this.loads;
  }
}

/** Ids that would meet, or act as a pattern or hash tag, where keys are glued together. */
const HOSTILE = [
  'a',
  'A',
  'a:b',
  'b',
  'a/b',
  'a}',
  '{a}',
  '}{',
  '*',
  '?',
  '[a]',
  '^a',
  '\\',
  '%61',
  '%',
  ' ',
  'a ',
  '.',
  '..',
  '__proto__',
  'constructor',
  'toString',
  '1',
  'null',
  'undefined',
  'é',
  'e\u0301',
  '\0',
  '\n',
  'a\0',
  '\ud800',
  '\ufffd',
  '💥',
  '#',
  '@1',
  'a@1',
  "''",
  ':1',
  '(a)',
  '<a>',
  'lead.byId',
  '/lead.byId@1/1',
  'x'.repeat(10_000),
  'x'.repeat(10_001),
];

describe.each(TIERS)('cached methods and tenants, in %s', (tier) => {
  const apps = new CacheApps();

  async function boot() {
    const app = await apps.boot({ tier, providers: [LeadService] });
    return { app, leads: app.get(LeadService) };
  }

  it('keep tenants apart whatever their ids are', async () => {
    const { app, leads } = await boot();
    for (const tenant of HOSTILE) await runWithTenant(tenant, () => leads.byId('1'));
    expect(leads.loads).toBe(HOSTILE.length);
    for (const tenant of HOSTILE) {
      expect(await runWithTenant(tenant, () => leads.byId('1'))).toBe(tenant);
    }
    expect(leads.loads).toBe(HOSTILE.length);
    await app.caches.forTenant('*').cache('lead.byId').del('1');
    for (const tenant of HOSTILE) await runWithTenant(tenant, () => leads.byId('1'));
    expect(leads.loads).toBe(HOSTILE.length + 1);
  });

  it('keep hostile keys of hostile tenants apart', async () => {
    const { leads } = await boot();
    const pairs = HOSTILE.slice(0, 20).flatMap((tenant) =>
      HOSTILE.slice(0, 20).map((id) => [tenant, id] as const),
    );
    for (const [tenant, id] of pairs) await leads.of(tenant, id);
    expect(leads.loads).toBe(pairs.length);
    expect(await Promise.all(pairs.map(([tenant, id]) => leads.of(tenant, id)))).toEqual(
      pairs.map((_, index) => index + 1),
    );
  });

  it('do not let a caller join the load of another tenant', async () => {
    const { leads } = await boot();
    const gate = (leads.gate = new Gate());
    const tenants = ['acme', 'globex'];
    const calls = tenants.map((tenant) => runWithTenant(tenant, () => leads.byId('1')));
    await gate.reached;
    gate.open();
    expect(await Promise.all(calls)).toEqual(tenants);
    expect(gate.arrivals).toBe(2);
  });

  it('share the entries of a global cache, loaded for no tenant', async () => {
    const { leads } = await boot();
    expect(await runWithTenant('acme', () => leads.settings('theme'))).toBeUndefined();
    expect(await runWithTenant('globex', () => leads.settings('theme'))).toBeUndefined();
    expect(await leads.settings('theme')).toBeUndefined();
    expect(leads.loads).toBe(1);
  });

  it('do not let what one tenant may see into a global entry', async () => {
    const { leads } = await boot();
    const asking = runWithTenant('acme', () => leads.askingForLeads());
    await expect(asking).rejects.toBeInstanceOf(TenantMissingError);
  });

  it('take the tenant of the arguments before that of the context', async () => {
    const { app, leads } = await boot();
    expect(await leads.of('acme', '1')).toBe(1);
    expect(await runWithTenant('globex', () => leads.of('acme', '1'))).toBe(1);
    await runWithTenant('globex', () => leads.set('acme', '1', 40));
    expect(await leads.of('acme', '1')).toBe(40);
    await runWithTenant('globex', () => leads.remove('acme', '1'));
    expect(await app.caches.forTenant('acme').cache('lead.of').exists('1')).toBe(false);
    expect(await app.caches.forTenant('globex').cache('lead.of').exists('1')).toBe(false);
    expect(leads.ran).toEqual(['globex', 'globex']);
  });

  it.each([undefined, null, '', 42, {}])(
    'refuse a tenant of the arguments that is %p, before the method runs',
    async (tenant) => {
      const { leads } = await boot();
      const wrong = tenant as string;
      const calls = runWithTenant('globex', () => [
        leads.of(wrong, '1'),
        leads.set(wrong, '1', 40),
        leads.remove(wrong, '1'),
      ]);
      for (const call of calls) {
        await expect(call).rejects.toBeInstanceOf(InvalidCacheKeyError);
        await expect(call).rejects.toThrow(
          /^Cannot make a cache key: tenant is .*\. Pass the organization's id as a non-empty string\.$/,
        );
      }
      expect([leads.loads, leads.ran]).toEqual([0, []]);
    },
  );

  it('take the tenant of the call, not the one that is set when the load ends', async () => {
    const { app, leads } = await boot();
    const gate = (leads.gate = new Gate());
    const call = runWithTenant('acme', () => leads.byId('1'));
    await gate.reached;
    await runWithTenant('globex', async () => {
      gate.open();
      expect(await call).toBe('acme');
    });
    const isCached = (tenant: string) =>
      app.caches.forTenant(tenant).cache('lead.byId').exists('1');
    expect([await isCached('acme'), await isCached('globex')]).toEqual([true, false]);
  });
});

describe('the tenant of the application', () => {
  const apps = new CacheApps();

  it('is asked where the context has none', async () => {
    let tenant: string | undefined = 'acme';
    const app = await apps.boot({
      providers: [LeadService],
      cache: { tenant: { resolve: () => tenant } },
    });
    const leads = app.get(LeadService);
    await leads.byId('1');
    expect(await app.caches.forTenant('acme').cache('lead.byId').exists('1')).toBe(true);
    expect(await runWithTenant('globex', () => leads.byId('1'))).toBe('globex');
    tenant = undefined;
    await expect(leads.byId('1')).rejects.toBeInstanceOf(TenantMissingError);
    tenant = '';
    await expect(leads.byId('1')).rejects.toBeInstanceOf(InvalidCacheKeyError);
  });

  it('may be lacking where no tenant counts', async () => {
    const leads = (await apps.boot({ providers: [LeadService] })).get(LeadService);
    expect([await leads.globalOf('acme'), await leads.globalOf('acme')]).toEqual([1, 1]);
  });
});
