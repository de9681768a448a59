import { Injectable, Module } from '@nestjs/common';
import type Redis from 'ioredis';
import {
  type Cache,
  Cacheable,
  CachePut,
  InjectCache,
  InjectRedis,
  RedisCacheModule,
  runWithTenant,
} from 'nestjs-redis-cache';
import { CacheApps, ownPrefix, TIERS } from '../support/cache-apps.js';

interface Lead {
  id: string;
}

@Injectable()
class LeadService {
  loads = 0;

  constructor(@InjectCache('lead.byId') readonly byIdCache: Cache<Lead>) {}

  @Cacheable('lead.byId')
  async byId(id: string): Promise<Lead> {
    this.loads += 1;
    return { id };
  }

  @Cacheable('lead.byId')
  async byIdAndVersion(id: string, _version: number): Promise<Lead> {
    this.loads += 1;
    return { id };
  }

  @CachePut('lead.byId', { resultKey: (lead: Lead) => lead.id })
  async create(id: string): Promise<Lead> {
    return { id };
  }
}

describe.each(TIERS)('a cache that is injected by its name, in %s', (tier) => {
  const apps = new CacheApps();
  const asAcme = <T>(fn: () => Promise<T>) => runWithTenant('acme', fn);

  async function boot() {
    const cache = { caches: { 'lead.byId': {} } };
    return (await apps.boot({ tier, providers: [LeadService], cache })).get(LeadService);
  }

  it('has the entries of the decorators', async () => {
    const leads = await boot();
    await asAcme(async () => {
      await leads.byId('1');
      await leads.byIdAndVersion('2', 7);
      await leads.create('3');
      expect(await leads.byIdCache.get('1')).toEqual({ id: '1' });
      expect(await leads.byIdCache.get(['2', 7])).toEqual({ id: '2' });
      expect(await leads.byIdCache.get('3')).toEqual({ id: '3' });
    });
  });

  it('gives the decorators its own', async () => {
    const leads = await boot();
    await asAcme(async () => {
      await leads.byIdCache.set('1', { id: 'set' });
      await leads.byIdCache.wrap('2', () => ({ id: 'wrapped' }));
      expect([await leads.byId('1'), await leads.byId('2')]).toEqual([
        { id: 'set' },
        { id: 'wrapped' },
      ]);
      await leads.byIdCache.del('1');
      expect(await leads.byId('1')).toEqual({ id: '1' });
    });
    expect(leads.loads).toBe(1);
  });

  it('loads once with the decorators for callers at the same time', async () => {
    const leads = await boot();
    const wrapped = jest.fn(() => ({ id: 'wrapped' }));
    const answers = await asAcme(() =>
      Promise.all([leads.byId('1'), leads.byIdCache.wrap('1', wrapped), leads.byId('1')]),
    );
    expect(answers).toEqual([{ id: '1' }, { id: '1' }, { id: '1' }]);
    expect([leads.loads, wrapped.mock.calls.length]).toEqual([1, 0]);
  });
});

describe('@InjectCache', () => {
  const apps = new CacheApps();

  @Injectable()
  class PropertyService {
    @InjectCache('lead.byId')
    readonly cache!: Cache<Lead>;
  }

  it('injects a property, too', async () => {
    const app = await apps.boot({
      providers: [PropertyService],
      cache: { caches: { 'lead.byId': {} } },
    });
    expect(app.get(PropertyService).cache.name).toBe('lead.byId');
  });

  it('finds what forFeature names in the module that imports it', async () => {
    @Module({ imports: [RedisCacheModule.forFeature('lead.byId')], providers: [PropertyService] })
    class LeadModule {}
    const app = await apps.boot({ imports: [LeadModule] });
    expect(app.get(PropertyService).cache.name).toBe('lead.byId');
  });

  it('stops the boot where nobody names the cache', async () => {
    await expect(apps.boot({ providers: [PropertyService] })).rejects.toThrow(
      `Symbol(nestjs-redis-cache.cache of RedisCacheModule.forFeature('lead.byId'))`,
    );
  });
});

describe('@InjectRedis', () => {
  const apps = new CacheApps();

  @Injectable()
  class RawService {
    constructor(@InjectRedis() readonly redis: Redis | null) {}
  }

  it('injects the client of the cache', async () => {
    const { redis } = (await apps.boot({ tier: 'redis', providers: [RawService] })).get(RawService);
    const key = `${ownPrefix()}:raw`;
    expect(await redis?.set(key, 'value', 'PX', 60_000)).toBe('OK');
    expect(await redis?.getdel(key)).toBe('value');
  });

  it('injects null where no Redis is configured', async () => {
    expect((await apps.boot({ providers: [RawService] })).get(RawService).redis).toBeNull();
  });
});
