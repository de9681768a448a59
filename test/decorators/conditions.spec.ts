import { Injectable } from '@nestjs/common';
import { Cacheable, CacheEvict, CachePut } from 'nestjs-redis-cache';
import { CacheApps, TIERS } from '../support/cache-apps.js';

const byId = (id: string) => id;
/** As it comes of a flag that is optional, or of code that no compiler has seen. */
const condition = (_id: string, says: unknown) => says as boolean;

@Injectable()
class LeadService {
  version = 0;

  @Cacheable('lead.byId', { key: byId, condition })
  async read(_id: string, _says: unknown): Promise<number> {
    return this.version;
  }

  @CachePut('lead.byId', { key: byId, condition })
  async put(_id: string, _says: unknown): Promise<number> {
    return ++this.version;
  }

  @CacheEvict('lead.byId', { key: byId, condition })
  async evict(_id: string, _says: unknown): Promise<number> {
    return ++this.version;
  }

  @Cacheable('lead.byId', { key: byId, condition: undefined })
  async readAlways(_id: string): Promise<number> {
    return this.version;
  }
}

describe.each(TIERS)('a condition, in %s', (tier) => {
  const apps = new CacheApps();

  /** The service, with lead 1 read into the cache. */
  async function boot() {
    const app = await apps.boot({
      tier,
      providers: [LeadService],
      cache: { defaults: { scope: 'global' } },
    });
    const leads = app.get(LeadService);
    await leads.read('1', true);
    return { app, leads };
  }

  it.each([false, undefined, null, 0, '', NaN])(
    'that gives %p leaves out the cache',
    async (says) => {
      const { app, leads } = await boot();
      await leads.evict('1', says);
      expect([await leads.read('1', says), await leads.read('1', true)]).toEqual([1, 0]);
      await leads.put('1', says);
      expect([await leads.read('1', says), await leads.read('1', true)]).toEqual([2, 0]);
      expect(app.counters('lead.byId')).toMatchObject({ bypassed: 4 });
    },
  );

  it.each([true, 1, 'yes', {}])('that gives %p does not', async (says) => {
    const { leads } = await boot();
    leads.version = 7;
    expect(await leads.read('1', says)).toBe(0);
    await leads.evict('1', says);
    expect(await leads.read('1', says)).toBe(8);
  });

  it('that is left out, or spelled out as undefined, does not either', async () => {
    const { leads } = await boot();
    leads.version = 7;
    expect(await leads.readAlways('1')).toBe(0);
  });
});
