import { runWithTenant, type CacheService } from 'nestjs-redis-cache';
import type { MigrationMode } from 'nestjs-redis-cache/migration';
import { CacheApps } from '../support/cache-apps.js';
import { CACHE, keyOf, leadMap } from './support/lead-map.js';

const MODES: MigrationMode[] = ['map-only', 'shadow', 'cache-first', 'cache-only'];

describe('the tenant of an entry', () => {
  const apps = new CacheApps();
  let caches: CacheService;

  beforeEach(async () => {
    ({ caches } = await apps.boot({ cache: { caches: { plan: { scope: 'global' } } } }));
  });

  it.each(MODES)('comes from the key of the Map in %s, whatever the context says', async (mode) => {
    const leads = leadMap<string>(caches, new Map(), { mode });
    await runWithTenant('initech', async () => {
      await leads.set(keyOf('acme', '+1'), 'of acme');
      await leads.set(keyOf('globex', '+1'), 'of globex');
      expect(await leads.get(keyOf('acme', '+1'))).toBe('of acme');
      expect(await leads.get(keyOf('globex', '+1'))).toBe('of globex');
      expect(await leads.has(keyOf('initech', '+1'))).toBe(false);
      expect(await leads.delete(keyOf('acme', '+1'))).toBe(true);
      expect(await leads.get(keyOf('globex', '+1'))).toBe('of globex');
    });
    const cached = caches.forTenant('globex').cache(CACHE).get('+1');
    expect(await cached).toBe(mode === 'map-only' ? undefined : 'of globex');
  });

  it.each(MODES)('is an error in %s where there is none, and nothing is written', async (mode) => {
    const map = new Map<string, string>();
    const leads = leadMap(caches, map, { mode });
    await runWithTenant('acme', async () => {
      for (const call of [
        () => leads.get('|+1'),
        () => leads.has('|+1'),
        () => leads.set('|+1', 'lost'),
        () => leads.delete('|+1'),
        () => leads.getOrLoad('|+1', () => 'lost'),
      ]) {
        await expect(call()).rejects.toMatchObject({ code: 'TENANT_MISSING' });
      }
    });
    expect(map.size).toBe(0);
    await expect(leads.set('|+1', 'lost')).rejects.toThrow(
      `set in the MigratingMap 'lead.byPhone' needs a tenant, and none is set here. Have its option entry take the tenant from the key of the Map,`,
    );
  });

  it('has to be left out where the cache is global, or all would share an entry', async () => {
    const entry = (key: string) => ({ tenant: key.split('|')[0], key });
    const plans = leadMap<string>(caches, new Map(), { cache: 'plan', entry });
    await expect(plans.get('acme|pro')).rejects.toMatchObject({ code: 'INVALID_KEY' });
    const global = leadMap<string>(caches, new Map(), {
      cache: 'plan',
      entry: (key) => ({ key }),
      mode: 'cache-first',
    });
    await global.set('pro', '20 $');
    expect(await caches.cache('plan').get('pro')).toBe('20 $');
  });
});
