import { Injectable } from '@nestjs/common';
import { Cacheable, CacheEvict, CachePut } from 'nestjs-redis-cache';
import { CacheApps, TIERS } from '../support/cache-apps.js';
import { Transactions } from '../support/transactions.js';

interface Lead {
  id: string;
}

const byId = (id: string) => id;
/** As it is written where nobody thinks of a row that is not there. */
const idOf = (lead: Lead | null) => (lead as Lead).id;
const database = new Transactions();

@Injectable()
class LeadService {
  version = 0;

  @Cacheable('lead.byId', { key: byId })
  async read(_id: string): Promise<number> {
    return this.version;
  }

  @CachePut('lead.byId', { resultKey: idOf })
  async put(_id: string, lead: Lead | null): Promise<Lead | null> {
    return this.write(lead);
  }

  @CachePut('lead.byId', { resultKey: idOf, unless: () => true })
  async putUnless(_id: string, lead: Lead | null): Promise<Lead | null> {
    return this.write(lead);
  }

  @CachePut('lead.byId', { resultKey: idOf, unless: () => JSON.parse('broken') as boolean })
  async putOddly(_id: string, lead: Lead | null): Promise<Lead | null> {
    return this.write(lead);
  }

  @CacheEvict('lead.byId', { key: byId })
  @CachePut('lead.other', { resultKey: idOf, unless: (lead: Lead | null) => lead === null })
  async putBelow(_id: string, lead: Lead | null): Promise<Lead | null> {
    return this.write(lead);
  }

  @CacheEvict('lead.byId', { resultKey: idOf })
  async evict(_id: string, lead: Lead | null): Promise<Lead | null> {
    return this.write(lead);
  }

  private write(lead: Lead | null): Lead | null {
    this.version += 1;
    return lead;
  }
}

const IN_OR_OUT: readonly [string, (work: () => Promise<unknown>) => Promise<unknown>][] = [
  ['outside of a transaction', (work) => work()],
  ['within a transaction', (work) => database.run(work)],
];

describe.each(TIERS)('a result that makes no key, in %s', (tier) => {
  const apps = new CacheApps();

  /** The service, with lead 1 read into the cache. */
  async function boot() {
    const app = await apps.boot({
      tier,
      providers: [LeadService],
      cache: { defaults: { scope: 'global' }, transaction: { current: database.current } },
    });
    const told: unknown[] = [];
    app.caches.on('policyError', (event) => told.push(event));
    const leads = app.get(LeadService);
    await leads.read('1');
    return { leads, told };
  }

  describe.each(IN_OR_OUT)('%s', (_, run) => {
    it('is answered where unless excludes it, and nobody is told, as it needs none', async () => {
      const { leads, told } = await boot();
      expect(await run(() => leads.putUnless('1', null))).toBeNull();
      expect(told).toEqual([]);
    });

    it('does not keep an eviction above from being made', async () => {
      const { leads } = await boot();
      expect(await run(() => leads.putBelow('1', null))).toBeNull();
      expect(await leads.read('1')).toBe(1);
    });

    it.each([
      ['put', null, TypeError],
      ['put', { id: undefined }, Error],
      ['evict', null, TypeError],
      ['evict', { id: undefined }, Error],
    ] as const)(
      'is answered by %s of %j, and told; an earlier entry stays',
      async (method, lead, error) => {
        const { leads, told } = await boot();
        expect(await run(() => leads[method]('1', lead as never))).toBe(lead);
        expect(told).toEqual([{ cache: 'lead.byId', error: expect.any(error) }]);
        expect(await leads.read('1')).toBe(0);
      },
    );

    it('is told besides unless, where that fails as well', async () => {
      const { leads, told } = await boot();
      expect(await run(() => leads.putOddly('1', null))).toBeNull();
      expect(told).toEqual([
        { cache: 'lead.byId', error: expect.any(SyntaxError) },
        { cache: 'lead.byId', error: expect.any(TypeError) },
      ]);
    });

    it.each(['putUnless', 'putOddly'] as const)(
      'is not what %s has of a lead: the earlier entry of that goes',
      async (method) => {
        const { leads } = await boot();
        await run(() => leads[method]('1', { id: '1' }));
        expect(await leads.read('1')).toBe(1);
      },
    );
  });
});
