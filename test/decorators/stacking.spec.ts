import { Cacheable, CacheEvict, CachePut } from 'nestjs-redis-cache';
import { lastValueFrom, Observable, of } from 'rxjs';
import { CacheApps, TIERS } from '../support/cache-apps.js';

interface Lead {
  id: string;
  phone: string;
}

class LeadService {
  readonly ran: string[] = [];

  @Cacheable('lead.byId')
  async byId(id: string): Promise<string> {
    return id;
  }

  @Cacheable('lead.byPhone')
  async byPhone(phone: string): Promise<string> {
    return phone;
  }

  @Cacheable('lead.count')
  async count(): Promise<number> {
    return 1;
  }

  @CacheEvict('lead.byId', { key: (lead: Lead) => lead.id })
  @CacheEvict('lead.byPhone', { key: (lead: Lead) => lead.phone })
  @CacheEvict('lead.count', { key: () => [] })
  async remove(lead: Lead): Promise<string> {
    this.ran.push('remove');
    if (lead.id === 'unknown') throw new Error('unknown');
    return `removed ${lead.id}`;
  }

  @CacheEvict('lead.byId', { key: (lead: Lead) => lead.id })
  @CacheEvict('lead.byPhone', { resultKey: (phone: string) => phone })
  removeRx(lead: Lead): Observable<string> {
    this.ran.push('removeRx');
    return of('first', lead.phone);
  }

  @CachePut('lead.byId', { key: (lead: Lead) => lead.id })
  @CacheEvict('lead.count', { key: () => [] })
  async putAbove(lead: Lead): Promise<string> {
    this.ran.push('putAbove');
    return `put ${lead.id}`;
  }

  @CacheEvict('lead.count', { key: () => [] })
  @CachePut('lead.byId', { key: (lead: Lead) => lead.id })
  async putBelow(lead: Lead): Promise<string> {
    this.ran.push('putBelow');
    return `put ${lead.id}`;
  }

  @CachePut('lead.byId', { key: (lead: Lead) => lead.id })
  @CachePut('lead.byPhone', { key: (lead: Lead) => lead.phone })
  async putTwice(lead: Lead): Promise<string> {
    this.ran.push('putTwice');
    return `put ${lead.id}`;
  }

  @CacheEvict('lead.count', { key: () => [] })
  @Cacheable('lead.found')
  async evictAbove(id: string): Promise<string> {
    this.ran.push('evictAbove');
    return id;
  }

  @Cacheable('lead.found')
  @CacheEvict('lead.count', { key: () => [] })
  async evictBelow(id: string): Promise<string> {
    this.ran.push('evictBelow');
    return id;
  }

  @Cacheable('lead.self')
  @CacheEvict('lead.self')
  async evictsItself(id: string): Promise<string> {
    this.ran.push('evictsItself');
    return id;
  }
}

const ADA: Lead = { id: '1', phone: '+1' };

describe.each(TIERS)('several caching decorators on one method, in %s', (tier) => {
  const apps = new CacheApps();

  async function boot() {
    const app = await apps.boot({
      tier,
      providers: [LeadService],
      cache: { defaults: { scope: 'global' } },
    });
    const leads = app.get(LeadService);
    await Promise.all([leads.byId('1'), leads.byPhone('+1'), leads.count()]);
    const cached = async () => {
      const entries = [
        ['byId', 'lead.byId', '1'],
        ['byPhone', 'lead.byPhone', '+1'],
        ['count', 'lead.count', []],
      ] as const;
      const found = await Promise.all(
        entries.map(async ([name, cache, key]) =>
          (await app.caches.cache(cache).exists(key)) ? name : undefined,
        ),
      );
      return found.filter(Boolean);
    };
    return { app, leads, cached };
  }

  it('evict all their entries, and run the method once', async () => {
    const { leads, cached } = await boot();
    expect(await cached()).toEqual(['byId', 'byPhone', 'count']);
    expect(await leads.remove(ADA)).toBe('removed 1');
    expect(await cached()).toEqual([]);
    expect(leads.ran).toEqual(['remove']);
  });

  it('evict nothing where the method fails', async () => {
    const { leads, cached } = await boot();
    await expect(leads.remove({ id: 'unknown', phone: '+1' })).rejects.toThrow(
      new Error('unknown'),
    );
    expect(await cached()).toEqual(['byId', 'byPhone', 'count']);
  });

  it('work on a method that returns an Observable', async () => {
    const { leads, cached } = await boot();
    const removing = leads.removeRx(ADA);
    expect(removing).toBeInstanceOf(Observable);
    expect(await lastValueFrom(removing)).toBe('+1');
    expect(await cached()).toEqual(['count']);
    expect(leads.ran).toEqual(['removeRx']);
  });

  it.each(['putAbove', 'putBelow'] as const)('put and evict, as in %s', async (method) => {
    const { leads, cached } = await boot();
    expect(await leads[method](ADA)).toBe('put 1');
    expect(await cached()).toEqual(['byId', 'byPhone']);
    expect(await leads.byId('1')).toBe('put 1');
    expect(leads.ran).toEqual([method]);
  });

  it('put into two caches', async () => {
    const { leads } = await boot();
    await leads.putTwice(ADA);
    expect([await leads.byId('1'), await leads.byPhone('+1')]).toEqual(['put 1', 'put 1']);
    expect(leads.ran).toEqual(['putTwice']);
  });

  it('evict at every call where the eviction stands above @Cacheable', async () => {
    const { leads, cached } = await boot();
    await leads.evictAbove('1');
    await leads.count();
    await leads.evictAbove('1');
    expect(await cached()).toEqual(['byId', 'byPhone']);
    expect(leads.ran).toEqual(['evictAbove']);
  });

  it('evict on a miss only where the eviction stands below @Cacheable', async () => {
    const { leads, cached } = await boot();
    await leads.evictBelow('1');
    expect(await cached()).toEqual(['byId', 'byPhone']);
    await leads.count();
    await leads.evictBelow('1');
    expect(await cached()).toEqual(['byId', 'byPhone', 'count']);
    expect(leads.ran).toEqual(['evictBelow']);
  });

  it('store nothing where a method evicts the very entry it loads', async () => {
    const { leads } = await boot();
    expect([await leads.evictsItself('1'), await leads.evictsItself('1')]).toEqual(['1', '1']);
    expect(leads.ran).toEqual(['evictsItself', 'evictsItself']);
  });
});
