import { CACHE_MANAGER } from '@nestjs/cache-manager';
import type { Type } from '@nestjs/common';
import { RawRedis } from '../../integration/support/raw-redis.js';
import { CacheApps, ownPrefix } from '../../support/cache-apps.js';
import type { Guide } from '../guide.js';

interface FromMaps {
  readonly LeadIds: Type<{ of(organization: string, phone: string): Promise<string | undefined> }>;
}

interface FromCacheManager {
  readonly AppModule: Type;
}

interface Manager {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<unknown>;
}

export function movingInExamples(guide: Guide): void {
  const fromMaps = guide.program<FromMaps>('Moving in from Maps');
  const fromCacheManager = guide.program<FromCacheManager>('Moving in from cache-manager');
  const apps = new CacheApps();

  it('moving in from Maps: asks the Map or the cache, by the variable', async () => {
    const { LeadIds } = fromMaps.run();
    const answers: unknown[] = [];
    for (const mode of ['map-only', 'cache-only']) {
      process.env.CACHE_MIGRATION_LEAD_IDBYPHONE = mode;
      const app = await apps.boot({ tier: 'redis', providers: [LeadIds] });
      await app.caches.forTenant('acme').cache('lead.idByPhone').set('+1', '7');
      const ids = app.get(LeadIds);
      answers.push(await ids.of('acme', '+1'), await ids.of('globex', '+1'));
    }
    delete process.env.CACHE_MIGRATION_LEAD_IDBYPHONE;
    expect(answers).toEqual([undefined, undefined, '7', undefined]);
  });

  it('moving in from cache-manager: gives CACHE_MANAGER entries of the tenant', async () => {
    const { AppModule } = fromCacheManager.run();
    const prefix = ownPrefix();
    const { nest, caches } = await apps.boot({
      tier: 'redis',
      cache: { prefix },
      imports: [AppModule],
    });
    const manager = nest.get<Manager>(CACHE_MANAGER, { strict: false });
    await caches.runWithTenant('acme', () => manager.set('k', 'v'));
    expect(await caches.runWithTenant('acme', () => manager.get('k'))).toBe('v');
    expect(await caches.runWithTenant('globex', () => manager.get('k'))).toBeUndefined();
    const raw = new RawRedis(String(process.env.REDIS_URL), prefix);
    const leftMs = await raw.client.pttl(raw.entryKey('acme', 'k', 'cache-manager'));
    await raw.close();
    expect(leftMs).toBeGreaterThan(50_000);
    expect(leftMs).toBeLessThanOrEqual(60_000);
  });
}
